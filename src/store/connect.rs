//! Opening the database: the only place where connections are made.
#![expect(clippy::disallowed_types, reason = "the store owns the connection; this is its only name for it")]

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxSqliteConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::connection::Connection;
use super::dialect::Dialect;
use super::error::Error;
use super::hot::Hot;
use super::options::{Address, Options, Pooling};
use super::pooler::Pooler;
use super::{principals, search};

/// A pool of connections.
pub(super) type Pool = DatabaseConnection;

/// What connections introduce themselves as.
const APPLICATION: &str = "portcullis";

/// From when on a connection is tested before it is used again.
pub(super) const IDLE: Duration = Duration::from_secs(1);

/// How long a connection may take to end what it was doing when its request gave up.
pub(super) const FAREWELL: Duration = Duration::from_secs(5);

/// How many rows of an answer SQLite's thread may be ahead of who reads them. With fewer, the two wait for each other.
const ROW_BUFFER: usize = 1000;

/// An open database.
pub(super) struct Database {
    pub(super) connection: Connection,
    pub(super) dialect: Dialect,
    /// A pool for one connection that listens, if it can be notified.
    pub(super) listening: Option<PgPool>,
}

/// Opens the database.
pub(super) async fn connect(options: &Options) -> Result<Database, Error> {
    match options.address()? {
        Address::Postgres(address) => postgres(options, *address).await,
        Address::Sqlite(path) => {
            make_file(&path).map_err(|source| Error::File { path: path.clone(), source })?;
            check_file(&path)?;
            let address = SqliteConnectOptions::new().filename(&path).journal_mode(SqliteJournalMode::Wal);
            sqlite(options, address).await.map_err(|error| beside(&path, error))
        }
        Address::Memory => sqlite(options, SqliteConnectOptions::new().in_memory(true)).await,
    }
}

async fn postgres(options: &Options, address: PgConnectOptions) -> Result<Database, Error> {
    let quiet = address.application_name(APPLICATION).disable_statement_logging();
    let pool = pool(options)
        .after_connect(|connection, _about| Box::pin(refuse_standby(connection)))
        .connect_with(fitted(options, quiet.clone()))
        .await
        .map_err(failed)?;
    let (connection, listening) = match options.pooling {
        Pooling::None => {
            let listening = PgPoolOptions::new().max_connections(1).acquire_timeout(options.connect_timeout);
            let listening = listening.connect_lazy_with(quiet);
            (Connection::Postgres(Hot::new(pool, options)), Some(listening))
        }
        Pooling::Transaction => (Connection::Pooled(Pooler::new(pool, options)), None),
    };
    Ok(Database { connection, dialect: Dialect::Postgres, listening })
}

/// Refuses a server that only follows another one: it may show permissions that have been withdrawn, and during a fail-over
/// the address of the database can lead to one.
async fn refuse_standby(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Without a prepared statement, which poolers may not know.
    let answer = sqlx::raw_sql("SELECT pg_is_in_recovery()").fetch_one(connection).await?;
    if answer.try_get(0)? { Err(sqlx::Error::Configuration("the database is a standby".into())) } else { Ok(()) }
}

/// Lets a connection end what it was doing, and finds out whether the other end is there. One that does not answer is given up:
/// otherwise it would keep its place in the pool until the network finds out that the other end is gone, as the driver asks
/// the same without a limit.
async fn settle(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let settled = tokio::time::timeout(FAREWELL, connection.ping()).await;
    settled.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
}

/// A pool for each replica. Nothing is opened yet: a server works without them.
pub(super) fn replicas(options: &Options) -> Result<Vec<PgPool>, Error> {
    let open = |url: &String| {
        let address = PgConnectOptions::from_str(url).map_err(|_cause| Error::Url)?;
        let quiet = address.application_name(APPLICATION).disable_statement_logging();
        Ok(pool(options).connect_lazy_with(fitted(options, quiet)))
    };
    options.replica_urls.iter().map(open).collect()
}

/// What a connection on which statements run needs.
fn fitted(options: &Options, address: PgConnectOptions) -> PgConnectOptions {
    match options.pooling {
        Pooling::None => address
            .options([
                ("statement_timeout", options.statement_timeout.as_millis()),
                ("lock_timeout", options.lock_timeout.as_millis()),
            ])
            // What an application asks for is in memory, or on a disk without a head to move. PostgreSQL assumes such a disk, and
            // would rather walk long indexes than look at some pages.
            .options([("random_page_cost", "1.1")]),
        // A pooler refuses what it cannot keep apart.
        Pooling::Transaction => address.extra_float_digits(None).statement_cache_capacity(0),
    }
}

fn pool(options: &Options) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.connect_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < IDLE || connection.ping().await.is_ok()) })
        })
        .after_release(|connection, _about| Box::pin(settle(connection)))
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
    if options.pooling == Pooling::Transaction {
        return Err(Error::Pooled);
    }
    let quiet = address.application_name(APPLICATION).disable_statement_logging();
    let read_only = match purpose {
        Purpose::Looking => "on",
        Purpose::Working => "off",
    };
    let alone = quiet.options([
        ("default_transaction_read_only", read_only),
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
    ]);
    let connecting = PgConnection::connect_with(&alone);
    let connected = tokio::time::timeout(options.connect_timeout, connecting).await;
    connected.map_err(|_cause| Error::Unreachable)?.map_err(failed)
}

/// Copies an SQLite database to a file that is empty, as it is at this moment.
pub(super) async fn copy_file(options: &Options, source: &Path, target: &str) -> Result<(), Error> {
    let address = fitted_sqlite(options, SqliteConnectOptions::new().filename(source));
    let mut connection = address.connect().await.map_err(failed)?;
    sqlx::query("VACUUM INTO ?").bind(target).execute(&mut connection).await?;
    connection.close().await.map_err(failed)
}

/// What every connection to an SQLite database needs.
fn fitted_sqlite(options: &Options, address: SqliteConnectOptions) -> SqliteConnectOptions {
    address
        // What has been acknowledged survives a power failure.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.lock_timeout)
        .foreign_keys(false)
        .pragma("temp_store", "memory")
        .row_buffer_size(ROW_BUFFER)
        .with_regexp()
        .collation(search::COLLATION, search::compare)
        .collation(principals::COLLATION, principals::compare)
        .disable_statement_logging()
}

/// How many connections to an SQLite database are worth their memory. Each is a thread in this process and has all
/// definitions of tables in mind, which it reads anew after every change of a class.
fn worthwhile_connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
    cores.saturating_mul(2).max(4)
}

async fn sqlite(options: &Options, address: SqliteConnectOptions) -> Result<Database, Error> {
    let pool = SqlitePoolOptions::new()
        .max_connections(options.max_connections.min(worthwhile_connections()))
        .acquire_timeout(options.connect_timeout)
        .test_before_acquire(false)
        // A database in memory lives as long as its connection.
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _about| Box::pin(has_ended(connection)))
        .connect_with(fitted_sqlite(options, address))
        .await
        .map_err(failed)?;
    let connection = Connection::Sqlite(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool));
    Ok(Database { connection, dialect: Dialect::Sqlite, listening: None })
}

/// Whether a connection has ended its transaction. When the disk is full, SQLite does that by itself, and the driver does not
/// notice: it would nest the next transaction in one that is gone, without the lock that writers take first.
async fn has_ended(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The end may still be on its way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
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

/// Finds out whether the file can be written to. SQLite would open it all the same, and refuse the first change. Nobody in
/// this process works with it yet: to close it would take SQLite's locks away from them.
fn check_file(path: &Path) -> Result<(), Error> {
    match OpenOptions::new().write(true).open(path) {
        Ok(_) => Ok(()),
        Err(source) => Err(Error::ReadOnly { path: path.to_owned(), reason: source.to_string() }),
    }
}

/// SQLite keeps files of its own beside the database, and says of a directory that forbids it only that something
/// cannot be opened.
fn beside(path: &Path, error: Error) -> Error {
    if error.is_read_only() || error.code().as_deref() == Some("14") {
        let reason = "SQLite must be able to make files beside it".to_owned();
        return Error::ReadOnly { path: path.to_owned(), reason };
    }
    error
}

/// Why there is no connection.
pub(super) fn failed(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => Error::Unreachable,
        other => Error::Database(DbErr::Conn(RuntimeErr::SqlxError(other.into()))),
    }
}

#[cfg(test)]
mod tests {
    use crate::store::dialect::Dialect;
    use crate::store::rows::Raw;
    use crate::store::sql::Sql;
    use crate::store::{Options, Store};

    #[tokio::test]
    async fn sqlite_is_built_as_the_settings_of_cargo_say() {
        let store = Box::pin(Store::open(&Options::of_test("sqlite::memory:"))).await.unwrap();
        let options = Sql::from(Dialect::Sqlite, "PRAGMA compile_options");
        let rows = store.shared.executor().rows(options).await.unwrap();
        let is_set = |option| rows.iter().any(|row| Raw::new(row).unwrap().required(0).unwrap() == option);
        assert!(is_set("ENABLE_MATH_FUNCTIONS"));
        assert!(is_set("DEFAULT_MEMSTATUS=0"));
        assert!(!is_set("ENABLE_MEMORY_MANAGEMENT"));
    }
}
