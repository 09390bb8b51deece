//! The engine: who is asking, which schema applies, and what is answered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::Value as Json;

use super::answer::{self, Answer, RootAnswer};
use super::document::{Documents, OperationKind, Prepared, RequestError};
use super::files::Uploaded;
use super::read::{Budget, Limits, Writer};
use super::request::{Outcome, Request, Response};
use super::schema::ApiSchema;
use super::{mutation, query};
use crate::auth::{AccountRules, Caller, Credentials, Keys, Master, Rejection, SessionToken};
use crate::class::{Catalog, ClassName};
use crate::fault::Fault;
use crate::files::{Files, Found, Wanted};
use crate::guard::Uploaders;
use crate::store::Store;
use crate::value::{Date, ObjectId};

/// Who may ask for the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Introspection {
    /// Every caller.
    Everybody,
    /// Those who hold a master key.
    MasterKeyOnly,
}

/// The settings of the API.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may ask for the schema.
    pub introspection: Introspection,
    /// How clients reach the server; addresses of files begin with it.
    pub public_url: String,
    /// Who may upload files.
    pub uploaders: Uploaders,
    /// The rules of accounts.
    pub accounts: AccountRules,
    /// How much one request may read and answer.
    pub limits: Limits,
}

/// Why an engine cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the GraphQL schema cannot be made: {0}")]
pub struct Error(pub(super) String);

/// Answers GraphQL requests on a store.
pub struct Engine {
    pub(super) store: Arc<Store>,
    keys: Keys,
    pub(super) settings: Settings,
    pub(super) files: Files,
    /// Where files are served: the address before their names.
    files_url: String,
    snapshot: ArcSwap<Snapshot>,
    rebuilding: Mutex<()>,
}

/// A catalog and the schema made of it. One snapshot serves a whole request.
pub(super) struct Snapshot {
    pub(super) catalog: Arc<Catalog>,
    pub(super) schema: ApiSchema,
    documents: Documents,
}

impl Snapshot {
    /// The snapshot of a catalog that comes after another one, which has said already what it omits.
    fn new(catalog: Arc<Catalog>, before: Option<&Self>) -> Self {
        let schema = ApiSchema::build(&catalog, before.map(|before| &before.schema));
        let known = before.map(|before| before.schema.omitted()).unwrap_or_default();
        let omitted: Vec<_> =
            schema.omitted().iter().filter(|class| !known.contains(class)).map(ClassName::as_str).collect();
        if !omitted.is_empty() {
            tracing::warn!(classes = omitted.join(", "), "schema.classes_omitted: their names in the API are taken");
        }
        Self { catalog, schema, documents: Documents::default() }
    }
}

/// One request, on behalf of one caller.
#[derive(Clone, Copy)]
pub(super) struct Work<'s> {
    pub(super) engine: &'s Engine,
    pub(super) snapshot: &'s Snapshot,
    pub(super) caller: &'s Caller,
    pub(super) installation_id: Option<&'s str>,
    pub(super) request: &'s Request,
    /// The files that came with the root field.
    pub(super) uploaded: &'s Uploaded,
    /// The tokens of the sessions that the request makes, which nobody can look up afterwards.
    pub(super) issued: &'s Issued,
    /// What the request may still read.
    pub(super) budget: &'s Budget,
    pub(super) now: Date,
}

/// The tokens of new sessions, by the sessions' ids.
#[derive(Debug, Default)]
pub(super) struct Issued(Mutex<Vec<(ObjectId, SessionToken)>>);

impl Issued {
    /// Keeps the token of a new session for the answer.
    pub(super) fn keep(&self, session: ObjectId, token: SessionToken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((session, token));
    }

    fn into_tokens(self) -> Vec<(ObjectId, SessionToken)> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// An engine on a store whose catalog is loaded.
    pub fn new(store: Arc<Store>, files: Files, keys: Keys, settings: Settings) -> Result<Self, Error> {
        let snapshot = ArcSwap::from_pointee(Snapshot::new(store.catalog(), None));
        let files_url = format!("{}/files/{}/", settings.public_url.trim_end_matches('/'), keys.app_id());
        Ok(Self { store, keys, settings, files, files_url, snapshot, rebuilding: Mutex::new(()) })
    }

    /// Finds out who is asking.
    pub async fn authenticate(&self, credentials: &Credentials) -> Result<Caller, Rejection> {
        self.keys.authenticate(credentials, &*self.store, (now(), self.settings.accounts.sessions)).await
    }

    /// Answers a request. A fault concerns all of it: nobody knows which permissions are in force.
    pub async fn execute(
        &self,
        caller: Caller,
        installation_id: Option<String>,
        request: Request,
    ) -> Result<Response, Fault> {
        let snapshot = self.snapshot(&self.store.current_catalog().await?);
        let introspection = match self.settings.introspection {
            Introspection::Everybody => true,
            Introspection::MasterKeyOnly => matches!(caller, Caller::Master(..)),
        };
        let prepared = match snapshot.documents.prepare(&snapshot.schema, &request, introspection) {
            Ok(prepared) => prepared,
            Err(errors) => return Ok(Response { outcome: Outcome::Refused, body: answer::refused(&errors) }),
        };
        if prepared.kind() == OperationKind::Mutation && !request.mutations_allowed {
            return Ok(mutation_by_get());
        }
        if let Some(refused) = too_many_credentials(&snapshot, &caller, &prepared) {
            return Ok(refused);
        }
        let issued = Issued::default();
        let budget = Budget::new(self.settings.limits);
        let work = Work {
            engine: self,
            snapshot: &snapshot,
            caller: &caller,
            installation_id: installation_id.as_deref(),
            request: &request,
            uploaded: &Uploaded::default(),
            issued: &issued,
            budget: &budget,
            now: now(),
        };
        let answers = work.run(&prepared).await;
        let mut tokens = issued.into_tokens();
        tokens.extend(caller.viewer().map(|viewer| (viewer.session().clone(), viewer.token().clone())));
        let writer = Writer::new(&self.files_url, &tokens, self.settings.limits.bytes);
        Ok(Response { outcome: Outcome::Executed, body: answer::response(writer, answers) })
    }

    /// Says whether the server can answer: the database is reachable and migrated.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.store.ping().await
    }

    /// The schema, as SDL.
    pub fn sdl(&self) -> String {
        self.snapshot(&self.store.catalog()).schema.sdl()
    }

    /// The newest catalog with its schema, which is made when the catalog has changed.
    fn snapshot(&self, catalog: &Arc<Catalog>) -> Arc<Snapshot> {
        let snapshot = self.snapshot.load_full();
        if Arc::ptr_eq(&snapshot.catalog, catalog) {
            return snapshot;
        }
        let _alone = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = self.store.catalog();
        let snapshot = self.snapshot.load_full();
        if Arc::ptr_eq(&snapshot.catalog, &catalog) {
            return snapshot;
        }
        let snapshot = Arc::new(Snapshot::new(catalog, Some(&snapshot)));
        self.snapshot.store(Arc::clone(&snapshot));
        snapshot
    }

    /// A file to download, or nothing if there is none of this name. Whoever has its address may have it.
    pub async fn file(&self, name: &str, wanted: &Wanted) -> Result<Option<Found>, Fault> {
        self.files.find(name, wanted).await
    }

    /// True if this is the application's id.
    pub fn is_app(&self, app_id: &str) -> bool {
        self.keys.app_id() == app_id
    }

    /// The address before the names of files.
    pub(super) fn files_url(&self) -> &str {
        &self.files_url
    }
}

impl Work<'_> {
    async fn run(self, prepared: &Prepared) -> Vec<RootAnswer<'_>> {
        let kind = prepared.kind();
        let span = tracing::Span::current();
        span.record(
            "graphql.operation.type",
            match kind {
                OperationKind::Query => "query",
                OperationKind::Mutation => "mutation",
            },
        );
        let mut answers = Vec::new();
        let (type_name, nullable) = match kind {
            OperationKind::Query => ("Query", false),
            OperationKind::Mutation => ("Mutation", true),
        };
        let mut introspected = None;
        // What a mutation makes is younger than what those before it have made, and comes behind it in the usual order.
        let mut at = self.now;
        for selected in prepared.root().fields(type_name) {
            let answer = match (selected.name, kind) {
                ("__typename", _) => Ok(Answer::Json(type_name.into())),
                ("__schema" | "__type", _) => {
                    let known = introspected.get_or_insert_with(|| prepared.introspect(&self.snapshot.schema));
                    Ok(Answer::Json(known.get(selected.key).cloned().unwrap_or(Json::Null)))
                }
                (_, OperationKind::Query) => query::field(self, &selected).await,
                (_, OperationKind::Mutation) => {
                    let answer = mutation::field(Self { now: at, ..self }, &selected).await;
                    at = at.plus(Duration::from_millis(1)).unwrap_or(at).max(now());
                    answer
                }
            };
            let nullable = nullable || matches!(selected.name, "node" | "__type");
            let failed = answer.is_err() && !nullable;
            answers.push(RootAnswer { key: selected.key, nullable, answer });
            if failed {
                // The response has no data any more, so nothing further needs to be asked.
                break;
            }
        }
        answers
    }
}

/// Refuses a request that would guess many passwords at once, or keep the server busy with hashing them. The master key
/// opens every account anyway.
fn too_many_credentials(snapshot: &Snapshot, caller: &Caller, prepared: &Prepared) -> Option<Response> {
    const MOST: usize = mutation::MOST_CREDENTIALS;
    let exempt = matches!(caller, Caller::Master(Master::Full(_), _)) || prepared.kind() == OperationKind::Query;
    if exempt || mutation::credentials(&snapshot.catalog, &snapshot.schema, prepared) <= MOST {
        return None;
    }
    let message = format!("A request may log in, sign up or set a password {MOST} times.");
    let error = RequestError { message, code: "BAD_REQUEST", locations: Vec::new() };
    Some(Response { outcome: Outcome::Refused, body: answer::refused(&[error]) })
}

fn mutation_by_get() -> Response {
    let error = RequestError {
        message: "GET requests only support query operations, not mutation operations".to_owned(),
        code: "BAD_REQUEST",
        locations: Vec::new(),
    };
    Response { outcome: Outcome::MutationByGet, body: answer::refused(&[error]) }
}

/// The time of a request. Everything below gets it as a value.
#[expect(clippy::disallowed_methods, reason = "the one clock of the API")]
fn now() -> Date {
    chrono::Utc::now().into()
}
