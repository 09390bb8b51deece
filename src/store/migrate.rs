//! Bringing a database up to date, whoever else does so at the same moment.

use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use super::catalog;
use super::connect::Database;
use super::connection::{Connection, Running, immediate};
use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::options::Options;
use super::pooler::FORGET_STATEMENTS;

/// How long all of it may take, waiting for other servers included.
const LIMIT: Duration = Duration::from_mins(5);

/// How often a server looks whether another one that migrates an SQLite file is done.
const AGAIN: Duration = Duration::from_millis(50);

/// Makes what is missing, and gives an empty database its first classes: in one transaction, one server after the other.
pub(super) async fn up(database: &Database, options: &Options) -> Result<(), Error> {
    let work = async {
        loop {
            match once(database, options).await {
                // Another process holds the file.
                Err(error) if error.code().as_deref() == Some("5") => tokio::time::sleep(AGAIN).await,
                done => return done,
            }
        }
    };
    tokio::time::timeout(LIMIT, work).await.map_err(|_cause| Error::TooSlow)?
}

async fn once(database: &Database, options: &Options) -> Result<(), Error> {
    let pooled = matches!(database.connection, Connection::Pooled(_));
    let transaction = database.connection.for_migrations().begin_with_options(immediate()).await?;
    if database.dialect == Dialect::Postgres {
        // The others wait for as long as it takes.
        transaction.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0").await?;
        let lock = format!("SELECT pg_advisory_xact_lock({})", super::MIGRATION_LOCK);
        transaction.execute_unprepared(&lock).await?;
    }
    if pooled {
        transaction.execute_unprepared(FORGET_STATEMENTS).await?;
    }
    Migrator::up(&transaction, None).await?;
    let running = Running::Orm(transaction);
    let executor = Executor::transaction(&running, database.dialect, LIMIT);
    catalog::begin(executor, options.class_defaults).await?;
    if pooled {
        executor.define(FORGET_STATEMENTS).await?;
    }
    running.commit().await
}
