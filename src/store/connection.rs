//! A database's connections, and transactions on them.

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, QueryResult, SqliteTransactionMode, SqlxPostgresConnector, Statement,
    TransactionOptions, TransactionTrait as _,
};

use super::connect::Pool;
use super::error::Error;
use super::hot::{Begun, Hot};
use super::pooler::{Lent, Pooler};

/// The connections to a database.
pub(super) enum Connection {
    /// To a file.
    Sqlite(Pool),
    /// To PostgreSQL, and this server's alone.
    Postgres(Hot),
    /// They are lent by a pooler.
    Pooled(Pooler),
}

/// A transaction. It is rolled back unless it is committed.
pub(super) enum Running {
    /// On SQLite, or of a migration.
    Orm(DatabaseTransaction),
    /// On a connection to PostgreSQL.
    Postgres(Begun),
    /// On one that is lent by a pooler.
    Lent(Lent),
}

/// A transaction of SQLite that writes says so at once: otherwise it could find out too late that another one writes.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

impl Connection {
    pub(super) async fn begin(&self) -> Result<Running, Error> {
        match self {
            Self::Sqlite(pool) => Ok(Running::Orm(pool.begin_with_options(immediate()).await?)),
            Self::Postgres(hot) => Ok(Running::Postgres(hot.begin().await?)),
            Self::Pooled(pooler) => Ok(Running::Lent(pooler.begin().await?)),
        }
    }

    /// The connections for whoever cleans up after himself, see [`FORGET_STATEMENTS`](super::pooler::FORGET_STATEMENTS).
    pub(super) fn for_migrations(&self) -> Pool {
        match self {
            Self::Sqlite(pool) => pool.clone(),
            Self::Postgres(hot) => SqlxPostgresConnector::from_sqlx_postgres_pool(hot.pool().clone()),
            Self::Pooled(pooler) => SqlxPostgresConnector::from_sqlx_postgres_pool(pooler.pool().clone()),
        }
    }

    /// Gives back what nobody has used for a while.
    pub(super) fn rest(&self) {
        if let Self::Postgres(hot) = self {
            hot.rest();
        }
    }

    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        match self {
            Self::Sqlite(pool) => Ok(pool.query_all_raw(statement).await?),
            Self::Postgres(hot) => hot.rows(statement).await,
            Self::Pooled(pooler) => {
                // In a box, so that whoever needs no pooler does not carry it along.
                Box::pin(async {
                    let lent = pooler.begin().await?;
                    let rows = lent.rows(statement).await?;
                    lent.commit().await?;
                    Ok(rows)
                })
                .await
            }
        }
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        match self {
            Self::Sqlite(pool) => Ok(pool.execute_raw(statement).await?.rows_affected()),
            Self::Postgres(hot) => hot.execute(statement).await,
            Self::Pooled(pooler) => {
                Box::pin(async {
                    let lent = pooler.begin().await?;
                    let changed = lent.execute(statement).await?;
                    lent.commit().await?;
                    Ok(changed)
                })
                .await
            }
        }
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(pool) => {
                pool.execute_unprepared(script).await?;
                Ok(())
            }
            Self::Postgres(hot) => hot.define(script).await,
            Self::Pooled(pooler) => {
                Box::pin(async {
                    let lent = pooler.begin().await?;
                    lent.define(script).await?;
                    lent.commit().await
                })
                .await
            }
        }
    }
}

impl Running {
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        match self {
            Self::Orm(transaction) => Ok(transaction.query_all_raw(statement).await?),
            Self::Postgres(begun) => begun.rows(statement).await,
            Self::Lent(lent) => lent.rows(statement).await,
        }
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        match self {
            Self::Orm(transaction) => Ok(transaction.execute_raw(statement).await?.rows_affected()),
            Self::Postgres(begun) => begun.execute(statement).await,
            Self::Lent(lent) => lent.execute(statement).await,
        }
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        match self {
            Self::Orm(transaction) => {
                transaction.execute_unprepared(script).await?;
                Ok(())
            }
            Self::Postgres(begun) => begun.define(script).await,
            Self::Lent(lent) => lent.define(script).await,
        }
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Orm(transaction) => Ok(transaction.commit().await?),
            Self::Postgres(begun) => begun.commit().await,
            Self::Lent(lent) => lent.commit().await,
        }
    }
}
