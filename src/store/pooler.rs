//! Connections that a pooler lends for one transaction each, such as `PgBouncer` in transaction mode does.
//!
//! What is set for a session, or prepared in it, would meet somebody else, or nobody. So everything that concerns more than one message
//! happens in a transaction, reading included: the driver sends a statement with parameters as two messages. Time limits are set for the
//! transaction, and statements have no names. Futures are boxed, so that who needs no pooler does not carry the room for them.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{QueryResult, Statement};
use sqlx::postgres::{PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tokio::sync::Mutex;

use super::connect;
use super::error::Error;
use super::options::Options;
use super::run::{self, Prepared};

/// Removes what the migrations prepared, or others like them who were cut off. They are the only ones who prepare statements by name, on
/// a connection of the pooler that others get after them.
pub(super) const FORGET_STATEMENTS: &str = r"DO $$
DECLARE prepared text;
BEGIN
    FOR prepared IN SELECT name FROM pg_prepared_statements WHERE name LIKE 'sqlx\_s\_%' LOOP
        EXECUTE format('DEALLOCATE %I', prepared);
    END LOOP;
END
$$";

/// How many connections are lent at once is the pooler's decision; this is the pool of connections to it.
#[derive(Debug)]
pub(super) struct Pooler {
    pool: PgPool,
    /// Begins a transaction with its time limits.
    begin: String,
}

/// A transaction on a connection that is lent until it ends.
#[derive(Debug)]
pub(super) struct Lent(Mutex<Transaction<'static, Postgres>>);

impl Pooler {
    pub(super) fn new(pool: PgPool, options: &Options) -> Self {
        let begin = format!(
            "BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
        );
        Self { pool, begin }
    }

    /// The connections to the pooler.
    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn begin(&self) -> BoxFuture<'_, Result<Lent, Error>> {
        // It is made of numbers.
        let begin = AssertSqlSafe(self.begin.clone());
        async { Ok(Lent(Mutex::new(self.pool.begin_with(begin).await.map_err(connect::failed)?))) }.boxed()
    }
}

impl Lent {
    pub(super) fn rows(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<QueryResult>, Error>> {
        async { run::rows(&mut *self.0.lock().await, statement, Prepared::Once).await }.boxed()
    }

    pub(super) fn execute(&self, statement: Statement) -> BoxFuture<'_, Result<u64, Error>> {
        async { run::execute(&mut *self.0.lock().await, statement, Prepared::Once).await }.boxed()
    }

    pub(super) fn define<'a>(&'a self, script: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        async { run::define(&mut *self.0.lock().await, script).await }.boxed()
    }

    pub(super) fn commit(self) -> BoxFuture<'static, Result<(), Error>> {
        async { Ok(self.0.into_inner().commit().await?) }.boxed()
    }
}
