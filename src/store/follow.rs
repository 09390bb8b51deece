//! Following changes of classes that others make: other servers, and a Parse Server on the same database.
//!
//! PostgreSQL tells at once; the version is asked for every second all the same, because a notification can be lost with its
//! connection, and SQLite has none.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::task::JoinHandle;

use super::Shared;
use super::catalog;

/// The channel on which the trigger of the migrations notifies.
const CHANNEL: &str = "portcullis_catalog";

/// How often the version is asked for.
const EVERY: Duration = Duration::from_secs(1);

/// The task that follows; it ends with the store.
#[derive(Debug)]
pub(super) struct Follower(JoinHandle<()>);

impl Follower {
    pub(super) fn start(shared: &Arc<Shared>, listening: Option<PgPool>) -> Self {
        Self(tokio::spawn(follow(Arc::downgrade(shared), listening)))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn follow(shared: Weak<Shared>, listening: Option<PgPool>) {
    let mut listener = None;
    loop {
        // What changed before anybody listened is read at once.
        if listener.is_none() {
            listener = listen(listening.as_ref()).await;
        } else if !wait(listener.as_mut()).await {
            listener = None;
        }
        if listener.is_none() {
            tokio::time::sleep(EVERY).await;
        }
        let Some(shared) = shared.upgrade() else { return };
        if let Err(error) = refresh(&shared).await {
            tracing::warn!(%error, "store.follow: the classes cannot be read");
        }
    }
}

/// Reads the classes again if their version has changed.
async fn refresh(shared: &Shared) -> Result<(), super::Error> {
    let executor = shared.executor();
    if catalog::version(executor).await? != shared.catalog.load().version() {
        shared.install(catalog::load(executor).await?);
    }
    Ok(())
}

/// Waits for a notification or a second; false if the listener is lost.
async fn wait(listener: Option<&mut PgListener>) -> bool {
    let Some(listener) = listener else { return false };
    match tokio::time::timeout(EVERY, listener.try_recv()).await {
        Ok(Ok(Some(_))) | Err(_) => true,
        Ok(Ok(None) | Err(_)) => false,
    }
}

async fn listen(pool: Option<&PgPool>) -> Option<PgListener> {
    let connecting = async {
        let mut listener = PgListener::connect_with(pool?).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    };
    tokio::time::timeout(EVERY * 5, connecting).await.ok().flatten()
}
