//! Reading from replicas, where clients ask for it.
//!
//! A replica shows the database as it was a moment ago: also the lists of who may read a row, which may have been shortened since. Asking
//! the primary about each row that a replica found would not do, because counts, orders and sub-queries depend on rows that are
//! not in the answer. So a replica is read only if it has all that must be in force: what the primary had at most
//! [`Options::max_staleness`] ago, and everything that this server has committed. The primary is asked for its position in the write-ahead
//! log together with the version of the classes; the replica for its own right before the statement, on the same connection. What a
//! replica has replayed it does not lose again as long as the connection lasts.
//!
//! Who is asking, and which classes there are, is read from the primary only. If no replica is far enough, or one fails, the primary
//! is read.
//!
//! **Invariant:** a row that a replica shows was readable on the primary at most [`Options::max_staleness`] ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{QueryResult, Statement};
use sqlx::postgres::PgPool;
use tokio::time::timeout;

use super::Shared;
use super::connect;
use super::dialect::Dialect;
use super::error::Error;
use super::options::{Options, Pooling};
use super::pooler::Pooler;
use super::rows::Raw;
use super::run::{self, Prepared};
use super::sql::Sql;

/// How long a replica may take to say how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a replica that failed is left alone, in milliseconds.
const REST_MILLIS: u64 = 5_000;

/// Where a database is in its write-ahead log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// In bytes.
    pub(super) written: i64,
    /// Which database it is, in which cluster: replicas of it have the same.
    pub(super) identity: String,
}

/// The identity of a [`Position`], as SQL.
pub(super) const IDENTITY: &str = r#"(SELECT "c"."system_identifier"::text || '/' || "d"."oid"::text FROM pg_control_system() AS "c", pg_database AS "d" WHERE "d"."datname" = current_database())"#;

/// The replicas of a database.
pub(super) struct Replicas {
    all: Vec<Replica>,
    start: Instant,
    turn: AtomicUsize,
}

struct Replica {
    connections: Connections,
    /// Until when it is left alone, in milliseconds since the start.
    rests_until: AtomicU64,
}

enum Connections {
    Own(PgPool),
    Pooled(Pooler),
}

impl Replicas {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let mut all = Vec::new();
        for pool in connect::replicas(options)? {
            let connections = match options.pooling {
                Pooling::None => Connections::Own(pool),
                Pooling::Transaction => Connections::Pooled(Pooler::new(pool, options)),
            };
            all.push(Replica { connections, rests_until: AtomicU64::new(0) });
        }
        Ok(Self { all, start: Instant::now(), turn: AtomicUsize::new(0) })
    }

    /// True if there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The next one whose turn it is and that does not rest, with its number.
    fn next(&self) -> Option<(usize, &Replica)> {
        let now = self.millis();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..self.all.len()).map(|step| turn.wrapping_add(step) % self.all.len());
        let mut awake = in_turn.filter_map(|number| Some((number, self.all.get(number)?)));
        awake.find(|(_, replica)| replica.rests_until.load(Ordering::Relaxed) <= now)
    }
}

impl Shared {
    /// What a replica answers, or nothing if none of them can be asked.
    ///
    /// Boxed, so that who never asks for a replica does not carry the room for it.
    pub(super) fn rows_of_a_replica(&self, statement: Statement) -> BoxFuture<'_, Option<Vec<QueryResult>>> {
        self.ask_a_replica(statement).boxed()
    }

    async fn ask_a_replica(&self, statement: Statement) -> Option<Vec<QueryResult>> {
        let (number, replica) = self.replicas.next()?;
        // Without it, the primary is out of reach as well.
        let position = self.position().await.ok()?;
        match timeout(self.limit, replica.rows(&position, statement)).await.unwrap_or(Err(Error::TooSlow)) {
            Ok(rows) => rows,
            Err(error) => {
                if error.is_of_connection() {
                    let rests_until = self.replicas.millis().saturating_add(REST_MILLIS);
                    replica.rests_until.store(rests_until, Ordering::Relaxed);
                    tracing::warn!(replica = number, %error, "store.replica: a replica does not answer");
                }
                None
            }
        }
    }
}

impl Replica {
    /// What a statement returns, or nothing if the replica is behind.
    async fn rows(&self, position: &Arc<Position>, statement: Statement) -> Result<Option<Vec<QueryResult>>, Error> {
        match &self.connections {
            Connections::Own(pool) => {
                let reached = async {
                    let mut connection = pool.acquire().await?;
                    let answer = run::rows(&mut connection, has_reached(position), Prepared::Kept).await?;
                    Ok::<_, Error>(is_true(&answer)?.then_some(connection))
                };
                let reached = timeout(PATIENCE, reached).await.map_err(|_cause| Error::Unreachable)??;
                let Some(mut connection) = reached else { return Ok(None) };
                run::rows(&mut connection, statement, Prepared::Kept).await.map(Some)
            }
            Connections::Pooled(pooler) => {
                // One transaction is one connection.
                let reached = async {
                    let lent = pooler.begin().await?;
                    let answer = lent.rows(has_reached(position)).await?;
                    Ok::<_, Error>(is_true(&answer)?.then_some(lent))
                };
                let reached = timeout(PATIENCE, reached).await.map_err(|_cause| Error::Unreachable)??;
                let Some(lent) = reached else { return Ok(None) };
                let rows = lent.rows(statement).await?;
                lent.commit().await?;
                Ok(Some(rows))
            }
        }
    }
}

/// Asks whether this is a replica of the same database that has replayed everything up to a position. A server that was
/// promoted has a history of its own.
fn has_reached(position: &Position) -> Statement {
    let reached = r"SELECT pg_is_in_recovery() AND pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') >= ";
    let mut sql = Sql::from(Dialect::Postgres, reached);
    sql.integer(position.written).push(" AND ").push(IDENTITY).push(" = ").text(position.identity.as_str());
    sql.into_statement()
}

fn is_true(answer: &[QueryResult]) -> Result<bool, Error> {
    let row = answer.first().ok_or_else(|| Error::unexpected("a replica that does not say where it is"))?;
    Ok(Raw::new(row)?.boolean(0)?.unwrap_or_default())
}
