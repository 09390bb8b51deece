//! Either database, and rows of either driver.

use std::str::FromStr as _;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use crate::Result;

/// A statement in the words of either database.
pub(super) struct Statement {
    pub(super) postgres: &'static str,
    pub(super) sqlite: &'static str,
}

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parameter<'a> {
    Text(&'a str),
    Number(f64),
    Integer(i64),
    Boolean(bool),
    /// An instant, in milliseconds.
    Instant(i64),
}

/// Pools of connections: SQLite has one writer.
pub(super) enum Database {
    Postgres(PgPool),
    Sqlite { readers: SqlitePool, writer: SqlitePool },
}

/// A row of either driver.
pub(super) enum Row {
    Postgres(PgRow),
    Sqlite(SqliteRow),
}

/// How many connections to PostgreSQL there are, as Portcullis has by default.
const CONNECTIONS: u32 = 16;

/// How many rows SQLite's threads run ahead, as in Portcullis.
const ROWS_AHEAD: usize = 1000;

macro_rules! bound {
    ($query:expr, $parameters:expr, $instant:expr) => {{
        let mut query = $query;
        for parameter in $parameters {
            query = match *parameter {
                Parameter::Text(text) => query.bind(text),
                Parameter::Number(number) => query.bind(number),
                Parameter::Integer(integer) => query.bind(integer),
                Parameter::Boolean(flag) => query.bind(flag),
                Parameter::Instant(millis) => query.bind($instant(millis)),
            };
        }
        query
    }};
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres") {
            // As Portcullis has it. Otherwise PostgreSQL would go by indexes that are Portcullis's own, which are slow for a count.
            let options = PgConnectOptions::from_str(url)?.options([("random_page_cost", "1.1")]);
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
            return Ok(Self::Postgres(pool.connect_with(options).await?));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            // As Portcullis has it: what has been acknowledged survives a power failure.
            .synchronous(SqliteSynchronous::Full)
            .row_buffer_size(ROWS_AHEAD);
        // As many as Portcullis opens.
        let connections = std::thread::available_parallelism().map_or(4, |cores| cores.get() as u32 * 2).max(4);
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
        Ok(Self::Sqlite {
            writer: pool(1).connect_with(options.clone()).await?,
            readers: pool(connections).connect_with(options).await?,
        })
    }

    /// All rows of a statement.
    pub(super) async fn rows(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Vec<Row>> {
        match self {
            Self::Postgres(pool) => {
                let rows = bound!(sqlx::query(statement.postgres), parameters, instant).fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
            Self::Sqlite { readers, .. } => {
                let rows =
                    bound!(sqlx::query(statement.sqlite), parameters, |millis: i64| millis).fetch_all(readers).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
        }
    }

    /// Runs statements that write, in one transaction if there are several.
    pub(super) async fn write(&self, statements: &[(&Statement, &[Parameter<'_>])]) -> Result<()> {
        match (self, statements) {
            (Self::Postgres(pool), [(statement, parameters)]) => {
                bound!(sqlx::query(statement.postgres), *parameters, instant).execute(pool).await?;
            }
            (Self::Postgres(pool), _) => {
                let mut transaction = pool.begin().await?;
                for (statement, parameters) in statements {
                    bound!(sqlx::query(statement.postgres), *parameters, instant).execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
            }
            (Self::Sqlite { writer, .. }, [(statement, parameters)]) => {
                bound!(sqlx::query(statement.sqlite), *parameters, |millis: i64| millis).execute(writer).await?;
            }
            (Self::Sqlite { writer, .. }, _) => {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                for (statement, parameters) in statements {
                    bound!(sqlx::query(statement.sqlite), *parameters, |millis: i64| millis)
                        .execute(&mut *transaction)
                        .await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

impl Row {
    pub(super) fn text(&self, at: usize) -> Result<&str> {
        Ok(match self {
            Self::Postgres(row) => row.try_get_unchecked(at)?,
            Self::Sqlite(row) => row.try_get_unchecked(at)?,
        })
    }

    pub(super) fn number(&self, at: usize) -> Result<f64> {
        Ok(match self {
            Self::Postgres(row) => row.try_get_unchecked(at)?,
            Self::Sqlite(row) => row.try_get_unchecked(at)?,
        })
    }

    pub(super) fn integer(&self, at: usize) -> Result<i64> {
        Ok(match self {
            Self::Postgres(row) => row.try_get_unchecked(at)?,
            Self::Sqlite(row) => row.try_get_unchecked(at)?,
        })
    }

    pub(super) fn boolean(&self, at: usize) -> Result<bool> {
        Ok(match self {
            Self::Postgres(row) => row.try_get_unchecked(at)?,
            Self::Sqlite(row) => row.try_get_unchecked(at)?,
        })
    }

    /// Milliseconds.
    pub(super) fn instant(&self, at: usize) -> Result<i64> {
        Ok(match self {
            Self::Postgres(row) => row.try_get_unchecked::<DateTime<Utc>, _>(at)?.timestamp_millis(),
            Self::Sqlite(row) => row.try_get_unchecked(at)?,
        })
    }
}
