//! A fresh database for each test, of either kind.

use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, query_scalar};

use super::postgres::{self, PostgresDatabase};
use super::scratch::Scratch;

/// An empty database and a data directory, which any number of servers may use, at once or in turn.
#[derive(Debug)]
pub(crate) struct Database {
    // Dropped in this order: PostgreSQL ends the connections of servers that are left.
    postgres: Option<PostgresDatabase>,
    /// The address of a PostgreSQL database that somebody else looks after.
    foreign: Option<String>,
    data_dir: Scratch,
}

impl Database {
    /// Runs a test on a new SQLite database.
    pub(crate) async fn on_sqlite(test: impl AsyncFnOnce(&Self)) {
        test(&Self { postgres: None, foreign: None, data_dir: Scratch::new() }).await;
    }

    /// Runs a test on a new PostgreSQL database. Without a PostgreSQL it is skipped, which says so; in CI it fails.
    pub(crate) async fn on_postgres(test: impl AsyncFnOnce(&Self)) {
        match postgres::cluster() {
            Ok(cluster) => {
                let postgres = Some(PostgresDatabase::create(cluster).await);
                test(&Self { postgres, foreign: None, data_dir: Scratch::new() }).await;
            }
            Err(reason) if postgres::is_required() => {
                panic!("PostgreSQL is needed in CI: {reason}")
            }
            Err(reason) => eprintln!("SKIPPED, there is no PostgreSQL: {reason}"),
        }
    }

    /// A PostgreSQL database at this address, which is not dropped with this.
    pub(crate) fn at(url: String) -> Self {
        Self { postgres: None, foreign: Some(url), data_dir: Scratch::new() }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url().is_some()
    }

    /// The value of `--database-url`; nothing for SQLite, which is in the data directory.
    pub(crate) fn url(&self) -> Option<&str> {
        self.postgres.as_ref().map(PostgresDatabase::url).or(self.foreign.as_deref())
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Asks the database itself for a column of texts, to see what is really stored. A server must have been started.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let query = query_scalar(AssertSqlSafe(sql));
        if let Some(url) = self.url() {
            let mut connection = PgConnection::connect(url).await.unwrap();
            return query.fetch_all(&mut connection).await.unwrap();
        }
        let query = query_scalar(AssertSqlSafe(sql));
        let file = SqliteConnectOptions::new().filename(self.sqlite_file());
        let mut connection = SqliteConnection::connect_with(&file).await.unwrap();
        query.fetch_all(&mut connection).await.unwrap()
    }

    /// The database's file, known by how every SQLite file begins. The files beside it come and go with the connections:
    /// one that is listed may be gone before it is read.
    fn sqlite_file(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.data_dir()).unwrap().map(|entry| entry.unwrap().path());
        let begins_right =
            |path: &PathBuf| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
        let mut found: Vec<_> = entries.filter(begins_right).collect();
        assert_eq!(found.len(), 1, "one SQLite file in the data directory: {found:?}");
        found.remove(0)
    }
}

/// The instant so many seconds ago, in the SQL of a database.
pub(crate) fn ago(database: &Database, seconds: i64) -> String {
    if database.is_postgres() {
        format!("now() - interval '{seconds} seconds'")
    } else {
        format!("(unixepoch() - {seconds}) * 1000")
    }
}
