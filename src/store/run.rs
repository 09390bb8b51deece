//! Running a statement on one certain connection to PostgreSQL.
//!
//! Everything here answers a boxed future: the driver's own are large, and whoever waits for them would carry the room for
//! them along.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{QueryResult, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

use super::error::Error;

/// Whether the connection keeps what it has prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prepared {
    /// For the next time.
    Kept,
    /// For this time: the next one may have another connection.
    Once,
}

impl Prepared {
    const fn is_kept(self) -> bool {
        matches!(self, Self::Kept)
    }
}

/// All rows that a statement returns.
pub(super) fn rows(
    connection: &mut PgConnection,
    statement: Statement,
    prepared: Prepared,
) -> BoxFuture<'_, Result<Vec<QueryResult>, Error>> {
    let Statement { sql, values, .. } = statement;
    let query = sqlx::query_with(AssertSqlSafe(sql), parameters(values)).persistent(prepared.is_kept());
    async { Ok(query.fetch_all(connection).await?.into_iter().map(QueryResult::from).collect()) }.boxed()
}

/// How many rows a statement changes.
pub(super) fn execute(
    connection: &mut PgConnection,
    statement: Statement,
    prepared: Prepared,
) -> BoxFuture<'_, Result<u64, Error>> {
    let Statement { sql, values, .. } = statement;
    let query = sqlx::query_with(AssertSqlSafe(sql), parameters(values)).persistent(prepared.is_kept());
    async { Ok(query.execute(connection).await?.rows_affected()) }.boxed()
}

/// Changes tables.
pub(super) fn define<'c>(connection: &'c mut PgConnection, script: &str) -> BoxFuture<'c, Result<(), Error>> {
    let script = AssertSqlSafe(script.to_owned());
    async { Ok(connection.execute(script).await.map(|_| ())?) }.boxed()
}

fn parameters(values: Option<Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or_else(|| Values(Vec::new())))
}
