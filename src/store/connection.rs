//! A database's connections, straight or through a pooler, and transactions on them.

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, QueryResult, SqliteTransactionMode, SqlxPostgresConnector, Statement,
    TransactionOptions, TransactionTrait as _,
};

use super::connect::Pool;
use super::error::Error;
use super::pooler::{Lent, Pooler};

/// The connections to a database.
pub(super) enum Connection {
    /// They are this server's alone.
    Own(Pool),
    /// They are lent by a pooler.
    Pooled(Pooler),
}

/// A transaction. It is rolled back unless it is committed.
pub(super) enum Running {
    Own(DatabaseTransaction),
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
            Self::Own(pool) => Ok(Running::Own(pool.begin_with_options(immediate()).await?)),
            Self::Pooled(pooler) => Ok(Running::Lent(pooler.begin().await?)),
        }
    }

    /// The connections for whoever cleans up after himself, see [`FORGET_STATEMENTS`](super::pooler::FORGET_STATEMENTS).
    pub(super) fn for_migrations(&self) -> Pool {
        match self {
            Self::Own(pool) => pool.clone(),
            Self::Pooled(pooler) => SqlxPostgresConnector::from_sqlx_postgres_pool(pooler.pool().clone()),
        }
    }

    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        match self {
            Self::Own(pool) => Ok(pool.query_all_raw(statement).await?),
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
            Self::Own(pool) => Ok(pool.execute_raw(statement).await?.rows_affected()),
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
            Self::Own(pool) => {
                pool.execute_unprepared(script).await?;
                Ok(())
            }
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
            Self::Own(transaction) => Ok(transaction.query_all_raw(statement).await?),
            Self::Lent(lent) => lent.rows(statement).await,
        }
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        match self {
            Self::Own(transaction) => Ok(transaction.execute_raw(statement).await?.rows_affected()),
            Self::Lent(lent) => lent.execute(statement).await,
        }
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        match self {
            Self::Own(transaction) => {
                transaction.execute_unprepared(script).await?;
                Ok(())
            }
            Self::Lent(lent) => lent.define(script).await,
        }
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Own(transaction) => Ok(transaction.commit().await?),
            Self::Lent(lent) => lent.commit().await,
        }
    }
}
