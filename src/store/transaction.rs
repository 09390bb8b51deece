//! Transactions: what one mutation does is done as a whole or not at all.

use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use tokio::sync::OwnedSemaphorePermit;

use super::error::Error;
use super::execute::Executor;
use super::read::Reader;
use super::write::{self, Times};
use super::{Shared, directory};
use crate::auth::{Account, Directory, NewSession, PasswordHash, SessionRecord, SessionToken};
use crate::class::Catalog;
use crate::fault::Fault;
use crate::guard::{AdmittedCreate, AdmittedDelete, AdmittedUpdate};
use crate::value::ObjectId;

/// A transaction. Dropped without [`Transaction::commit`], it changes nothing.
pub struct Transaction {
    // Rolled back before the next writer is let in: fields are dropped in this order.
    inner: DatabaseTransaction,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
    catalog: Arc<Catalog>,
}

impl Transaction {
    pub(super) const fn new(
        inner: DatabaseTransaction,
        permit: Option<OwnedSemaphorePermit>,
        shared: Arc<Shared>,
        catalog: Arc<Catalog>,
    ) -> Self {
        Self { inner, permit, shared, catalog }
    }

    /// Reads what this transaction sees, its own writes included.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self.executor())
    }

    /// Makes an object.
    #[tracing::instrument(name = "store.create", skip_all, fields(class = %create.class().name))]
    pub async fn create(&self, create: AdmittedCreate) -> Result<(), Fault> {
        write::create(self.executor(), &create, self.shared.tokens).await
    }

    /// Changes an object; 101 if there is none in the plan's scope, 206 for users.
    #[tracing::instrument(name = "store.update", skip_all, fields(class = %update.class().name))]
    pub async fn update(&self, update: AdmittedUpdate) -> Result<Times, Fault> {
        write::update(self.executor(), &update, self.shared.tokens).await
    }

    /// Deletes an object; 101 if there is none in the plan's scope, 206 for users.
    #[tracing::instrument(name = "store.delete", skip_all, fields(class = %delete.class().name))]
    pub async fn delete(&self, delete: AdmittedDelete) -> Result<Times, Fault> {
        write::delete(self.executor(), &delete, &self.catalog).await
    }

    /// Makes everything that was done in the transaction lasting.
    pub async fn commit(self) -> Result<(), Fault> {
        self.inner.commit().await.map_err(Error::from)?;
        drop(self.permit);
        Ok(())
    }

    pub(super) fn executor(&self) -> Executor<'_> {
        Executor::transaction(&self.inner, self.shared.dialect, self.shared.limit)
    }
}

impl Directory for Transaction {
    async fn session(&self, token: &SessionToken) -> Result<Option<SessionRecord>, Fault> {
        directory::session(self.executor(), token).await
    }

    async fn account(&self, name: &str) -> Result<Option<Account>, Fault> {
        directory::account(self.executor(), name).await
    }

    async fn anonymous_user(&self, id: &str) -> Result<Option<ObjectId>, Fault> {
        directory::anonymous_user(self.executor(), id).await
    }

    async fn open_session(&self, session: &NewSession<'_>) -> Result<(), Fault> {
        directory::open_session(self.executor(), session, self.shared.tokens).await
    }

    async fn end_session(&self, session: &ObjectId) -> Result<(), Fault> {
        directory::end_session(self.executor(), session).await
    }

    async fn end_sessions_of(&self, user: &ObjectId) -> Result<(), Fault> {
        directory::end_sessions_of(self.executor(), user).await
    }

    async fn replace_hash(&self, user: &ObjectId, old: &PasswordHash, new: &PasswordHash) -> Result<(), Fault> {
        directory::replace_hash(self.executor(), user, old, new).await
    }
}
