//! Running statements, on the pool or in a transaction, within a time limit.

use std::time::Duration;

use sea_orm::{QueryResult, Statement};

use super::connection::{Connection, Running};
use super::dialect::Dialect;
use super::error::Error;
use super::sql::Sql;

/// Where statements run.
#[derive(Clone, Copy)]
pub(super) struct Executor<'a> {
    on: On<'a>,
    dialect: Dialect,
    limit: Duration,
}

#[derive(Clone, Copy)]
enum On<'a> {
    Pool(&'a Connection),
    Transaction(&'a Running),
}

impl<'a> Executor<'a> {
    pub(super) const fn pool(connection: &'a Connection, dialect: Dialect, limit: Duration) -> Self {
        Self { on: On::Pool(connection), dialect, limit }
    }

    pub(super) const fn transaction(transaction: &'a Running, dialect: Dialect, limit: Duration) -> Self {
        Self { on: On::Transaction(transaction), dialect, limit }
    }

    pub(super) const fn dialect(self) -> Dialect {
        self.dialect
    }

    pub(super) const fn is_in_transaction(self) -> bool {
        matches!(self.on, On::Transaction(_))
    }

    /// All rows that a statement returns.
    pub(super) async fn rows(self, sql: Sql) -> Result<Vec<QueryResult>, Error> {
        let statement = told(sql);
        let rows = async {
            match self.on {
                On::Pool(pool) => pool.rows(statement).await,
                On::Transaction(transaction) => transaction.rows(statement).await,
            }
        };
        self.in_time(rows).await
    }

    /// The first row that a statement returns.
    pub(super) async fn row(self, sql: Sql) -> Result<Option<QueryResult>, Error> {
        Ok(self.rows(sql).await?.into_iter().next())
    }

    /// How many rows a statement changes.
    pub(super) async fn execute(self, sql: Sql) -> Result<u64, Error> {
        let statement = told(sql);
        let done = async {
            match self.on {
                On::Pool(pool) => pool.execute(statement).await,
                On::Transaction(transaction) => transaction.execute(statement).await,
            }
        };
        self.in_time(done).await
    }

    /// Changes tables.
    pub(super) async fn define(self, script: &str) -> Result<(), Error> {
        tracing::debug!(sql = script, "statement");
        let done = async {
            match self.on {
                On::Pool(pool) => pool.define(script).await,
                On::Transaction(transaction) => transaction.define(script).await,
            }
        };
        self.in_time(done).await
    }

    /// The database has time limits of its own; this one is for a database that does not answer at all, and for SQLite.
    async fn in_time<T>(self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::time::timeout(self.limit, work).await.map_err(|_cause| Error::TooSlow)?
    }
}

/// Tells whoever looks what is asked of the database. Values are no part of the text.
fn told(sql: Sql) -> Statement {
    let statement = sql.into_statement();
    tracing::debug!(sql = statement.sql, "statement");
    statement
}
