//! What the store needs to know to open a database.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::error::Error;
use crate::class::ClassDefaults;

/// What stands between the server and its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing, or what is not to be noticed: a connection is this server's alone.
    None,
    /// A pooler that lends a connection for one transaction, such as `PgBouncer`.
    Transaction,
}

/// How a database is opened.
#[derive(Clone)]
pub struct Options {
    /// `postgres://…`, or `sqlite:` and a file name.
    pub database_url: String,
    /// What stands between.
    pub pooling: Pooling,
    /// Where replicas are, of which clients can ask to be answered.
    pub replica_urls: Vec<String>,
    /// Which permissions new classes get.
    pub class_defaults: ClassDefaults,
    /// How many connections are open at most.
    pub max_connections: u32,
    /// How long a request waits for a connection.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a statement waits for others that hold what it needs.
    pub lock_timeout: Duration,
    /// How old what is known of the classes, and of sessions and roles, may be when a request is decided by it.
    pub max_staleness: Duration,
    /// True if session tokens are stored as they are, for a Parse Server on the same database.
    pub readable_session_tokens: bool,
}

/// Where the database is.
pub(super) enum Address {
    /// A PostgreSQL server.
    Postgres(Box<PgConnectOptions>),
    /// A file.
    Sqlite(PathBuf),
    /// Nowhere: it is gone with its only connection.
    Memory,
}

impl Options {
    /// What the URL says. It can contain a password, so no message repeats it.
    pub(super) fn address(&self) -> Result<Address, Error> {
        let url = self.database_url.as_str();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(|_cause| Error::Url)?;
            return Ok(Address::Postgres(Box::new(options)));
        }
        let Some(path) = url.strip_prefix("sqlite:") else { return Err(Error::Url) };
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        match path {
            "" => Err(Error::Url),
            ":memory:" if self.max_connections == 1 => Ok(Address::Memory),
            ":memory:" => Err(Error::InMemory),
            path => Ok(Address::Sqlite(path.into())),
        }
    }

    /// One connection to a database, and patience.
    #[cfg(test)]
    pub(super) fn of_test(url: &str) -> Self {
        Self {
            database_url: url.to_owned(),
            pooling: Pooling::None,
            replica_urls: Vec::new(),
            class_defaults: ClassDefaults::Parse,
            max_connections: 1,
            connect_timeout: Duration::from_mins(1),
            statement_timeout: Duration::from_mins(1),
            lock_timeout: Duration::from_mins(1),
            max_staleness: Duration::from_secs(1),
            readable_session_tokens: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("pooling", &self.pooling)
            .field("replicas", &self.replica_urls.len())
            .field("class_defaults", &self.class_defaults)
            .field("max_connections", &self.max_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("max_staleness", &self.max_staleness)
            .field("readable_session_tokens", &self.readable_session_tokens)
            .finish_non_exhaustive()
    }
}
