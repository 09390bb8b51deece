//! Sessions that have been looked up a moment ago, so that not every request asks who its caller is.
//!
//! What is kept says who somebody is and which roles they have. The rows that they may see are not decided here: each
//! statement carries its scope, as always.
//!
//! **Invariant:** a session counts from the moment in which the database was asked, and for
//! [`Options::max_staleness`](super::Options::max_staleness) at most; whatever this server is told that it has committed to
//! users, roles or sessions ends all that were asked for before. A request that comes after the answer to such a change is thus decided by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::sync::Cache;

use crate::auth::{SessionDigest, SessionRecord, SessionToken};
use crate::fault::Fault;

/// How much is kept, in roles of about a hundred bytes; a session weighs as four of them beside those of its user.
const CAPACITY: u64 = 200_000;

/// For how long a session is kept at most, whether it counts or not.
const LONGEST: Duration = Duration::from_hours(1);

/// Sessions, by the digests of their tokens.
pub(super) struct Sessions {
    known: Cache<SessionDigest, Known>,
    /// For how long a session counts.
    lifetime: Duration,
    /// How often users, roles or sessions may have been changed by this server.
    changes: AtomicU64,
}

/// A session, and when it was that of the database.
#[derive(Clone)]
struct Known {
    record: SessionRecord,
    asked: Instant,
    changes: u64,
}

impl Sessions {
    /// None yet.
    pub(super) fn new(lifetime: Duration) -> Self {
        let weigh = |_: &SessionDigest, known: &Known| {
            u32::try_from(known.record.identity.roles().len()).unwrap_or(u32::MAX).saturating_add(4)
        };
        let known = Cache::builder().weigher(weigh).max_capacity(CAPACITY).time_to_live(lifetime.min(LONGEST)).build();
        Self { known, lifetime, changes: AtomicU64::new(0) }
    }

    /// From now on, every session may be another one.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// The session of a token, which `look_up` asks the database for unless it is known. One that does not exist is
    /// asked for every time.
    pub(super) async fn get(
        &self,
        token: &SessionToken,
        look_up: impl Future<Output = Result<Option<SessionRecord>, Fault>>,
    ) -> Result<Option<SessionRecord>, Fault> {
        let digest = token.digest();
        // Both before the question: a change during it is not in the answer.
        let (asked, changes) = (Instant::now(), self.changes.load(Ordering::Acquire));
        if let Some(known) = self.known.get(&digest).filter(|known| self.holds(known, asked, changes)) {
            return Ok(Some(known.record));
        }
        let record = look_up.await?;
        if let Some(record) = &record {
            self.known.insert(digest, Known { record: record.clone(), asked, changes });
        }
        Ok(record)
    }

    fn holds(&self, known: &Known, now: Instant, changes: u64) -> bool {
        known.changes == changes && now.saturating_duration_since(known.asked) < self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Identity;
    use crate::value::ObjectId;

    const LONG: Duration = Duration::from_hours(1);

    fn token() -> SessionToken {
        SessionToken::parse("r:0123456789abcdef0123456789abcdef").unwrap()
    }

    fn record(session: &str) -> SessionRecord {
        let identity = Identity::new(ObjectId::new(session), ObjectId::new("user000000"), false, Vec::new()).unwrap();
        SessionRecord { identity: identity.into(), expires_at: None, updated_at: None }
    }

    async fn found(sessions: &Sessions, session: &str) -> String {
        let record = sessions.get(&token(), async { Ok(Some(record(session))) }).await.unwrap().unwrap();
        record.identity.session().as_str().to_owned()
    }

    #[tokio::test]
    async fn a_session_is_asked_for_once_until_something_changes() {
        let sessions = Sessions::new(LONG);
        assert_eq!(found(&sessions, "first").await, "first");
        assert_eq!(found(&sessions, "second").await, "first");
        sessions.forget();
        assert_eq!(found(&sessions, "third").await, "third");
    }

    #[tokio::test]
    async fn an_answer_from_before_a_change_is_not_kept() {
        let sessions = Sessions::new(LONG);
        let overtaken = async {
            sessions.forget();
            Ok(Some(record("old")))
        };
        sessions.get(&token(), overtaken).await.unwrap().unwrap();
        assert_eq!(found(&sessions, "new").await, "new");
    }

    #[tokio::test]
    async fn a_session_counts_for_so_long_from_the_question() {
        let sessions = Sessions::new(LONG);
        let start = Instant::now();
        let known = Known { record: record("session"), asked: start, changes: 0 };
        assert!(sessions.holds(&known, start + LONG / 2, 0));
        assert!(!sessions.holds(&known, start + LONG, 0));

        let never = Sessions::new(Duration::ZERO);
        assert_eq!(found(&never, "first").await, "first");
        assert_eq!(found(&never, "second").await, "second");
    }

    #[tokio::test]
    async fn nobody_is_asked_for_again() {
        let sessions = Sessions::new(LONG);
        assert!(sessions.get(&token(), async { Ok(None) }).await.unwrap().is_none());
        assert_eq!(found(&sessions, "first").await, "first");
    }
}
