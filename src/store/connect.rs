//! Opening the database: the only place where connections are made.
#![expect(clippy::disallowed_types, reason = "the store owns the connection; this is its only name for it")]

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::dialect::Dialect;
use super::error::Error;
use super::options::{Address, Options};
use super::search;

/// A pool of connections.
pub(super) type Connection = DatabaseConnection;

/// What connections introduce themselves as.
const APPLICATION: &str = "portcullis";

/// From when on a connection is tested before it is used again.
const IDLE: Duration = Duration::from_secs(1);

/// An open database.
pub(super) struct Database {
    pub(super) connection: Connection,
    pub(super) dialect: Dialect,
    /// A pool for one connection that listens, if the database can notify.
    pub(super) listening: Option<PgPool>,
}

/// Opens the database.
pub(super) async fn connect(options: &Options) -> Result<Database, Error> {
    match options.address()? {
        Address::Postgres(address) => postgres(options, *address).await,
        Address::Sqlite(path) => {
            make_file(&path).map_err(|source| Error::File { path: path.clone(), source })?;
            sqlite(options, SqliteConnectOptions::new().filename(path).journal_mode(SqliteJournalMode::Wal)).await
        }
        Address::Memory => sqlite(options, SqliteConnectOptions::new().in_memory(true)).await,
    }
}

async fn postgres(options: &Options, address: PgConnectOptions) -> Result<Database, Error> {
    let quiet = address.application_name(APPLICATION).disable_statement_logging();
    let limited = quiet.clone().options([
        ("statement_timeout", options.statement_timeout.as_millis()),
        ("lock_timeout", options.lock_timeout.as_millis()),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.connect_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < IDLE || connection.ping().await.is_ok()) })
        })
        .connect_with(limited)
        .await
        .map_err(failed)?;
    let listening =
        PgPoolOptions::new().max_connections(1).acquire_timeout(options.connect_timeout).connect_lazy_with(quiet);
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok(Database { connection, dialect: Dialect::Postgres, listening: Some(listening) })
}

/// What a single connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To look, and nothing else: the database refuses every change.
    Looking,
    /// To work for hours, if it takes them.
    Working,
}

/// Opens one connection to PostgreSQL, whose session is its owner's alone.
pub(super) async fn single(options: &Options, purpose: Purpose) -> Result<PgConnection, Error> {
    let Address::Postgres(address) = options.address()? else { return Err(Error::NotPostgres) };
    let quiet = address.application_name(APPLICATION).disable_statement_logging();
    let read_only = match purpose {
        Purpose::Looking => "on",
        Purpose::Working => "off",
    };
    let fitted = quiet.options([
        ("default_transaction_read_only", read_only),
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
    ]);
    let connecting = PgConnection::connect_with(&fitted);
    let connected = tokio::time::timeout(options.connect_timeout, connecting).await;
    connected.map_err(|_cause| Error::Unreachable)?.map_err(failed)
}

async fn sqlite(options: &Options, address: SqliteConnectOptions) -> Result<Database, Error> {
    let address = address
        // What has been acknowledged survives a power failure.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.lock_timeout)
        .foreign_keys(false)
        .pragma("temp_store", "memory")
        .with_regexp()
        .collation(search::COLLATION, search::compare)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.connect_timeout)
        .test_before_acquire(false)
        // A database in memory lives as long as its connection.
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(address)
        .await
        .map_err(failed)?;
    let connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    Ok(Database { connection, dialect: Dialect::Sqlite, listening: None })
}

/// Makes the directory and the file, for the owner only.
fn make_file(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut file = OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn failed(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => Error::Unreachable,
        other => Error::Database(DbErr::Conn(RuntimeErr::SqlxError(other.into()))),
    }
}
