//! A session begins by signing up or logging in, says who is asking, and ends by logging out.

use serde_json::{Value, json};

use super::harness::{Database, Server, on_both_databases};

on_both_databases![
    signing_up_begins_a_session,
    a_bearer_token_is_a_session_token,
    logging_out_ends_this_session_and_no_other,
    nobody_is_no_viewer,
    a_wrong_password_and_an_unknown_user_look_the_same,
];

const VIEWER: &str = "{ viewer { sessionToken user { id objectId username } } }";
const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
}";
const LOG_OUT: &str = "mutation { logOut(input: {}) { ok } }";

async fn signing_up_begins_a_session(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let token = alice.token.strip_prefix("r:").expect("a token of Parse's form");
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");

    let answer = server.user(&alice).query(VIEWER, Value::Null).await;
    let user = json!({"id": alice.id, "objectId": alice.object_id, "username": "alice"});
    assert_eq!(answer.data("viewer"), &json!({"sessionToken": alice.token, "user": user}));
}

async fn a_bearer_token_is_a_session_token(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let caller = server.anonymous().with("Authorization", &format!("Bearer {}", alice.token));
    assert_eq!(caller.query(VIEWER, Value::Null).await.data("viewer.user.username"), "alice");
}

async fn logging_out_ends_this_session_and_no_other(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let credentials = json!({"username": "alice", "password": alice.password});
    let second = server.anonymous().query(LOG_IN, credentials).await.text("logIn.viewer.sessionToken");

    let answer = server.session(&second).query(LOG_OUT, Value::Null).await;
    assert_eq!(answer.data("logOut.ok"), true);

    let ended = server.session(&second).query(VIEWER, Value::Null).await;
    assert_eq!((ended.status, ended.json), (400, json!({"code": 209, "error": "Invalid session token"})));
    server.user(&alice).query(VIEWER, Value::Null).await.ok();
}

async fn nobody_is_no_viewer(database: &Database) {
    let server = Server::start(database).await;
    assert_eq!(server.anonymous().query(VIEWER, Value::Null).await.code(), 209);
}

async fn a_wrong_password_and_an_unknown_user_look_the_same(database: &Database) {
    let server = Server::start(database).await;
    server.sign_up("alice").await;
    let log_in = async |name: &str| {
        let credentials = json!({"username": name, "password": "wrong"});
        server.anonymous().query(LOG_IN, credentials).await
    };
    let (known, unknown) = (log_in("alice").await, log_in("bob").await);
    assert_eq!(known.code(), 101);
    assert_eq!(known.json, unknown.json);
}
