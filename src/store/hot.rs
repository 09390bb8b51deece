//! Connections to PostgreSQL that stay at hand between statements.
//!
//! The driver's pool asks the database about each connection that is given back, in a task of its own: another round trip
//! for each statement, and many statements take no longer than that. What has just answered in full needs no such
//! question, so it is kept in front of the pool for whoever comes next. Everything else goes the driver's way: what was
//! cut off in the middle, what failed, what has rested, and what has been in use for long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::{QueryResult, Statement};
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use tokio::sync::{MutexGuard, OwnedSemaphorePermit, Semaphore};

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

/// A connection in use. It stays at hand afterwards if it has answered everything.
struct Held {
    connection: Option<PoolConnection<Postgres>>,
    since: Instant,
    /// True while something was asked that is not answered in full.
    is_busy: bool,
    at_hand: Arc<AtHand>,
    _turn: OwnedSemaphorePermit,
}

/// A transaction. It is rolled back unless it is committed.
pub(super) struct Begun(Option<tokio::sync::Mutex<Held>>);

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
        // It is one before it begins: whoever gives up meanwhile leaves no open transaction to others.
        let begun = Begun(Some(tokio::sync::Mutex::new(self.acquire().await?)));
        begun.define("BEGIN").await?;
        Ok(begun)
    }

    /// Boxed, as what the driver's pool does is large and rare.
    fn acquire(&self) -> BoxFuture<'_, Result<Held, Error>> {
        let acquired = tokio::time::timeout(self.patience, async {
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            let turn = turn.map_err(|_cause| Error::unexpected("a closed queue"))?;
            let (connection, since) = self.connection().await?;
            let at_hand = Arc::clone(&self.at_hand);
            Ok(Held { connection: Some(connection), since, is_busy: false, at_hand, _turn: turn })
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
        let Some(connection) = self.connection.take() else { return };
        if !self.is_busy && self.since.elapsed() < SHIFT {
            let kept = Kept { connection, since: self.since, used: Instant::now() };
            self.at_hand.lock(|all| all.push(kept));
        }
    }
}

impl Begun {
    async fn held(&self) -> Result<MutexGuard<'_, Held>, Error> {
        let held = self.0.as_ref().ok_or_else(|| Error::unexpected("a transaction that has ended"))?;
        Ok(held.lock().await)
    }

    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        run::rows(self.held().await?.ask()?, statement, Prepared::Kept).await
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, Error> {
        run::execute(self.held().await?.ask()?, statement, Prepared::Kept).await
    }

    pub(super) async fn define(&self, script: &str) -> Result<(), Error> {
        run::define(self.held().await?.ask()?, script).await
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        self.held().await?.define("COMMIT").await
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(mut held) = self.0.take().map(tokio::sync::Mutex::into_inner) else { return };
        if !held.is_busy {
            return;
        }
        tokio::spawn(async move {
            // First it ends what it was doing. What does not end is given up: otherwise it would keep its place until the
            // network finds out that the other end is gone.
            let rolled_back = tokio::time::timeout(FAREWELL, held.define("ROLLBACK")).await;
            if !matches!(rolled_back, Ok(Ok(())))
                && let Some(connection) = held.connection.take()
            {
                drop(connection.detach());
            }
        });
    }
}
