//! Users and their sessions, where Parse's scenarios cannot look: races, other servers, and what the database keeps.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, Server, on_both_databases};

on_both_databases![
    of_fifty_who_sign_up_with_one_name_one_wins,
    of_fifty_who_sign_up_with_one_address_one_wins,
    of_many_who_take_one_name_one_wins,
    a_closed_sign_up_tells_no_names,
    the_database_keeps_no_password_and_no_token,
    tokens_are_readable_if_a_parse_server_must_read_them,
    a_hash_of_parse_is_replaced_at_the_next_login,
    a_list_of_sessions_shows_the_token_in_use_only,
    another_server_ends_sessions_within_a_second,
    a_session_ends_in_time,
    a_name_cannot_be_emptied,
    an_id_cannot_be_chosen,
    a_challenge_needs_a_password_beside_a_name,
];

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: { fields: $fields }) { viewer { sessionToken } }
}";
const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
}";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";
const VIEWER: &str = "{ viewer { user { username } } }";

/// Exactly one answer is good; all others have the code.
fn one_wins(answers: &[Answer], code: i64) {
    let won = answers.iter().filter(|answer| answer.codes().is_empty()).count();
    let others: Vec<_> = answers.iter().filter(|answer| !answer.codes().is_empty()).map(Answer::code).collect();
    assert_eq!((won, others.iter().all(|other| *other == code)), (1, true), "{others:?}");
}

async fn of_fifty_who_sign_up_with_one_name_one_wins(database: &Database) {
    let server = Server::start(database).await;
    let sign_up = |number: usize| {
        let caller = server.anonymous();
        let name = if number.is_multiple_of(2) { "Alice" } else { "aLICE" };
        async move { caller.query(SIGN_UP, json!({"fields": {"username": name, "password": "secret"}})).await }
    };
    one_wins(&join_all((0..50).map(sign_up)).await, 202);
    let count = "{ users { count } }";
    assert_eq!(server.master().query(count, Value::Null).await.data("users.count"), 1);
    let sessions = "{ sessions { count } }";
    assert_eq!(server.master().query(sessions, Value::Null).await.data("sessions.count"), 1);
}

async fn of_fifty_who_sign_up_with_one_address_one_wins(database: &Database) {
    let server = Server::start(database).await;
    let sign_up = |number: usize| {
        let caller = server.anonymous();
        let email = if number.is_multiple_of(2) { "alice@example.org" } else { "Alice@Example.ORG" };
        let fields = json!({"username": format!("alice{number}"), "password": "secret", "email": email});
        async move { caller.query(SIGN_UP, json!({"fields": fields})).await }
    };
    one_wins(&join_all((0..50).map(sign_up)).await, 203);
    assert_eq!(server.master().query("{ users { count } }", Value::Null).await.data("users.count"), 1);
}

async fn of_many_who_take_one_name_one_wins(database: &Database) {
    let server = Server::start(database).await;
    let mut takers = Vec::new();
    for number in 0..6 {
        let user = server.sign_up(&format!("user{number}")).await;
        takers.push((server.user(&user), user.id));
    }
    let take = |(caller, id): &(Client, String)| {
        let (caller, id) = (caller.clone(), id.clone());
        async move { caller.query(UPDATE, json!({"id": id, "fields": {"username": "Chosen"}})).await }
    };
    one_wins(&join_all(takers.iter().map(take)).await, 202);
}

async fn a_closed_sign_up_tells_no_names(database: &Database) {
    let server = Server::start(database).await;
    server.sign_up("alice").await;
    server.set_permissions("_User", json!({"get": {"public": true}})).await;
    let try_name = async |name: &str| {
        let answer = server.anonymous().query(SIGN_UP, json!({"fields": {"username": name, "password": "x"}})).await;
        answer.json
    };
    let (taken, free) = (try_name("alice").await, try_name("bob").await);
    assert_eq!(taken, free);
    assert_eq!(taken["errors"][0]["extensions"]["code"], 119);
}

async fn the_database_keeps_no_password_and_no_token(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let hash = database.texts(r#"SELECT "_hashed_password" FROM "_User""#).await.remove(0).unwrap();
    assert!(hash.starts_with("$argon2id$") && !hash.contains(&alice.password), "{hash}");
    let token = database.texts(r#"SELECT "sessionToken" FROM "_Session""#).await.remove(0).unwrap();
    assert!(token.starts_with("sha256:") && !token.contains(alice.token.trim_start_matches("r:")), "{token}");
    // What the database keeps opens nothing.
    let answer = server.session(&token).query(VIEWER, Value::Null).await;
    assert_eq!((answer.status, answer.code()), (400, 209));
}

async fn tokens_are_readable_if_a_parse_server_must_read_them(database: &Database) {
    let server = Server::options(database).flag("--readable-session-tokens", "true").start().await;
    let alice = server.sign_up("alice").await;
    let stored = database.texts(r#"SELECT "sessionToken" FROM "_Session""#).await;
    assert_eq!(stored, [Some(alice.token.clone())]);
    server.user(&alice).query(VIEWER, Value::Null).await.ok();
}

async fn a_hash_of_parse_is_replaced_at_the_next_login(database: &Database) {
    let server = Server::start(database).await;
    server.sign_up("alice").await;
    let hash = bcrypt::hash("of parse", 4).unwrap();
    let sql = format!(r#"UPDATE "_User" SET "_hashed_password" = '{hash}' RETURNING "objectId""#);
    assert_eq!(database.texts(&sql).await.len(), 1);

    let log_in = async |password: &str| {
        server.anonymous().query(LOG_IN, json!({"username": "alice", "password": password})).await
    };
    assert_eq!(log_in("alice-secret").await.code(), 101);
    let stored = async || database.texts(r#"SELECT "_hashed_password" FROM "_User""#).await.remove(0).unwrap();
    assert_eq!(stored().await, hash, "a wrong password replaces nothing");
    log_in("of parse").await.ok();
    assert!(stored().await.starts_with("$argon2id$"));
    log_in("of parse").await.ok();
}

async fn a_list_of_sessions_shows_the_token_in_use_only(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let credentials = json!({"username": "alice", "password": alice.password});
    let second = server.anonymous().query(LOG_IN, credentials).await.text("logIn.viewer.sessionToken");
    let list = "{ sessions(order: [createdAt_ASC]) { edges { node { sessionToken } } } }";
    for own in [&alice.token, &second] {
        let answer = server.session(own).query(list, Value::Null).await;
        let mut tokens = answer.each("sessions", "sessionToken");
        tokens.retain(|token| !token.is_null());
        assert_eq!(tokens, [json!(own)]);
    }
    for master in [server.master(), server.read_only_master()] {
        let answer = master.query(list, Value::Null).await;
        assert_eq!(answer.each("sessions", "sessionToken"), [Value::Null, Value::Null]);
    }
}

async fn another_server_ends_sessions_within_a_second(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    let ends = async |token: &str| {
        let start = Instant::now();
        while other.session(token).query(VIEWER, Value::Null).await.codes().is_empty() {
            assert!(start.elapsed() < Duration::from_secs(10), "the session is still alive");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let alice = one.sign_up("alice").await;
    other.user(&alice).query(VIEWER, Value::Null).await.ok();
    one.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": {"password": "new"}})).await.ok();
    ends(&alice.token).await;

    let bob = one.sign_up("bob").await;
    other.user(&bob).query(VIEWER, Value::Null).await.ok();
    let delete = "mutation ($id: ID!) { deleteUser(input: { id: $id }) { clientMutationId } }";
    one.master().query(delete, json!({"id": bob.id})).await.ok();
    ends(&bob.token).await;

    let carol = one.sign_up("carol").await;
    other.user(&carol).query(VIEWER, Value::Null).await.ok();
    one.user(&carol).query("mutation { logOut(input: {}) { ok } }", Value::Null).await.ok();
    ends(&carol.token).await;
}

async fn a_session_ends_in_time(database: &Database) {
    let server = Server::options(database).flag("--session-length", "1s").start().await;
    let alice = server.sign_up("alice").await;
    let start = Instant::now();
    let last = loop {
        let answer = server.user(&alice).query(VIEWER, Value::Null).await;
        if !answer.codes().is_empty() {
            break answer;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "the session does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((last.status, last.code()), (400, 209), "{}", last.body);
}

async fn a_name_cannot_be_emptied(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    for (fields, code) in [
        (json!({"username": ""}), 200),
        (json!({"username": null}), 200),
        (json!({"password": ""}), 201),
        (json!({"password": "x".repeat(1025)}), 142),
        (json!({"emailVerified": true}), 119),
    ] {
        let answer = server.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": fields})).await;
        assert_eq!(answer.code(), code, "{fields}: {}", answer.body);
    }
    let credentials = json!({"username": "alice", "password": alice.password});
    server.anonymous().query(LOG_IN, credentials).await.ok();
}

async fn an_id_cannot_be_chosen(database: &Database) {
    let server = Server::start(database).await;
    for field in ["objectId", "id", "createdAt", "updatedAt", "_hashed_password", "_rperm", "sessionToken"] {
        let fields = json!({"username": "mallory", "password": "x", field: "role:Admin"});
        let answer = server.anonymous().query(SIGN_UP, json!({"fields": fields})).await;
        assert_eq!(answer.codes(), [json!("BAD_USER_INPUT")], "{field}: {}", answer.body);
    }
    assert_eq!(server.master().query("{ users { count } }", Value::Null).await.data("users.count"), 0);
}

async fn a_challenge_needs_a_password_beside_a_name(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let challenge = "mutation ($input: ChallengeInput!) { challenge(input: $input) { challengeData } }";
    let asked = json!({"some": {"thing": 1}});
    for (input, code) in [
        (json!({"username": "alice", "challengeData": asked}), -1),
        (json!({"username": "alice", "password": "", "challengeData": asked}), -1),
        (json!({"username": "alice", "password": "wrong", "challengeData": asked}), 101),
        (json!({"username": "alice", "password": alice.password, "challengeData": asked}), 108),
        (json!({"challengeData": asked}), 108),
    ] {
        let answer = server.anonymous().query(challenge, json!({"input": input})).await;
        assert_eq!(answer.code(), code, "{input}: {}", answer.body);
    }
}
