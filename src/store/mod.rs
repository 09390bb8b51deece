//! How it is stored: an admitted plan becomes one statement, and its answer rows of values.
//!
//! This is the only room that names `sea_orm` and `sqlx`. Its connection is private, and whatever touches rows of classes
//! takes an admitted plan by value; the others are opening, [`Store::ping`], [`Store::backup`], the catalog, the narrow questions
//! of [`Directory`], and [`adopt`], which no request reaches. A database is PostgreSQL, in the layout of Parse Server, or a file of SQLite, which mirrors it:
//! what differs between them stands in `dialect`.
//!
//! **Invariant:** names in SQL come from the catalog, values are parameters, and the scope of a plan is part of its statement.

mod accounts;
pub mod adopt;
mod alter;
mod backup;
mod catalog;
mod collation;
mod config;
mod connect;
mod connection;
mod ddl;
mod dialect;
mod directory;
mod error;
mod execute;
#[cfg(test)]
mod explain;
mod follow;
mod fresh;
mod hot;
mod json;
mod lists;
mod lone;
mod look_ups;
mod migrate;
mod options;
mod pattern;
mod pooler;
mod principals;
mod read;
mod render;
mod replica;
mod rows;
mod run;
mod search;
mod sessions;
mod sql;
mod transaction;
mod write;

pub use config::Parameter;
pub use error::Error;
pub use lone::{Alone, Behind, Seen, Together};
pub use options::{Options, Pooling};
pub use read::{Counts, Reader, Source};
pub use rows::{Row, Rows};
pub use transaction::Transaction;
pub use write::Times;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use crate::auth::{
    Accepted, Account, AccountRules, Attempt, Directory, Extension, KnownAccount, Lockout, NewSession, PasswordHash,
    SessionRecord, SessionToken, Target,
};
use crate::class::{Catalog, ClassDefaults};
use crate::fault::Fault;
use crate::guard::{AdmittedAlter, AdmittedCreate, AdmittedFind, AdmittedUpdate};
use crate::value::{Date, ObjectId};

/// What changes of classes lock in PostgreSQL, so that there is one at a time.
const ALTER_LOCK: i64 = 0x706f_7274_0001;

/// What migrations lock in PostgreSQL.
const MIGRATION_LOCK: i64 = 0x706f_7274_0002;

/// An open database.
pub struct Store {
    shared: Arc<Shared>,
    _follower: follow::Follower,
}

/// What the store shares with its transactions and with the task that follows changes.
struct Shared {
    connection: connection::Connection,
    dialect: dialect::Dialect,
    catalog: ArcSwap<Catalog>,
    freshness: fresh::Freshness,
    replicas: replica::Replicas,
    sessions: sessions::Sessions,
    look_ups: look_ups::LookUps,
    lists: lists::Lists,
    class_defaults: ClassDefaults,
    tokens: write::Tokens,
    /// How long a statement may take, waiting for a connection included.
    limit: Duration,
    /// How long the question takes at most whether the classes have changed.
    patience_for_questions: Duration,
    /// How long a writer waits for the one before it.
    patience: Duration,
    /// When names that are nobody's were forgotten last, in milliseconds since 1970.
    strangers_forgotten: AtomicI64,
    /// SQLite has one writer at a time; they queue here, in the order in which they come.
    writer: Option<Arc<Semaphore>>,
}

impl Store {
    /// Opens a database, brings it up to date, and begins to follow the changes that others make to its classes.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let database = connect::connect(options).await?;
        let tokens = if options.readable_session_tokens { write::Tokens::Readable } else { write::Tokens::Hashed };
        let limit = options.connect_timeout + options.statement_timeout;
        migrate::up(&database, options).await?;
        let executor = execute::Executor::pool(&database.connection, database.dialect, limit);
        let asked = Instant::now();
        let catalog = catalog::load(executor, None).await?;
        let writer = match database.dialect {
            dialect::Dialect::Postgres => None,
            dialect::Dialect::Sqlite => Some(Arc::new(Semaphore::new(1))),
        };
        let shared = Arc::new(Shared {
            catalog: ArcSwap::from_pointee(catalog),
            freshness: fresh::Freshness::new(options.max_staleness, asked),
            replicas: replica::Replicas::new(options)?,
            sessions: sessions::Sessions::new(options.max_staleness),
            look_ups: look_ups::LookUps::new(),
            lists: lists::Lists::new(lists::LIFETIME),
            connection: database.connection,
            dialect: database.dialect,
            class_defaults: options.class_defaults,
            tokens,
            limit,
            patience_for_questions: options.connect_timeout,
            patience: options.connect_timeout + options.lock_timeout,
            strangers_forgotten: AtomicI64::new(0),
            writer,
        });
        let follower = follow::Follower::start(&shared, database.listening);
        Ok(Self { shared, _follower: follower })
    }

    /// Brings a database up to date.
    pub async fn migrate(options: &Options) -> Result<(), Error> {
        let database = connect::connect(options).await?;
        migrate::up(&database, options).await
    }

    /// Copies an SQLite database to a new file, while servers work with it.
    pub async fn backup(options: &Options, target: &Path) -> Result<(), Error> {
        backup::backup(options, target).await
    }

    /// The classes as they were at most [`Options::max_staleness`] ago, on whichever server they were changed. A database that
    /// does not answer is 100.
    pub async fn current_catalog(&self) -> Result<Arc<Catalog>, Fault> {
        Ok(self.shared.current_catalog().await?)
    }

    /// The classes as this server knows them.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.shared.catalog.load_full()
    }

    /// Which permissions new classes get.
    pub fn class_defaults(&self) -> ClassDefaults {
        self.shared.class_defaults
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        catalog::state(self.shared.executor(), !self.shared.replicas.is_empty()).await?;
        Ok(())
    }

    /// Reads what is committed; from the primary unless [`Reader::at`] says otherwise.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.shared, self.shared.executor())
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        Ok(self.shared.begin().await?)
    }

    /// Objects to be made by one statement, or themselves if that cannot be.
    pub fn together(&self, creates: Vec<AdmittedCreate>) -> Result<Together, Vec<AdmittedCreate>> {
        Together::new(self.shared.dialect, creates)
    }

    /// Makes objects by one statement, without a transaction around it, and reads the last of them by a plan that finds it if its
    /// caller may see it, and by further plans an object each that is [`Together::made_behind`] one of its pointers. If the database is
    /// lost meanwhile, the fault says that they may be made or not.
    #[tracing::instrument(name = "store.create", skip_all, fields(class = %find.class().name))]
    pub async fn create_together(
        &self,
        together: Together,
        find: AdmittedFind,
        behind: Vec<AdmittedFind>,
    ) -> Result<Seen, Fault> {
        let _noted = transaction::Noted::of_objects(&self.shared);
        let made = lone::create(self.shared.executor(), &together, &find, &behind, self.shared.tokens).await;
        made.map_err(Error::of_lone_write)
    }

    /// A change to be made by one statement, or itself if that cannot be.
    pub fn alone(&self, update: AdmittedUpdate) -> Result<Alone, Box<AdmittedUpdate>> {
        Alone::new(self.shared.dialect, update)
    }

    /// Changes an object by one statement, without a transaction around it, and reads it by a plan that finds it if its caller may
    /// see it. Nothing in the plan's scope is 101. If the database is lost meanwhile, the fault says that it may be changed or not.
    #[tracing::instrument(name = "store.update", skip_all, fields(class = %find.class().name))]
    pub async fn update_alone(&self, alone: Alone, find: AdmittedFind) -> Result<(Times, Option<Row>), Fault> {
        let _noted = transaction::Noted::of_objects(&self.shared);
        lone::update(self.shared.executor(), &alone, &find, self.shared.tokens).await
    }

    /// What is known of an account whose password somebody may change; the plan's own changes are not done. Nothing in the
    /// scope is 206, or 101.
    pub(crate) async fn known_account(&self, update: AdmittedUpdate) -> Result<KnownAccount, Fault> {
        accounts::known(self.shared.executor(), &update).await
    }

    /// Changes classes, and answers all classes as they are afterwards.
    ///
    /// The change applies to the class as the database has it, not as this server knows it. Definition, tables and version
    /// change together or not at all.
    #[tracing::instrument(name = "store.alter", skip_all)]
    pub async fn alter(&self, alter: AdmittedAlter) -> Result<Arc<Catalog>, Fault> {
        let transaction = self.shared.begin().await?;
        alter::alter(transaction.writer_of_sessions(), alter.into_alter(), &self.catalog(), self.class_defaults())
            .await?;
        let changed = catalog::load(transaction.executor(), Some(&self.catalog())).await?;
        transaction.commit().await?;
        self.shared.install(changed);
        Ok(self.catalog())
    }
}

impl Shared {
    fn executor(&self) -> execute::Executor<'_> {
        execute::Executor::pool(&self.connection, self.dialect, self.limit)
    }

    async fn begin(self: &Arc<Self>) -> Result<Transaction, Error> {
        let permit = match &self.writer {
            None => None,
            Some(writer) => {
                let turn = tokio::time::timeout(self.patience, Arc::clone(writer).acquire_owned());
                Some(
                    turn.await
                        .map_err(|_cause| Error::TooSlow)?
                        .map_err(|_cause| Error::unexpected("a closed queue"))?,
                )
            }
        };
        let begun = tokio::time::timeout(self.limit, self.connection.begin());
        let inner = begun.await.map_err(|_cause| Error::Unreachable)??;
        Ok(Transaction::new(inner, permit, Arc::clone(self), self.catalog.load_full()))
    }

    /// Forgets names that are nobody's, now and then.
    async fn forget_strangers(self: &Arc<Self>, now: Date) -> Result<(), Fault> {
        const PAUSE_MILLIS: i64 = 60_000;
        let last = self.strangers_forgotten.load(Ordering::Relaxed);
        let due = now.millis().saturating_sub(last) >= PAUSE_MILLIS;
        let (order, other) = (Ordering::Relaxed, Ordering::Relaxed);
        if !due || self.strangers_forgotten.compare_exchange(last, now.millis(), order, other).is_err() {
            return Ok(());
        }
        let transaction = self.begin().await?;
        accounts::forget_strangers(transaction.executor(), now).await?;
        transaction.commit().await
    }

    /// Replaces the catalog by one that this server has just made, unless the one that is there is newer. The same version can be that
    /// of other classes, in a database that has lost the last change.
    fn install(&self, catalog: Catalog) {
        self.replace(catalog, |current, version| current.version() <= version);
    }

    /// Replaces the catalog by one of this version if that `is_newer`, and keeps it where nothing has changed.
    fn replace(&self, catalog: Catalog, is_newer: impl Fn(&Arc<Catalog>, i64) -> bool) {
        let catalog = Arc::new(catalog);
        self.catalog.rcu(|current| {
            let replaced = is_newer(current, catalog.version()) && !current.is_same(&catalog);
            Arc::clone(if replaced { &catalog } else { current })
        });
    }
}

impl Directory for Store {
    async fn session(&self, token: &SessionToken) -> Result<Option<SessionRecord>, Fault> {
        let shared = Arc::clone(&self.shared);
        let look_up = move |tokens: Arc<[_]>| {
            let shared = Arc::clone(&shared);
            async move { directory::sessions(shared.executor(), &tokens).await }
        };
        self.shared.sessions.get(token, self.shared.look_ups.answer(token, look_up)).await
    }

    async fn account(&self, name: &str) -> Result<Option<Account>, Fault> {
        accounts::account(self.shared.executor(), name).await
    }

    async fn anonymous_user(&self, id: &str) -> Result<Option<ObjectId>, Fault> {
        directory::anonymous_user(self.shared.executor(), id).await
    }

    async fn accept_log_in(
        &self,
        attempt: &Attempt,
        rules: &AccountRules,
        now: Date,
    ) -> Result<Option<Accepted>, Fault> {
        let transaction = self.begin().await?;
        let accepted = transaction.accept_log_in(attempt, rules, now).await?;
        transaction.commit().await?;
        Ok(accepted)
    }

    async fn count_failure(&self, target: &Target, lockout: Lockout, now: Date) -> Result<bool, Fault> {
        self.shared.forget_strangers(now).await?;
        let transaction = self.begin().await?;
        let counted = transaction.count_failure(target, lockout, now).await?;
        transaction.commit().await?;
        Ok(counted)
    }

    async fn replace_hash(&self, user: &ObjectId, old: &PasswordHash, new: &PasswordHash) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        transaction.replace_hash(user, old, new).await?;
        transaction.commit().await
    }

    async fn extend_session(&self, extension: &Extension<'_>) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        transaction.extend_session(extension).await?;
        transaction.commit().await
    }

    async fn open_session(&self, session: &NewSession<'_>) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        transaction.open_session(session).await?;
        transaction.commit().await
    }

    async fn end_session(&self, session: &ObjectId) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        transaction.end_session(session).await?;
        transaction.commit().await
    }

    async fn end_sessions_of(&self, user: &ObjectId) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        transaction.end_sessions_of(user).await?;
        transaction.commit().await
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dialect", &self.shared.dialect).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Store};
    use crate::class::{Catalog, ClassName, Definition};

    #[tokio::test]
    async fn what_this_server_has_changed_is_in_force_unless_there_is_something_newer() {
        let store = Box::pin(Store::open(&Options::of_test("sqlite::memory:"))).await.unwrap();
        let version = store.catalog().version();
        let made = |version, class| Catalog::new(version, [Definition::new(ClassName::known(class), Vec::new(), None)]);
        // A standby that was promoted without the last change gives its version to another one.
        store.shared.install(made(version, "Same"));
        assert!(store.catalog().class("Same").is_some());
        store.shared.install(made(version - 1, "Older"));
        assert!(store.catalog().class("Older").is_none());
        store.shared.install(made(version + 1, "Newer"));
        assert!(store.catalog().class("Newer").is_some());
    }
}
