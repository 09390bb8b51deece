//! Databases of a PostgreSQL server.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::Result;
use crate::options::{Kind, Options};

/// The URL of another database of the same server. Nothing is encrypted on the way there: the drivers would decide that
/// differently.
pub(super) fn url(server: &str, name: &str) -> Result<String> {
    let (front, _) = server.rsplit_once('/').ok_or("the URL of PostgreSQL names no database")?;
    Ok(format!("{front}/{name}?sslmode=disable"))
}

/// True if the database was filled to the end.
pub(super) async fn is_complete(options: &Options, name: &str, url: &str) -> Result<bool> {
    let mut server = PgConnection::connect(&options.postgres_url).await?;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name).fetch_optional(&mut server);
    if found.await?.is_none() {
        return Ok(false);
    }
    let mut database = PgConnection::connect(url).await?;
    Ok(sqlx::query("SELECT 1 FROM \"_Bench\"").fetch_optional(&mut database).await.is_ok_and(|row| row.is_some()))
}

/// Makes an empty database; one of the same name goes.
pub(super) async fn create(options: &Options, name: &str, url: &str) -> Result<()> {
    remove(options, name).await?;
    let create = format!("CREATE DATABASE \"{name}\" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    run(&options.postgres_url, &create).await?;
    if options.kinds.contains(&Kind::Parse) {
        // Parse Server does not start without it, and does not install it itself.
        run(url, "CREATE EXTENSION IF NOT EXISTS postgis").await?;
    }
    Ok(())
}

/// Removes a database.
pub(super) async fn remove(options: &Options, name: &str) -> Result<()> {
    run(&options.postgres_url, &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await
}

/// Runs a script.
pub(super) async fn run(url: &str, script: &str) -> Result<()> {
    let mut database = PgConnection::connect(url).await?;
    // VACUUM must stand alone, so the parts of a script are sent one by one.
    for statement in script.split(";\n").filter(|part| !part.trim().is_empty()) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut database).await?;
    }
    database.close().await?;
    Ok(())
}
