//! PostgreSQL whose place is taken by a standby that is promoted.

use super::agreement;
use super::forwarder::{Forwarder, Passage};
use super::harness::{Database, Server};
use super::outage::{eight, impatient, is_away, recovers, told};
use super::postgres_server::PostgresServer;
use super::writers::prepare;

/// A primary that waits for its standby with every commit, as whoever wants to lose nothing configures it.
async fn pair() -> Option<(PostgresServer, PostgresServer)> {
    let primary = PostgresServer::start(&["wal_level = replica", "max_wal_senders = 5"]).await?;
    primary.create_database("app").await;
    let standby = primary.standby().await;
    primary.set(&["synchronous_standby_names = '*'"]);
    primary.reload().await;
    Some((primary, standby))
}

#[tokio::test]
async fn a_promoted_standby_takes_over_and_a_standby_is_never_taken_for_a_primary() {
    let Some((primary, standby)) = pair().await else { return };
    let address = Forwarder::to(primary.port()).await;
    let database = Database::at(address.url("app"));
    let server = impatient(Server::options(&database)).start().await;
    prepare(&server).await;
    let writers = eight("w", &server);
    writers.wait_for(24).await;

    primary.kill().await;
    is_away(&server).await;
    address.lead_to(standby.port());
    // Not promoted yet, it would let itself be read, with permissions that may be old.
    is_away(&server).await;
    standby.promote().await;
    eprintln!("works again after {:?}", recovers(&server, &writers).await);

    let follower = standby.standby().await;
    address.lead_to(follower.port());
    is_away(&server).await;
    assert!(server.stderr().contains("the database is a standby"), "the log says why");
    address.lead_to(standby.port());
    eprintln!("works again after {:?}", recovers(&server, &writers).await);
    let told = told(writers).await;
    agreement::check(&Database::at(standby.url("app")), &told).await;
}

#[tokio::test]
async fn a_primary_that_vanishes_without_a_word_is_left_for_its_standby() {
    let Some((primary, standby)) = pair().await else { return };
    let address = Forwarder::to(primary.port()).await;
    let database = Database::at(address.url("app"));
    let server = impatient(Server::options(&database)).start().await;
    prepare(&server).await;
    let writers = eight("w", &server);
    writers.wait_for(24).await;

    address.set(Passage::Silent);
    is_away(&server).await;
    primary.kill().await;
    standby.promote().await;
    address.lead_silently_to(standby.port());
    eprintln!("works again after {:?}", recovers(&server, &writers).await);
    let told = told(writers).await;
    agreement::check(&Database::at(standby.url("app")), &told).await;
}

#[tokio::test]
async fn a_primary_that_becomes_read_only_says_so_and_goes_on_reading() {
    let Some(stage) = super::outage::Stage::set(&[]).await else { return };
    let server = stage.server().await;
    let writers = eight("w", &server);
    writers.wait_for(8).await;
    stage.cluster.set(&["default_transaction_read_only = on"]);
    stage.cluster.reload().await;
    let create = "mutation { createChild(input: { fields: { name: \"late\" } }) { child { id } } }";
    let begun = std::time::Instant::now();
    let answer = loop {
        let answer = server.anonymous().query(create, serde_json::Value::Null).await;
        if !answer.codes().is_empty() {
            break answer;
        }
        assert!(begun.elapsed() < super::outage::RECOVERY, "it still lets itself be written to");
    };
    assert_eq!((answer.code(), answer.messages()), (100, vec!["The database is read-only.".to_owned()]));
    server.anonymous().query("{ parents { count } }", serde_json::Value::Null).await.ok();
    stage.cluster.set(&["default_transaction_read_only = off"]);
    stage.cluster.reload().await;
    recovers(&server, &writers).await;
    let told = told(writers).await;
    stage.cluster.execute("app", r#"DELETE FROM "Child" WHERE "name" = 'late'"#).await;
    agreement::check(&stage.database, &told).await;
}
