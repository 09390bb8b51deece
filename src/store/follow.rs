//! Following changes of classes that others make: other servers, and a Parse Server on the same database.
//!
//! One task asks for the version in regular pauses, often enough that no request has to. PostgreSQL also tells at once, over a connection
//! that another task keeps open: a notification ends the pause. Nothing depends on it, because a notification can be lost with
//! its connection, a pooler in front of the database passes none on, and SQLite has none.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Shared;

/// The channel on which the trigger of the migrations notifies.
const CHANNEL: &str = "portcullis_catalog";

/// How long a connection that listens may be quiet until it is tested.
const QUIET: Duration = Duration::from_secs(15);

/// How long it may take to open or to test it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pauses before it is opened again: each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// The tasks that follow; they end with the store.
#[derive(Debug)]
pub(super) struct Follower(Vec<JoinHandle<()>>);

impl Follower {
    pub(super) fn start(shared: &Arc<Shared>, listening: Option<PgPool>) -> Self {
        let news = Arc::new(Notify::new());
        let mut tasks = vec![tokio::spawn(follow(Arc::downgrade(shared), Arc::clone(&news)))];
        tasks.extend(listening.map(|pool| tokio::spawn(listen(pool, Arc::downgrade(shared), news))));
        Self(tasks)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// Asks for the version, again and again.
async fn follow(shared: Weak<Shared>, news: Arc<Notify>) {
    let mut fails = false;
    loop {
        let Some(shared) = shared.upgrade() else { return };
        match (shared.refresh().await, fails) {
            (Err(error), false) => {
                tracing::warn!(%error, "store.follow: the classes cannot be read");
                fails = true;
            }
            (Ok(()), true) => {
                tracing::info!("store.follow: the classes can be read again");
                fails = false;
            }
            (Err(_), true) | (Ok(()), false) => {}
        }
        shared.connection.rest();
        let pause = shared.freshness.pause();
        drop(shared);
        // It does not matter which of the two it was.
        let _ = timeout(pause, news.notified()).await;
    }
}

/// Keeps a connection open that listens.
async fn listen(pool: PgPool, shared: Weak<Shared>, news: Arc<Notify>) {
    let (shortest, longest) = PAUSES;
    let mut pause = shortest;
    loop {
        if let Some(mut listener) = open(&pool).await {
            pause = shortest;
            // What changed while nobody listened is read at once, and all of it: the connection may lead to another server now.
            match shared.upgrade() {
                Some(shared) => shared.freshness.doubt(),
                None => return,
            }
            news.notify_one();
            while hear(&mut listener).await {
                news.notify_one();
            }
            tracing::debug!("store.follow: the connection that listens is lost");
        }
        sleep(pause).await;
        pause = longest.min(pause * 2);
    }
}

async fn open(pool: &PgPool) -> Option<PgListener> {
    let opening = async {
        let mut listener = PgListener::connect_with(pool).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    };
    timeout(PATIENCE, opening).await.ok().flatten()
}

/// Waits for news; false if the connection is lost.
async fn hear(listener: &mut PgListener) -> bool {
    loop {
        match timeout(QUIET, listener.try_recv()).await {
            Ok(heard) => return matches!(heard, Ok(Some(_))),
            Err(_quiet) => {
                let answer = timeout(PATIENCE, listener.execute("SELECT 1")).await;
                if !matches!(answer, Ok(Ok(_))) {
                    return false;
                }
            }
        }
    }
}
