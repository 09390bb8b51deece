//! The server under test, in this process, on a database of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use portcullis::auth::{AccountRules, Credentials, Keys};
use portcullis::class::ClassDefaults;
use portcullis::files::{self, Files, Kinds, Place};
use portcullis::graphql::{Engine, Introspection, Limits, Request, Settings};
use portcullis::guard::Uploaders;
use portcullis::store::{Options, Pooling, Store};
use serde_json::Value as Json;

use crate::model::{Caller, Faults, RowId};
use crate::render::Document;

const APP_ID: &str = "app";
const MASTER_KEY: &str = "the master key";
const READ_ONLY_MASTER_KEY: &str = "the read-only master key";

/// A server, and the sessions of the users who can ask.
pub(crate) struct Server {
    engine: Engine,
    pub(crate) tokens: BTreeMap<RowId, String>,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    Data(Json),
    /// Data, and the numbers of the errors beside it.
    Partial(Json, Faults),
    /// The number of the first error, which has left no data.
    Refused(i32),
    /// Neither data nor a proper refusal.
    Broken(Json),
}

impl Server {
    /// A server on an empty database, where everybody may do everything.
    pub(crate) async fn open(database_url: String) -> Self {
        let options = Options {
            database_url,
            replica_urls: Vec::new(),
            pooling: Pooling::None,
            class_defaults: ClassDefaults::Parse,
            max_connections: 2,
            connect_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(30),
            max_staleness: Duration::from_secs(1),
            readable_session_tokens: false,
        };
        let store = Box::pin(Store::open(&options)).await.expect("the database can be opened");
        let everywhere = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        let keys = Keys::new(APP_ID.to_owned(), MASTER_KEY.into(), everywhere.clone())
            .with_read_only_master_key(READ_ONLY_MASTER_KEY.into(), everywhere);
        let settings = Settings {
            introspection: Introspection::Everybody,
            public_url: "http://localhost".to_owned(),
            uploaders: Uploaders::EVERYBODY,
            accounts: AccountRules::default(),
            limits: Limits { objects: 100_000, bytes: 32 << 20 },
        };
        let kinds = Kinds { allowed: Vec::new(), denied: Vec::new() };
        let files = files::Options { place: Place::Memory, max_bytes: 0, kinds };
        let files = Files::open(files).expect("memory can be opened");
        let engine = Engine::new(Arc::new(store), files, keys, settings).expect("the schema can be made");
        Self { engine, tokens: BTreeMap::new() }
    }

    /// Answers a document on behalf of a caller.
    pub(crate) async fn ask(&self, caller: Caller, document: &Document) -> Reply {
        let mut credentials = Credentials {
            app_id: Some(APP_ID.to_owned()),
            master_key: None,
            session_token: None,
            installation_id: None,
            client_keys: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        match caller {
            Caller::Anonymous => {}
            Caller::User(user) => credentials.session_token = Some(self.tokens[&user].as_str().into()),
            Caller::ReadOnlyMaster => credentials.master_key = Some(READ_ONLY_MASTER_KEY.into()),
            Caller::Master => credentials.master_key = Some(MASTER_KEY.into()),
        }
        let caller = match self.engine.authenticate(&credentials).await {
            Ok(caller) => caller,
            Err(rejection) => return Reply::Broken(format!("not let in: {rejection:?}").into()),
        };
        let request = Request {
            query: document.text.clone(),
            variables: document.variables.clone(),
            mutations_allowed: true,
            ..Request::default()
        };
        let response = Box::pin(self.engine.execute(caller, None, request)).await.expect("the database answers");
        reply(&document.root, serde_json::from_slice(&response.body).expect("an answer is JSON"))
    }

    /// The answer to a document of the master's, which must not be refused.
    pub(crate) async fn master(&self, document: &Document) -> Json {
        match self.ask(Caller::Master, document).await {
            Reply::Data(data) => data,
            refused => panic!("the master was refused: {refused:?}\n{document:#?}"),
        }
    }
}

fn reply(root: &str, mut body: Json) -> Reply {
    let errors = body.pointer("/errors").and_then(Json::as_array).cloned().unwrap_or_default();
    let code = |error: &Json| error.pointer("/extensions/code")?.as_i64().and_then(|code| i32::try_from(code).ok());
    let codes: Option<Vec<i32>> = errors.iter().map(code).collect();
    let data = body.pointer_mut("/data").and_then(|data| data.get_mut(root)).map(Json::take);
    match (codes.as_deref(), data) {
        (Some([]), Some(data)) => Reply::Data(data),
        (Some([first, ..]), None | Some(Json::Null)) => Reply::Refused(*first),
        (Some(codes), Some(data)) => Reply::Partial(data, codes.iter().copied().collect()),
        _ => Reply::Broken(body),
    }
}
