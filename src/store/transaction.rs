//! Transactions: what one mutation does is done as a whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OwnedSemaphorePermit;

use super::connection::Running;
use super::error::Error;
use super::execute::Executor;
use super::read::Reader;
use super::write::{self, Times};
use super::{Shared, accounts, directory};
use crate::auth::{
    Accepted, Account, AccountRules, Attempt, Directory, Extension, Lockout, NewSession, PasswordHash, SessionRecord,
    SessionToken, SignedIn, Target,
};
use crate::class::{Catalog, Class};
use crate::fault::{Code, Fault};
use crate::guard::{AdmittedCreate, AdmittedDelete, AdmittedUpdate};
use crate::value::{Date, ObjectId};

/// A transaction. Dropped without [`Transaction::commit`], it changes nothing.
pub struct Transaction {
    // Rolled back before the next writer is let in: fields are dropped in this order.
    inner: Running,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
    catalog: Arc<Catalog>,
    /// True if something of it says who somebody is or which roles somebody has.
    concerns_sessions: AtomicBool,
}

impl Transaction {
    pub(super) const fn new(
        inner: Running,
        permit: Option<OwnedSemaphorePermit>,
        shared: Arc<Shared>,
        catalog: Arc<Catalog>,
    ) -> Self {
        Self { inner, permit, shared, catalog, concerns_sessions: AtomicBool::new(false) }
    }

    /// Reads what this transaction sees, its own writes included.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.shared, self.executor())
    }

    /// Makes an object.
    #[tracing::instrument(name = "store.create", skip_all, fields(class = %create.class().name))]
    pub async fn create(&self, create: AdmittedCreate) -> Result<(), Fault> {
        write::create(self.writer(create.class()), &create, self.shared.tokens).await
    }

    /// Changes an object; 101 if there is none in the plan's scope, 206 for users.
    #[tracing::instrument(name = "store.update", skip_all, fields(class = %update.class().name))]
    pub async fn update(&self, update: AdmittedUpdate) -> Result<Times, Fault> {
        write::update(self.writer(update.class()), &update, self.shared.tokens).await
    }

    /// Deletes an object; 101 if there is none in the plan's scope, 206 for users.
    #[tracing::instrument(name = "store.delete", skip_all, fields(class = %delete.class().name))]
    pub async fn delete(&self, delete: AdmittedDelete) -> Result<Times, Fault> {
        write::delete(self.writer(delete.class()), &delete, &self.catalog).await
    }

    /// Refuses whoever asks with a session that has been ended (209). Until the transaction ends, the user gets no new
    /// password, which would end it.
    pub(crate) async fn keep_session(&self, signed_in: &SignedIn) -> Result<(), Fault> {
        accounts::hold(self.executor(), signed_in.user()).await?;
        self.expect_session(signed_in).await
    }

    /// Refuses whoever asks with a session that has been ended (209).
    pub(crate) async fn expect_session(&self, signed_in: &SignedIn) -> Result<(), Fault> {
        if directory::is_open(self.executor(), signed_in.session()).await? {
            return Ok(());
        }
        Err(Fault::new(Code::InvalidSessionToken))
    }

    /// Makes everything that was done in the transaction lasting. If the database is lost meanwhile, the fault says that it
    /// may be so or not.
    pub async fn commit(self) -> Result<(), Fault> {
        let sessions = self.concerns_sessions.load(Ordering::Relaxed);
        let _noted = Noted { shared: Arc::clone(&self.shared), sessions };
        let committed = tokio::time::timeout(self.shared.limit, self.inner.commit()).await;
        let committed = committed.map_err(|_cause| Error::TooSlow).flatten();
        committed.map_err(Error::of_commit)?;
        drop(self.permit);
        Ok(())
    }

    pub(super) fn executor(&self) -> Executor<'_> {
        Executor::transaction(&self.inner, self.shared.dialect, self.shared.limit)
    }

    /// For writing rows of this class.
    fn writer(&self, class: &Class) -> Executor<'_> {
        if class.name.is_user() || class.name.is_role() || class.name.is_session() {
            return self.writer_of_sessions();
        }
        self.executor()
    }

    /// For writing what says who somebody is or which roles somebody has.
    pub(super) fn writer_of_sessions(&self) -> Executor<'_> {
        self.concerns_sessions.store(true, Ordering::Relaxed);
        self.executor()
    }
}

/// Keeps in mind, whatever comes of it, that something was committed: replicas that do not have it are not read, and
/// sessions are looked up again if it concerns them.
pub(super) struct Noted {
    shared: Arc<Shared>,
    sessions: bool,
}

impl Noted {
    /// Something that concerns no session.
    pub(super) fn of_objects(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), sessions: false }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.shared.freshness.note_write();
        if self.sessions {
            self.shared.sessions.forget();
        }
    }
}

impl Directory for Transaction {
    async fn session(&self, token: &SessionToken) -> Result<Option<SessionRecord>, Fault> {
        let answers = directory::sessions(self.executor(), std::slice::from_ref(token)).await?;
        answers.into_iter().next().unwrap_or(Ok(None))
    }

    async fn account(&self, name: &str) -> Result<Option<Account>, Fault> {
        accounts::account(self.executor(), name).await
    }

    async fn anonymous_user(&self, id: &str) -> Result<Option<ObjectId>, Fault> {
        directory::hold_anonymous_user(self.executor(), id).await
    }

    async fn accept_log_in(
        &self,
        attempt: &Attempt,
        rules: &AccountRules,
        now: Date,
    ) -> Result<Option<Accepted>, Fault> {
        accounts::accept_log_in(self.executor(), attempt, rules, now).await
    }

    async fn count_failure(&self, target: &Target, lockout: Lockout, now: Date) -> Result<bool, Fault> {
        accounts::count_failure(self.executor(), target, lockout, now).await
    }

    async fn replace_hash(&self, user: &ObjectId, old: &PasswordHash, new: &PasswordHash) -> Result<(), Fault> {
        accounts::replace_hash(self.executor(), user, old, new).await
    }

    async fn extend_session(&self, extension: &Extension<'_>) -> Result<(), Fault> {
        directory::extend_session(self.writer_of_sessions(), extension).await
    }

    async fn open_session(&self, session: &NewSession<'_>) -> Result<(), Fault> {
        directory::open_session(self.writer_of_sessions(), session, self.shared.tokens).await
    }

    async fn end_session(&self, session: &ObjectId) -> Result<(), Fault> {
        directory::end_session(self.writer_of_sessions(), session).await
    }

    async fn end_sessions_of(&self, user: &ObjectId) -> Result<(), Fault> {
        directory::end_sessions_of(self.writer_of_sessions(), user).await
    }
}
