//! How old what the server knows of its database may be.
//!
//! Classes and their permissions are kept in memory, and whoever changes them may be another server. So the server keeps in
//! mind when it last asked the database for their version and knew the answer already. The task that follows asks
//! often enough that this was never long ago; a request then has to look at a clock and a number, and no more. If it was too
//! long ago, because the database or the way to it is slow or gone, requests ask themselves: one of
//! them, for all that wait. Without an answer they fail: nothing is ever decided by permissions that may have been withdrawn.
//!
//! **Invariant:** an answer counts from the moment in which the question was put, not from its arrival.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use futures::FutureExt as _;
use tokio::sync::{Mutex, MutexGuard};

use super::error::Error;
use super::replica::Position;
use super::{Shared, catalog};
use crate::class::Catalog;

/// How often the database is asked at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// What the server knows about its own knowledge.
#[derive(Debug)]
pub(super) struct Freshness {
    start: Instant,
    limit: Duration,
    /// The last moment in which the catalog that is in memory was the database's, in microseconds since the start.
    confirmed: AtomicU64,
    /// How often the database may have become another one, so that the same version need not mean the same classes.
    doubts: AtomicU64,
    /// How many of these doubts are settled.
    settled: AtomicU64,
    /// One asks at a time.
    asking: Mutex<()>,
    /// How often there was no answer.
    failures: AtomicU64,
    /// When this server last changed something, in microseconds since the start.
    written: AtomicU64,
    /// Where the database was, and since when that is known, for whoever reads from replicas.
    sample: ArcSwapOption<Sample>,
}

/// Where the database was when it was asked.
#[derive(Debug)]
struct Sample {
    /// In microseconds since the start.
    asked: u64,
    position: Arc<Position>,
}

impl Sample {
    /// The position, if it was asked for later than `after`.
    fn position_after(&self, after: u64) -> Option<Arc<Position>> {
        (self.asked > after).then(|| Arc::clone(&self.position))
    }
}

impl Freshness {
    /// The catalog was asked for at `asked`.
    pub(super) fn new(limit: Duration, asked: Instant) -> Self {
        Self {
            start: asked,
            limit,
            confirmed: AtomicU64::new(0),
            doubts: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            asking: Mutex::new(()),
            failures: AtomicU64::new(0),
            written: AtomicU64::new(0),
            sample: ArcSwapOption::empty(),
        }
    }

    /// How long the task that follows may rest, so that requests need not ask.
    pub(super) fn pause(&self) -> Duration {
        (self.limit / 2).max(SHORTEST_PAUSE)
    }

    /// From now on, the database may be another one.
    pub(super) fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
    }

    fn micros(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX)
    }

    /// True if what is known was true at most so long before `instant`.
    fn holds_at(&self, instant: Instant) -> bool {
        let age = self.micros(instant).saturating_sub(self.confirmed.load(Ordering::Acquire));
        Duration::from_micros(age) <= self.limit
    }

    /// What was committed up to now must be seen by whoever reads from now on.
    pub(super) fn note_write(&self) {
        self.written.fetch_max(self.micros(Instant::now()), Ordering::AcqRel);
    }

    /// When the database must have been asked for a position by which a request is answered that comes at `instant`.
    fn earliest(&self, instant: Instant) -> u64 {
        let limit = u64::try_from(self.limit.as_micros()).unwrap_or(u64::MAX);
        self.micros(instant).saturating_sub(limit).max(self.written.load(Ordering::Acquire))
    }

    fn position_after(&self, after: u64) -> Option<Arc<Position>> {
        self.sample.load().as_ref().and_then(|sample| sample.position_after(after))
    }

    fn confirm(&self, asked: Instant) {
        self.confirmed.fetch_max(self.micros(asked), Ordering::AcqRel);
    }
}

impl Shared {
    /// The classes, as they were at most so long ago as the server was told.
    pub(super) async fn current_catalog(&self) -> Result<Arc<Catalog>, Error> {
        let now = Instant::now();
        if !self.freshness.holds_at(now) {
            // Boxed, because it is rare and every request would carry the room for it.
            self.ask_for(now).boxed().await?;
        }
        Ok(self.catalog.load_full())
    }

    /// Asks on behalf of a request that came at `arrival`, unless another one has done so meanwhile.
    async fn ask_for(&self, arrival: Instant) -> Result<(), Error> {
        let failures = self.freshness.failures.load(Ordering::Acquire);
        let alone = self.freshness.asking.lock().await;
        if self.freshness.holds_at(arrival) {
            return Ok(());
        }
        // Whoever waited for somebody who got no answer does not wait for another one.
        if self.freshness.failures.load(Ordering::Acquire) != failures {
            return Err(Error::Unreachable);
        }
        self.ask(alone).await
    }

    /// A position of the database that includes everything that must be in force for who asks now.
    pub(super) async fn position(&self) -> Result<Arc<Position>, Error> {
        let after = self.freshness.earliest(Instant::now());
        if let Some(position) = self.freshness.position_after(after) {
            return Ok(position);
        }
        let alone = self.freshness.asking.lock().await;
        if let Some(position) = self.freshness.position_after(after) {
            return Ok(position);
        }
        self.ask(alone).await?;
        self.freshness.position_after(after).ok_or(Error::Unreachable)
    }

    /// Makes sure that the classes are those of the database, and keeps in mind since when.
    pub(super) async fn refresh(&self) -> Result<(), Error> {
        let alone = self.freshness.asking.lock().await;
        self.ask(alone).await
    }

    async fn ask(&self, _alone: MutexGuard<'_, ()>) -> Result<(), Error> {
        let asked = self.compare().await;
        if let Ok(asked) = &asked {
            self.freshness.confirm(*asked);
        } else {
            self.freshness.failures.fetch_add(1, Ordering::AcqRel);
            self.freshness.doubt();
        }
        asked.map(|_| ())
    }

    /// Reads the classes again if their version has changed. Answers when they were asked for.
    async fn compare(&self) -> Result<Instant, Error> {
        let doubts = self.freshness.doubts.load(Ordering::Acquire);
        let doubtful = self.freshness.settled.load(Ordering::Acquire) != doubts;
        let before = self.catalog.load_full();
        let asked = Instant::now();
        let state = catalog::state(self.executor(), !self.replicas.is_empty());
        let state = tokio::time::timeout(self.patience_for_questions, state).await;
        let state = state.map_err(|_cause| Error::Unreachable)??;
        if let Some(position) = state.position {
            let sample = Sample { asked: self.freshness.micros(asked), position: Arc::new(position) };
            self.freshness.sample.store(Some(Arc::new(sample)));
        }
        if state.version == before.version() && !doubtful {
            return Ok(asked);
        }
        let asked = Instant::now();
        let read = catalog::load(self.executor(), Some(&before)).await?;
        // A version can go back as well: a standby that was promoted may not have had the last change.
        self.replace(read, |current, version| current.version() < version || Arc::ptr_eq(current, &before));
        // The tables of these classes may be newer than the position.
        self.freshness.note_write();
        self.freshness.settled.store(doubts, Ordering::Release);
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_for_as_long_as_was_said() {
        let start = Instant::now();
        let limit = Duration::from_secs(1);
        let fresh = Freshness::new(limit, start);
        assert!(fresh.holds_at(start) && fresh.holds_at(start + limit));
        assert!(!fresh.holds_at(start + limit + Duration::from_micros(1)));

        fresh.confirm(start + limit);
        assert!(fresh.holds_at(start + limit * 2));
        // An answer that took longer than a later one takes nothing back.
        fresh.confirm(start);
        assert!(fresh.holds_at(start + limit * 2) && !fresh.holds_at(start + limit * 3));
    }

    #[test]
    fn the_one_who_follows_asks_more_often_than_requests_would() {
        let fresh = |limit| Freshness::new(limit, Instant::now());
        assert_eq!(fresh(Duration::from_secs(1)).pause(), Duration::from_millis(500));
        assert_eq!(fresh(Duration::from_millis(1)).pause(), SHORTEST_PAUSE);
    }
}
