//! What the operator decides: one struct per concern, read once at the start.
//!
//! Every setting has one name in three places (flag, environment, `portcullis.toml`), see
//! [`Setting`]. All mistakes are reported at once, each with the place it was made, and any of them
//! stops the start. Inner rooms never see a configuration: they get values.

mod accounts;
mod database;
mod files;
mod keys;
mod parse;
mod setting;
mod source;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};

pub use self::accounts::Accounts;
pub use self::database::Database;
pub use self::files::{FileStorage, Files};
pub use self::keys::{KeyRing, KeysError, create_private};
pub use self::setting::{ALL, Group, PREFIX, Setting};
pub use self::source::{Mistakes, Sources};
use self::source::{Reader, Refused};
use crate::class::ClassDefaults;
use crate::graphql::Introspection;

/// How short a key may be in production. A generated key has 64 characters.
const SHORTEST_KEY: usize = 16;

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the server is for, and where it keeps its things.
    pub general: General,
    /// Who is let in with which key.
    pub access: Access,
    /// How requests come in.
    pub requests: Requests,
    /// What the API shows.
    pub api: Api,
    /// The rules of accounts.
    pub accounts: Accounts,
    /// Which files there may be.
    pub files: Files,
    /// The database.
    pub database: Database,
    /// What is logged.
    pub logging: Logging,
}

/// Whether mistakes are cheap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine: everything can be looked at.
    Development,
    /// Real users: introspection and GraphiQL are closed, weak keys refused.
    Production,
}

/// Where the server is, and where it keeps its things.
#[derive(Debug, Clone)]
pub struct General {
    /// Where it listens: an address, or the name of one, with a port.
    pub listen: String,
    /// Development or production.
    pub environment: Environment,
    /// Where generated keys, the SQLite database and files are.
    pub data_dir: PathBuf,
    /// How clients reach it, if it was said.
    pub public_url: Option<String>,
}

/// The keys that were configured, and where they are accepted from.
#[derive(Debug, Clone)]
pub struct Access {
    /// The application id.
    pub app_id: Option<String>,
    /// The key that may do everything.
    pub master_key: Option<SecretString>,
    /// The key that may read everything.
    pub read_only_master_key: Option<SecretString>,
    /// From where the master key is accepted.
    pub master_key_ips: Vec<IpNet>,
    /// From where the read-only master key is accepted.
    pub read_only_master_key_ips: Vec<IpNet>,
    /// Keys of clients.
    pub client_keys: Vec<SecretString>,
}

/// How requests come in, and how much of them.
#[derive(Debug, Clone)]
pub struct Requests {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trust_proxy: Vec<IpNet>,
    /// How large a request and the files in it may be, in bytes.
    pub max_upload_bytes: usize,
    /// How large an answer may be, in bytes.
    pub max_response_bytes: usize,
    /// How many objects a request may read.
    pub max_objects: u32,
    /// How long a request may take.
    pub timeout: Duration,
    /// How long a shutdown waits for requests in flight.
    pub shutdown_timeout: Duration,
}

/// What the API shows and what its objects start with.
#[derive(Debug, Clone)]
pub struct Api {
    /// What new classes and objects start with.
    pub class_defaults: ClassDefaults,
    /// Who may ask for the schema.
    pub introspection: Introspection,
    /// Whether browsers get GraphiQL.
    pub graphiql: bool,
}

/// What is logged and how.
#[derive(Debug, Clone)]
pub struct Logging {
    /// Which events, in the notation of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
    /// Whether the standard variables of OpenTelemetry name a collector.
    pub export: bool,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Config {
    /// Reads the configuration, or says all that is wrong with it.
    pub fn read(sources: Sources) -> Result<Self, Mistakes> {
        let export = names_a_collector(&sources);
        let mut reader = Reader::new(sources);
        let config = Self::from(&mut reader, export);
        reader.finish()?;
        config.map_err(|Refused| Mistakes(Vec::new()))
    }

    /// The URL of the database: the configured one, or an SQLite file in the data directory.
    pub fn database_url(&self) -> SecretString {
        self.database.url.clone().unwrap_or_else(|| {
            let file = self.general.data_dir.join("portcullis.db");
            let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            SecretString::from(format!("sqlite:{path}?mode=rwc"))
        })
    }

    fn from(reader: &mut Reader, export: bool) -> Result<Self, Refused> {
        let general = General::from(reader);
        let access = Access::from(reader, general.as_ref().ok().map(|general| general.environment));
        let requests = Requests::from(reader);
        let environment = general.as_ref().map_or(Environment::Development, |general| general.environment);
        let api = Api::from(reader, environment);
        let accounts = Accounts::from(reader);
        let timeout = requests.as_ref().map_or(Duration::MAX, |requests| requests.timeout);
        let database = Database::from(reader, timeout);
        let defaults = api.as_ref().map_or(ClassDefaults::Private, |api| api.class_defaults);
        let files = Files::from(reader, defaults);
        let logging = Logging::from(reader, export);
        Ok(Self {
            general: general?,
            access: access?,
            requests: requests?,
            api: api?,
            accounts: accounts?,
            files: files?,
            database: database?,
            logging: logging?,
        })
    }
}

impl General {
    fn from(reader: &mut Reader) -> Result<Self, Refused> {
        let environments =
            parse::word(&[("development", Environment::Development), ("production", Environment::Production)]);
        let listen = reader.value(&setting::LISTEN, parse::socket);
        let environment = reader.value(&setting::ENVIRONMENT, environments);
        let data_dir = reader.value(&setting::DATA_DIR, parse::directory);
        let public_url = reader.optional(&setting::PUBLIC_URL, parse::public_url);
        Ok(Self { listen: listen?, environment: environment?, data_dir: data_dir?, public_url: public_url? })
    }
}

impl Access {
    fn from(reader: &mut Reader, environment: Option<Environment>) -> Result<Self, Refused> {
        let app_id = reader.optional(&setting::APP_ID, parse::app_id);
        let master_key = reader.optional(&setting::MASTER_KEY, parse::key);
        let read_only_master_key = reader.optional(&setting::READ_ONLY_MASTER_KEY, parse::key);
        let master_key_ips = reader.list(&setting::MASTER_KEY_IPS, parse::network);
        let read_only_master_key_ips = reader.list(&setting::READ_ONLY_MASTER_KEY_IPS, parse::network);
        let client_keys = reader.list(&setting::CLIENT_KEYS, parse::key);
        Doors {
            app_id: app_id.as_ref().ok().and_then(Option::as_deref),
            master_key: master_key.as_ref().ok().and_then(Option::as_ref),
            read_only_master_key: read_only_master_key.as_ref().ok().and_then(Option::as_ref),
            client_keys: client_keys.as_deref().unwrap_or_default(),
        }
        .contradictions(reader, environment);
        Ok(Self {
            app_id: app_id?,
            master_key: master_key?,
            read_only_master_key: read_only_master_key?,
            master_key_ips: master_key_ips?,
            read_only_master_key_ips: read_only_master_key_ips?,
            client_keys: client_keys?,
        })
    }
}

/// What opens the server, as far as it could be read.
struct Doors<'a> {
    app_id: Option<&'a str>,
    master_key: Option<&'a SecretString>,
    read_only_master_key: Option<&'a SecretString>,
    client_keys: &'a [SecretString],
}

impl Doors<'_> {
    /// A text that opens two doors opens the wider one by accident.
    fn contradictions(&self, reader: &mut Reader, environment: Option<Environment>) {
        let named =
            [(&setting::MASTER_KEY, self.master_key), (&setting::READ_ONLY_MASTER_KEY, self.read_only_master_key)];
        let given = named.into_iter().filter_map(|(setting, key)| Some((setting, key?.expose_secret())));
        for (setting, key) in given {
            if self.app_id == Some(key) {
                let other = reader.origin(&setting::APP_ID);
                reader.contradiction(setting, &format!("is the same as {other}, which is not a secret"));
            }
            if self.client_keys.iter().any(|client| client.expose_secret() == key) {
                let other = reader.origin(&setting::CLIENT_KEYS);
                reader.contradiction(setting, &format!("is also in {other}, which every client has"));
            }
            if environment == Some(Environment::Production) && key.len() < SHORTEST_KEY {
                reader.contradiction(
                    setting,
                    &format!("is shorter than {SHORTEST_KEY} characters, which production does not allow"),
                );
            }
        }
        if let (Some(master), Some(read_only)) = (self.master_key, self.read_only_master_key)
            && master.expose_secret() == read_only.expose_secret()
        {
            let other = reader.origin(&setting::MASTER_KEY);
            reader.contradiction(&setting::READ_ONLY_MASTER_KEY, &format!("is the same as {other}"));
        }
    }
}

impl Requests {
    fn from(reader: &mut Reader) -> Result<Self, Refused> {
        let trust_proxy = reader.list(&setting::TRUST_PROXY, parse::network);
        let max_upload_bytes = reader.value(&setting::MAX_UPLOAD_SIZE, parse::size);
        let max_response_bytes = reader.value(&setting::MAX_RESPONSE_SIZE, parse::size);
        let max_objects = reader.value(&setting::MAX_OBJECTS, parse::count);
        let timeout = reader.value(&setting::REQUEST_TIMEOUT, parse::duration);
        let shutdown_timeout = reader.value(&setting::SHUTDOWN_TIMEOUT, parse::duration);
        Ok(Self {
            trust_proxy: trust_proxy?,
            max_upload_bytes: max_upload_bytes?,
            max_response_bytes: max_response_bytes?,
            max_objects: max_objects?,
            timeout: timeout?,
            shutdown_timeout: shutdown_timeout?,
        })
    }
}

impl Api {
    fn from(reader: &mut Reader, environment: Environment) -> Result<Self, Refused> {
        let defaults = parse::word(&[("private", ClassDefaults::Private), ("parse", ClassDefaults::Parse)]);
        let who = parse::word(&[("everybody", Introspection::Everybody), ("master-key", Introspection::MasterKeyOnly)]);
        let open = environment == Environment::Development;
        let usual = if open { Introspection::Everybody } else { Introspection::MasterKeyOnly };

        let class_defaults = reader.value(&setting::CLASS_DEFAULTS, defaults);
        let introspection = reader.optional(&setting::INTROSPECTION, who);
        let graphiql = reader.optional(&setting::GRAPHIQL, parse::boolean);
        Ok(Self {
            class_defaults: class_defaults?,
            introspection: introspection?.unwrap_or(usual),
            graphiql: graphiql?.unwrap_or(open),
        })
    }
}

impl Logging {
    fn from(reader: &mut Reader, export: bool) -> Result<Self, Refused> {
        let formats = parse::word(&[("text", LogFormat::Text), ("json", LogFormat::Json)]);
        let filter = reader.value(&setting::LOG, parse::log_filter);
        let format = reader.value(&setting::LOG_FORMAT, formats);
        Ok(Self { filter: filter?, format: format?, export })
    }
}

/// Whether OpenTelemetry's own variables ask for an export of traces. Its library reads the rest.
fn names_a_collector(sources: &Sources) -> bool {
    let endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
    sources
        .environment
        .iter()
        .any(|(name, value)| endpoints.iter().any(|endpoint| name == endpoint) && !value.is_empty())
}
