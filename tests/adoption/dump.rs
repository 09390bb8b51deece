//! The database that a Parse Server left behind.

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};

use super::harness::{Database, Options, Server};

const DUMP: &str = include_str!("ride-sharing.sql");

/// Runs a test on a copy of the database, which no Portcullis has seen yet.
pub(crate) async fn on_a_parse_database(test: impl AsyncFnOnce(&Database)) {
    Database::on_postgres(async |database| {
        execute(database, DUMP).await;
        // They are open, as they were on the day of the dump.
        let open = r#"UPDATE public."_Session" SET "expiresAt" = now() + interval '1 year'"#;
        execute(database, open).await;
        test(database).await;
    })
    .await;
}

/// Changes a database behind everybody's back.
pub(crate) async fn execute(database: &Database, sql: &str) {
    let mut connection = PgConnection::connect(database.url().unwrap()).await.unwrap();
    raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The only text that a query answers.
pub(crate) async fn text(database: &Database, sql: &str) -> String {
    let mut texts = database.texts(sql).await;
    assert_eq!(texts.len(), 1, "{sql}");
    texts.remove(0).unwrap()
}

/// The program with what every command needs to know.
pub(crate) fn program(database: &Database) -> Options {
    ["--listen", "--app-id", "--master-key", "--read-only-master-key"]
        .into_iter()
        .fold(Server::options(database), Options::without)
}

/// A Portcullis on the database, with the keys of the dump and the defaults of Parse.
pub(crate) async fn take_over(database: &Database) -> Server {
    Server::start(database).await
}
