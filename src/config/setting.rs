//! The table of settings: one name each, in three places.
//!
//! A setting `master_key` is the flag `--master-key`, the environment variable
//! `PORTCULLIS_MASTER_KEY` and the key `master_key` of `portcullis.toml`. The table feeds the flags,
//! their help, the search for unknown names and the defaults, so none of them can disagree.

/// What every environment variable of Portcullis starts with.
pub const PREFIX: &str = "PORTCULLIS_";

/// What the variables of the tests start with. They are no settings, and a server that runs beside the tests passes them over.
pub(super) const TESTS_PREFIX: &str = "PORTCULLIS_TEST_";

/// The headings under which `--help` shows the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What somebody who starts the server for the first time looks for.
    General,
    /// Who is let in with which key.
    Keys,
    /// How requests come in.
    Requests,
    /// Which files there may be, and where they are kept.
    Files,
    /// What the API shows.
    Api,
    /// Passwords, failed log-ins and sessions.
    Accounts,
    /// The database and how long it may take.
    Database,
    /// What is written down.
    Logging,
}

impl Group {
    /// The heading in `--help`.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Keys => "Keys",
            Self::Requests => "Requests",
            Self::Files => "Files",
            Self::Accounts => "Accounts",
            Self::Api => "API",
            Self::Database => "Database",
            Self::Logging => "Logging",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the file: lower case, with underscores.
    pub name: &'static str,
    /// What stands for its value in `--help`.
    pub value: &'static str,
    /// Its default: the value itself where it has one, otherwise words that say how it is found.
    pub default: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Where `--help` shows it.
    pub group: Group,
    /// It holds several values: a list in the file, separated by commas elsewhere.
    pub list: bool,
    /// Its value is never shown, not even in an error message.
    pub secret: bool,
}

impl Setting {
    const fn new(group: Group, name: &'static str, value: &'static str) -> Self {
        Self { name, value, default: "", help: "", group, list: false, secret: false }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The flag, without its dashes in front.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.to_ascii_uppercase())
    }
}

/// Declares each setting together with the list of all of them.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident = $setting:expr;)+) => {
        $($(#[doc = $doc])+ pub(super) const $name: Setting = $setting;)+

        /// Every setting, in the order of the table in the README.
        pub const ALL: &[Setting] = &[$($name,)+];
    };
}

use Group::{Accounts, Api, Database, Files, General, Keys, Logging, Requests};

settings! {
    /// Where the server listens.
    LISTEN = Setting::new(General, "listen", "ADDRESS:PORT")
        .default("127.0.0.1:1337")
        .help("Where the server listens; the address can be a name, such as localhost");
    /// Development or production.
    ENVIRONMENT = Setting::new(General, "environment", "NAME")
        .default("development")
        .help("development or production. Production closes introspection and GraphiQL, and refuses weak keys");
    /// Where the server keeps what it makes itself.
    DATA_DIR = Setting::new(General, "data_dir", "DIRECTORY")
        .default("portcullis-data")
        .help("Where the server keeps its generated keys, the SQLite database and files");
    /// The database.
    DATABASE_URL = Setting::new(General, "database_url", "URL")
        .default("SQLite in the data directory")
        .help("postgres://USER:PASSWORD@HOST/NAME or sqlite:FILE")
        .secret();
    /// How clients reach the server.
    PUBLIC_URL = Setting::new(General, "public_url", "URL")
        .default("http:// and the address it listens on")
        .help("How clients reach the server; the addresses of files start with it");

    /// Which application this is.
    APP_ID = Setting::new(Keys, "app_id", "ID")
        .default("generated at the first start")
        .help("The application id that every request names. It is not a secret");
    /// The key that may do everything.
    MASTER_KEY = Setting::new(Keys, "master_key", "KEY")
        .default("generated at the first start")
        .help("The key that may do everything. Other users of the machine can see flags: prefer the variable or the file")
        .secret();
    /// The key that may read everything.
    READ_ONLY_MASTER_KEY = Setting::new(Keys, "read_only_master_key", "KEY")
        .default("generated at the first start")
        .help("The key that may read everything and change nothing")
        .secret();
    /// Where the master key is accepted from.
    MASTER_KEY_IPS = Setting::new(Keys, "master_key_ips", "ADDRESSES")
        .default("127.0.0.1,::1")
        .help("Addresses and networks from which the master key is accepted")
        .list();
    /// Where the read-only master key is accepted from.
    READ_ONLY_MASTER_KEY_IPS = Setting::new(Keys, "read_only_master_key_ips", "ADDRESSES")
        .default("127.0.0.1,::1")
        .help("Addresses and networks from which the read-only master key is accepted")
        .list();
    /// Keys of clients, one of which a request must bring.
    CLIENT_KEYS = Setting::new(Keys, "client_keys", "KEYS")
        .help("If there are any, every request without a master key must bring one of them")
        .list()
        .secret();

    /// Whose word is taken for a client's address.
    TRUST_PROXY = Setting::new(Requests, "trust_proxy", "ADDRESSES")
        .help("Addresses and networks of proxies whose X-Forwarded-For is believed")
        .list();
    /// How large an upload may be.
    MAX_UPLOAD_SIZE = Setting::new(Requests, "max_upload_size", "SIZE")
        .default("20mb")
        .help("How large a request and the files in it may be");
    /// How large an answer may be.
    MAX_RESPONSE_SIZE = Setting::new(Requests, "max_response_size", "SIZE")
        .default("32mb")
        .help("How large an answer may be. A small query can ask for a huge one; it gets an error instead");
    /// How many objects a request may read.
    MAX_OBJECTS = Setting::new(Requests, "max_objects", "NUMBER")
        .default("100000")
        .help("How many objects one request may read, nested ones included");
    /// How long a request may take.
    REQUEST_TIMEOUT = Setting::new(Requests, "request_timeout", "TIME")
        .default("30s")
        .help("How long a request may take");
    /// How long a shutdown waits.
    SHUTDOWN_TIMEOUT = Setting::new(Requests, "shutdown_timeout", "TIME")
        .default("20s")
        .help("How long a shutdown waits for the requests in flight");

    /// Who may upload files.
    UPLOADERS = Setting::new(Files, "uploaders", "LIST")
        .default("users; public,anonymous,users with class_defaults parse")
        .help("Who may upload files besides the master key: users, anonymous (users without a name), public (who is not signed in)")
        .list();
    /// Which files may be uploaded.
    FILE_EXTENSIONS = Setting::new(Files, "file_extensions", "LIST")
        .default("*")
        .help("Extensions of files that may be uploaded; * is all of them, and none")
        .list();
    /// Which files may not be uploaded.
    DENIED_FILE_EXTENSIONS = Setting::new(Files, "denied_file_extensions", "LIST")
        .default(
            "htm,html,shtml,dhtml,xhtml,xhtm,xht,mht,mhtml,hta,htc,svg,svgz,xml,xsl,xslt,xsd,xul,rng,rdf,rss,atom,\
             owl,mml,mathml,dtd,swf",
        )
        .help("Extensions of files that may not be uploaded, since they could act in a browser")
        .list();
    /// Where files are kept.
    FILE_STORAGE = Setting::new(Files, "file_storage", "PLACE")
        .default("the directory files in the data directory")
        .help("Where files are kept: a directory, or s3://BUCKET/PREFIX for S3 and what speaks like it");
    /// Where the service is that speaks like S3.
    S3_ENDPOINT = Setting::new(Files, "s3_endpoint", "URL")
        .default("that of AWS")
        .help("The address of the S3 service");
    /// In which region the bucket is.
    S3_REGION = Setting::new(Files, "s3_region", "NAME")
        .default("AWS_REGION, or us-east-1")
        .help("The region of the bucket");
    /// The id of the key to the bucket.
    S3_ACCESS_KEY_ID = Setting::new(Files, "s3_access_key_id", "ID")
        .default("what AWS has for it: its variables, or the role of the machine")
        .help("The id of the access key for the bucket");
    /// The key to the bucket.
    S3_SECRET_ACCESS_KEY = Setting::new(Files, "s3_secret_access_key", "KEY")
        .help("The secret of that access key")
        .secret();

    /// What new classes and objects start with.
    CLASS_DEFAULTS = Setting::new(Api, "class_defaults", "NAME")
        .default("private")
        .help("private: a new class is for signed-in users, a new object for its creator. parse: both are open to everybody");
    /// Who may read the schema.
    INTROSPECTION = Setting::new(Api, "introspection", "WHO")
        .default("everybody in development, master-key in production")
        .help("everybody or master-key: who may ask for the GraphQL schema");
    /// Whether a browser gets GraphiQL.
    GRAPHIQL = Setting::new(Api, "graphiql", "BOOL")
        .default("true in development, false in production")
        .help("Serve GraphiQL to browsers");

    /// How long a session lasts.
    SESSION_LENGTH = Setting::new(Accounts, "session_length", "TIME")
        .default("365d")
        .help("How long a session lasts after its login; none: until it is ended");
    /// Whether the use of a session makes it last longer.
    EXTEND_SESSION_ON_USE = Setting::new(Accounts, "extend_session_on_use", "BOOL")
        .default("false")
        .help("A session that is used in the second half of its length lasts its whole length from then on");
    /// How passwords are hashed.
    PASSWORD_HASH = Setting::new(Accounts, "password_hash", "NAME")
        .default("argon2id")
        .help("argon2id, or bcrypt for a Parse Server on the same database; other hashes are replaced at the next login");
    /// How long a password is at least.
    PASSWORD_MIN_LENGTH = Setting::new(Accounts, "password_min_length", "NUMBER")
        .default("1")
        .help("How many characters a new password has at least");
    /// What a password matches.
    PASSWORD_PATTERN = Setting::new(Accounts, "password_pattern", "REGEX")
        .help("A regular expression that every new password must match");
    /// What users are told about the pattern.
    PASSWORD_PATTERN_HINT = Setting::new(Accounts, "password_pattern_hint", "TEXT")
        .default("a sentence that does not show the pattern")
        .help("What whoever chose a password that does not match the pattern is told");
    /// Whether a password may contain the user name.
    PASSWORD_WITHOUT_USERNAME = Setting::new(Accounts, "password_without_username", "BOOL")
        .default("false")
        .help("Refuse new passwords that contain the user name");
    /// How long a password is good.
    PASSWORD_MAX_AGE = Setting::new(Accounts, "password_max_age", "TIME")
        .default("no limit")
        .help("How long after it was set a password can be used to log in");
    /// How many passwords are remembered.
    PASSWORD_HISTORY = Setting::new(Accounts, "password_history", "NUMBER")
        .default("0")
        .help("From how many of its last passwords, at most 20, a new password of a user must differ");
    /// How many failures lock an account.
    LOCKOUT_THRESHOLD = Setting::new(Accounts, "lockout_threshold", "NUMBER")
        .default("no lock-out")
        .help("How many failed logins in a row, at most 999, lock an account");
    /// How long it is locked.
    LOCKOUT_DURATION = Setting::new(Accounts, "lockout_duration", "TIME")
        .default("5m")
        .help("How long an account is locked; as long after the last failure, failures are forgotten");
    /// Whether tokens stay readable.
    READABLE_SESSION_TOKENS = Setting::new(Accounts, "readable_session_tokens", "BOOL")
        .default("false")
        .help("Store session tokens as they are instead of hashed, for a Parse Server on the same database");

    /// Where replicas are.
    REPLICA_URLS = Setting::new(Database, "replica_urls", "URLS")
        .help("Replicas of a PostgreSQL database, for queries that ask for them by readPreference; each URL leads to one of them")
        .list()
        .secret();
    /// What stands between the server and the database.
    DATABASE_POOLER = Setting::new(Database, "database_pooler", "NAME")
        .default("none")
        .help("transaction: database_url leads to a pooler that lends a connection for one transaction, such as PgBouncer");
    /// How many connections to open.
    MAX_CONNECTIONS = Setting::new(Database, "max_connections", "NUMBER")
        .default("16")
        .help("How many connections to the database are open at most; to SQLite, no more than two for each core, or four");
    /// How long to wait for a connection.
    CONNECT_TIMEOUT = Setting::new(Database, "connect_timeout", "TIME")
        .default("5s")
        .help("How long a request waits for a connection to the database");
    /// How long a statement may take.
    STATEMENT_TIMEOUT = Setting::new(Database, "statement_timeout", "TIME")
        .default("the request_timeout")
        .help("How long one SQL statement may take");
    /// How long a statement waits for another's lock.
    LOCK_TIMEOUT = Setting::new(Database, "lock_timeout", "TIME")
        .default("5s, or the statement_timeout if that is shorter")
        .help("How long a statement waits for a lock");
    /// How old what a request is decided by may be.
    MAX_STALENESS = Setting::new(Database, "max_staleness", "TIME")
        .default("1s")
        .help("How long a change of classes, permissions, roles or sessions made elsewhere may take until it is in force here");

    /// What is logged.
    LOG = Setting::new(Logging, "log", "FILTER")
        .default("info")
        .help(
            "What is logged: error, warn, info, debug, trace, also by module as in info,portcullis::store=debug, which \
             shows each SQL statement",
        );
    /// How it is logged.
    LOG_FORMAT = Setting::new(Logging, "log_format", "FORMAT")
        .default("text")
        .help("text or json");
}
