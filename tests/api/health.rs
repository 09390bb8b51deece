//! A server that is up says so, to callers of the application.

use serde_json::{Value, json};

use super::harness::{Database, Server, on_both_databases};

on_both_databases![
    a_new_server_is_healthy,
    a_caller_needs_the_application_id,
    a_server_told_to_stop_stops,
    what_was_written_is_there_after_a_restart,
    two_servers_come_up_on_one_empty_database,
];

async fn a_new_server_is_healthy(database: &Database) {
    let server = Server::start(database).await;
    let answer = server.anonymous().query("{ health }", Value::Null).await;
    assert_eq!(answer.data("health"), true);

    let nobody = server.caller(&[]);
    assert_eq!(nobody.get("/health").await.status, 200);
    assert_eq!(nobody.get("/ready").await.status, 200);
}

async fn a_caller_needs_the_application_id(database: &Database) {
    let server = Server::start(database).await;
    for headers in [&[][..], &[("X-Parse-Application-Id", "another")]] {
        let answer = server.caller(headers).query("{ health }", Value::Null).await;
        assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})));
    }
}

async fn a_server_told_to_stop_stops(database: &Database) {
    let server = Server::start(database).await;
    let finished = server.stop().await;
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
}

async fn what_was_written_is_there_after_a_restart(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let note = server.master().create("Note", json!({"text": "still here"})).await;

    let server = server.restart().await;
    let answer = server.master().query("query ($id: ID!) { note(id: $id) { text } }", json!({"id": note})).await;
    assert_eq!(answer.data("note.text"), "still here");
}

async fn two_servers_come_up_on_one_empty_database(database: &Database) {
    let (one, other) = tokio::join!(Server::start(database), Server::start(database));
    let alice = one.sign_up("alice").await;
    let answer = other.user(&alice).query("{ viewer { user { id } } }", Value::Null).await;
    assert_eq!(answer.data("viewer.user.id"), &json!(alice.id));
}
