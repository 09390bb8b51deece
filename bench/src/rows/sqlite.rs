//! Files of SQLite.

use std::fs;
use std::io::ErrorKind;
use std::str::FromStr as _;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::Result;

async fn open(url: &str) -> sqlx::Result<SqliteConnection> {
    SqliteConnectOptions::from_str(url)?.pragma("cache_size", "-200000").connect().await
}

/// True if the file was filled to the end.
pub(super) async fn is_complete(url: &str) -> bool {
    let Ok(mut database) = open(url).await else { return false };
    sqlx::query("SELECT 1 FROM \"_Bench\"").fetch_optional(&mut database).await.is_ok_and(|row| row.is_some())
}

/// Makes room for a new file.
pub(super) fn create(url: &str) -> Result<()> {
    remove(url)
}

/// Removes a file, and what SQLite keeps beside it.
pub(super) fn remove(url: &str) -> Result<()> {
    let path = url.trim_start_matches("sqlite:");
    for ending in ["", "-wal", "-shm"] {
        match fs::remove_file(format!("{path}{ending}")) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Runs a script.
pub(super) async fn run(url: &str, script: &str) -> Result<()> {
    let mut database = open(url).await?;
    sqlx::raw_sql(AssertSqlSafe(script.to_owned())).execute(&mut database).await?;
    database.close().await?;
    Ok(())
}
