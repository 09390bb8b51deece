//! The server under test, in this process, and what it says in its log.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portcullis::auth::{AccountRules, Credentials, Keys};
use portcullis::class::ClassDefaults;
use portcullis::files::{self, Files, Kinds, Place};
use portcullis::graphql::{Engine, Introspection, Limits, Outcome, Request, Settings, Upload};
use portcullis::guard::Uploaders;
use portcullis::store::{Options, Pooling, Store};
use serde_json::Value as Json;

use crate::case::{Caller, Case};

const APP_ID: &str = "app";
const MASTER_KEY: &str = "the master key";
const READ_ONLY_MASTER_KEY: &str = "the read-only master key";

/// Longer than anything may take, even on a busy machine.
const TOO_LONG: Duration = Duration::from_secs(30);

/// What came of a case.
#[derive(Debug)]
pub(crate) enum Reply {
    /// An answer.
    Answer { outcome: Outcome, body: String, time: Duration },
    /// The credentials are not good, which a case can bring about itself.
    NotLetIn,
    /// It panicked.
    Panic(String),
    /// It never ended.
    Hang,
}

/// A server on one database.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    engine: Arc<Engine>,
    pub(crate) token: String,
    pub(crate) log: Log,
}

impl Server {
    pub(crate) async fn open(name: &'static str, database_url: String, log: Log) -> Self {
        let options = Options {
            database_url,
            replica_urls: Vec::new(),
            pooling: Pooling::None,
            class_defaults: ClassDefaults::Parse,
            max_connections: 2,
            connect_timeout: TOO_LONG,
            statement_timeout: TOO_LONG / 2,
            lock_timeout: TOO_LONG / 2,
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
        Self { name, engine: Arc::new(engine), token: String::new(), log }
    }

    pub(crate) fn sdl(&self) -> String {
        self.engine.sdl()
    }

    /// Answers a case whose names are those of this database.
    pub(crate) async fn ask(&self, case: &Case) -> Reply {
        let mut credentials = Credentials {
            app_id: Some(APP_ID.to_owned()),
            master_key: None,
            session_token: None,
            installation_id: None,
            client_keys: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        match case.caller {
            Caller::Anonymous => {}
            Caller::User => credentials.session_token = Some(self.token.as_str().into()),
            Caller::ReadOnlyMaster => credentials.master_key = Some(READ_ONLY_MASTER_KEY.into()),
            Caller::Master => credentials.master_key = Some(MASTER_KEY.into()),
        }
        let uploads = case.uploads.iter().map(|file| Upload {
            path: file.path.clone(),
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            content: file.content.clone().into(),
        });
        let request = Request {
            query: case.text.clone(),
            operation_name: case.operation.clone(),
            variables: case.variables.clone(),
            uploads: uploads.collect(),
            mutations_allowed: !case.by_get,
        };
        let engine = Arc::clone(&self.engine);
        let begin = Instant::now();
        // A task of its own, whose panic ends nothing else.
        let task = tokio::spawn(async move {
            let caller = engine.authenticate(&credentials).await.ok()?;
            Some(Box::pin(engine.execute(caller, None, request)).await.expect("the database answers"))
        });
        match tokio::time::timeout(TOO_LONG, task).await {
            Err(_) => Reply::Hang,
            Ok(Err(error)) => {
                let payload = error.into_panic();
                let text = payload.downcast_ref::<String>().cloned();
                let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Reply::Panic(text.unwrap_or_default())
            }
            Ok(Ok(None)) => Reply::NotLetIn,
            Ok(Ok(Some(response))) => Reply::Answer {
                outcome: response.outcome,
                body: String::from_utf8_lossy(&response.body).into_owned(),
                time: begin.elapsed(),
            },
        }
    }

    /// The answer to a request that sets the scene, which must work.
    pub(crate) async fn must(&self, caller: Caller, text: &str, variables: Json) -> Json {
        let case = Case {
            caller,
            text: text.to_owned(),
            operation: None,
            variables: variables.as_object().cloned().unwrap_or_default(),
            uploads: Vec::new(),
            by_get: false,
        };
        match self.ask(&case).await {
            Reply::Answer { body, .. } => {
                let mut body: Json = serde_json::from_str(&body).unwrap();
                assert!(body.get("errors").is_none(), "{}: {case}\n{body}\n{}", self.name, self.log.take());
                body["data"].take()
            }
            other => panic!("{}: {case}\n{other:?}", self.name),
        }
    }
}

/// The errors that the servers of this thread log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps errors from now on, as long as the guard lives.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::ERROR)
            .with_ansi(false)
            .without_time()
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// What was logged since it was last taken.
    pub(crate) fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
