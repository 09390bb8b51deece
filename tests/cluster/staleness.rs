//! Permissions that cannot be confirmed are not served.

use sea_orm::sqlx::{Connection as _, PgConnection, raw_sql};
use serde_json::{Value, json};

use super::harness::{Options, Scratch};
use super::postgres_server::{PostgresServer, Stop};
use super::scene::{a_second, texts, until};

/// The version of the classes cannot be read: the server neither hears nor finds out whether they have changed.
#[tokio::test]
async fn a_server_that_cannot_ask_serves_nothing() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let (data_dir, url) = (Scratch::new(), postgres.create_database("app").await);
    let server = Options::on(data_dir.path(), Some(&url)).flag("--connect-timeout", "1s").start().await;
    server.create_class("Note", &[("text", "String")]).await;
    let stranger = server.anonymous();
    assert_eq!(texts(&stranger, "notes").await, Ok(Vec::new()));

    let mut holder = PgConnection::connect(&url).await.unwrap();
    let hold = r#"BEGIN; LOCK TABLE "_Portcullis" IN ACCESS EXCLUSIVE MODE;"#;
    raw_sql(hold).execute(&mut holder).await.unwrap();
    a_second().await;
    let start = std::time::Instant::now();
    let answers = futures::future::join_all((0..20).map(|_| texts(&stranger, "notes"))).await;
    assert!(answers.iter().all(|answer| *answer == Err(100)), "{answers:?}");
    // They share one question: it would be 20 s otherwise.
    assert!(start.elapsed() < std::time::Duration::from_secs(10), "{:?}", start.elapsed());

    raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    until("the server serves again", async || texts(&stranger, "notes").await == Ok(Vec::new())).await;
}

/// A standby that takes the place of its primary may not have had the last change.
#[tokio::test]
async fn a_change_that_was_lost_in_a_fail_over_is_forgotten() {
    let Some(primary) = PostgresServer::start(&[]).await else { return };
    let (data_dir, url) = (Scratch::new(), primary.create_database("app").await);
    let server = Options::on(data_dir.path(), Some(&url)).flag("--connect-timeout", "1s").start().await;
    server.create_class("Note", &[("text", "String")]).await;
    server.set_permissions("Note", json!({})).await;
    let mut standby = primary.standby().await;
    let caught_up =
        "SELECT (state = 'streaming')::text FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()";
    until("the standby follows", async || primary.texts("app", caught_up).await == [Some("true".to_owned())]).await;
    standby.stop(Stop::Fast).await;
    for permissions in [json!({"find": {"public": true}}), json!({}), json!({"find": {"public": true}})] {
        server.set_permissions("Note", permissions).await;
    }
    assert_eq!(texts(&server.anonymous(), "notes").await, Ok(Vec::new()));

    primary.kill().await;
    standby.move_to(primary.port());
    standby.start_again().await;
    standby.promote().await;
    // The class is closed again, and it is an older version that says so.
    until("the closed class is known", async || answer(&server.anonymous()).await == Err(119)).await;
}

/// As [`texts`], for a server that may be without a database.
async fn answer(caller: &super::harness::Client) -> Result<Vec<Value>, i64> {
    texts(caller, "notes").await
}
