//! Where the database is, and how long it may take.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::source::{Reader, Refused};
use super::{parse, setting};
use crate::store::Pooling;

/// The database and how long it may take.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where it is, with the password in it; nothing for SQLite in the data directory.
    pub url: Option<SecretString>,
    /// What stands between.
    pub pooling: Pooling,
    /// Where replicas are, with the passwords in it.
    pub replica_urls: Vec<SecretString>,
    /// How many connections are open at most.
    pub max_connections: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
    /// How old what a request is decided by may be.
    pub max_staleness: Duration,
}

impl Database {
    pub(super) fn from(reader: &mut Reader, request_timeout: Duration) -> Result<Self, Refused> {
        let url = reader.optional(&setting::DATABASE_URL, parse::database_url);
        let poolings = parse::word(&[("none", Pooling::None), ("transaction", Pooling::Transaction)]);
        let pooling = reader.value(&setting::DATABASE_POOLER, poolings);
        let replica_urls = reader.list(&setting::REPLICA_URLS, parse::database_url);
        let max_connections = reader.value(&setting::MAX_CONNECTIONS, parse::count);
        let connect_timeout = reader.value(&setting::CONNECT_TIMEOUT, parse::duration);
        let statement_timeout = reader.optional(&setting::STATEMENT_TIMEOUT, parse::duration);
        let lock_timeout = reader.optional(&setting::LOCK_TIMEOUT, parse::duration);
        let max_staleness = reader.value(&setting::MAX_STALENESS, parse::duration);
        let statement_timeout = statement_timeout?.unwrap_or(request_timeout);
        let lock_timeout = lock_timeout?.unwrap_or(statement_timeout.min(Duration::from_secs(5)));
        if lock_timeout > statement_timeout {
            let other = reader.origin(&setting::STATEMENT_TIMEOUT);
            let wrong = format!("is longer than {other}, which ends the statement before");
            reader.contradiction(&setting::LOCK_TIMEOUT, &wrong);
        }
        let (url, pooling, replica_urls) = (url?, pooling?, replica_urls?);
        let on_postgres = url.as_ref().is_some_and(is_postgres);
        if pooling != Pooling::None && !on_postgres {
            reader.contradiction(&setting::DATABASE_POOLER, "is for a database_url that begins with postgres://");
        }
        let replicated = on_postgres && replica_urls.iter().all(is_postgres);
        if !replica_urls.is_empty() && !replicated {
            reader.contradiction(&setting::REPLICA_URLS, "are for PostgreSQL, as is then the database_url");
        }
        Ok(Self {
            url,
            pooling,
            replica_urls,
            max_connections: max_connections?,
            connect_timeout: connect_timeout?,
            statement_timeout,
            lock_timeout,
            max_staleness: max_staleness?,
        })
    }
}

fn is_postgres(url: &SecretString) -> bool {
    url.expose_secret().starts_with("postgres")
}
