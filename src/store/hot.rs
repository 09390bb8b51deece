//! Connections to PostgreSQL that stay at hand between statements.
//!
//! The driver's pool asks the database about each connection that is given back, in a task of its own: another round trip
//! for each statement, and many statements take no longer than that. What has just answered in full needs no such
//! question, so it is kept in front of the pool for whoever comes next. What was cut off in the middle or has failed comes
//! there as well, once it has ended that; what has rested, and what has been in use for long, goes back to the pool.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{QueryResult, Statement};
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::{self, FAREWELL, IDLE};
use super::error::Error;
use super::options::Options;
use super::run::{self, Prepared};

/// For how long a connection is used before the pool sees it again, which replaces those that are old.
const SHIFT: Duration = Duration::from_mins(1);

/// The pool, and the connections in front of it.
pub(super) struct Hot {
    pool: PgPool,
    /// Who wants a connection queues here, in the order of coming.
    turns: Arc<Semaphore>,
    /// How long somebody waits for a connection.
    patience: Duration,
    at_hand: Arc<AtHand>,
}

/// Connections that nobody uses at the moment; the one that was used last is taken first.
#[derive(Default)]
struct AtHand(Mutex<Vec<Kept>>);

struct Kept {
    connection: PoolConnection<Postgres>,
    /// When it came from the pool.
    since: Instant,
    /// When it was used last.
    used: Instant,
}

/// A connection in use. It stays at hand afterwards, and its turn ends when it does.
struct Held {
    connection: Option<PoolConnection<Postgres>>,
    since: Instant,
    /// True while something was asked that is not answered in full.
    is_busy: bool,
    /// True from before a transaction begins until it is committed.
    is_begun: bool,
    at_hand: Arc<AtHand>,
    turn: Option<OwnedSemaphorePermit>,
}

/// A transaction. It is rolled back unless it is committed.
pub(super) struct Begun(tokio::sync::Mutex<Held>);

impl Hot {
    pub(super) fn new(pool: PgPool, options: &Options) -> Self {
        let connections = usize::try_from(options.max_connections).unwrap_or(Semaphore::MAX_PERMITS);
        let turns = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        Self { pool, turns, patience: options.connect_timeout, at_hand: Arc::default() }
    }

    /// The driver's pool.
    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Gives what has rested back to the pool, which closes what nobody needs.
    pub(super) fn rest(&self) {
        self.at_hand.lock(|kept| kept.retain(|kept| kept.used.elapsed() < IDLE));
    }

    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        self.acquire().await?.rows(statement).await
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        self.acquire().await?.execute(statement).await
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        self.acquire().await?.define(script).await
    }

    pub(super) async fn begin(&self) -> Result<Begun, Error> {
        let mut held = self.acquire().await?;
        // Before it begins: whoever gives up meanwhile leaves no open transaction to others.
        held.is_begun = true;
        held.define("BEGIN").await?;
        Ok(Begun(tokio::sync::Mutex::new(held)))
    }

    /// Boxed, as what the driver's pool does is large and rare.
    fn acquire(&self) -> BoxFuture<'_, Result<Held, Error>> {
        let acquired = tokio::time::timeout(self.patience, async {
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            let turn = turn.map_err(|_cause| Error::unexpected("a closed queue"))?;
            let (connection, since) = self.connection().await?;
            Ok(Held::new(connection, since, &self.at_hand, Some(turn)))
        });
        acquired.map(|acquired| acquired.map_err(|_elapsed| Error::Unreachable)?).boxed()
    }

    /// A connection that works, and since when it is in use.
    async fn connection(&self) -> Result<(PoolConnection<Postgres>, Instant), Error> {
        while let Some(mut kept) = self.at_hand.lock(Vec::pop) {
            if kept.used.elapsed() < IDLE || kept.connection.ping().await.is_ok() {
                return Ok((kept.connection, kept.since));
            }
        }
        Ok((self.pool.acquire().await.map_err(connect::failed)?, Instant::now()))
    }
}

impl AtHand {
    fn lock<T>(&self, work: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    fn new(
        connection: PoolConnection<Postgres>,
        since: Instant,
        at_hand: &Arc<AtHand>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let at_hand = Arc::clone(at_hand);
        Self { connection: Some(connection), since, is_busy: false, is_begun: false, at_hand, turn }
    }

    /// The connection, to ask something. Whoever has got all of the answer says so.
    fn ask(&mut self) -> Result<&mut PgConnection, Error> {
        self.is_busy = true;
        self.connection.as_deref_mut().ok_or_else(|| Error::unexpected("a connection that was given back"))
    }

    async fn rows(&mut self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        let rows = run::rows(self.ask()?, statement, Prepared::Kept).await?;
        self.is_busy = false;
        Ok(rows)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        let changed = run::execute(self.ask()?, statement, Prepared::Kept).await?;
        self.is_busy = false;
        Ok(changed)
    }

    async fn define(&mut self, script: &str) -> Result<(), Error> {
        run::define(self.ask()?, script).await?;
        self.is_busy = false;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if self.is_busy || self.is_begun {
            let held = (self.since, Arc::clone(&self.at_hand), self.turn.take());
            let is_begun = self.is_begun;
            tokio::spawn(async move {
                // What does not end is given up: otherwise it would keep its place until the network finds out that the
                // other end is gone.
                match tokio::time::timeout(FAREWELL, end(&mut connection, is_begun)).await {
                    Ok(Ok(())) => drop(Self::new(connection, held.0, &held.1, held.2)),
                    Ok(Err(_)) | Err(_) => drop(connection.detach()),
                }
            });
        } else if self.since.elapsed() < SHIFT {
            let kept = Kept { connection, since: self.since, used: Instant::now() };
            self.at_hand.lock(|all| all.push(kept));
        }
    }
}

/// Waits until a connection has answered everything, and rolls back what was begun.
async fn end(connection: &mut PgConnection, is_begun: bool) -> Result<(), Error> {
    if is_begun { run::define(connection, "ROLLBACK").await } else { Ok(connection.ping().await?) }
}

impl Begun {
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        self.0.lock().await.rows(statement).await
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        self.0.lock().await.execute(statement).await
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        self.0.lock().await.define(script).await
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        let mut held = self.0.into_inner();
        held.define("COMMIT").await?;
        held.is_begun = false;
        Ok(())
    }
}
