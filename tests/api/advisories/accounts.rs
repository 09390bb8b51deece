//! N: who has an account.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{LOG_IN, refused, sign_in_anonymously};
use crate::harness::{Answer, Database, Server, on_both_databases};

on_both_databases![
    adv_8w3jg983_a_credential_is_looked_at_before_an_account,
    adv_w54vhf9p_no_answer_tells_an_address,
    adv_mmpq5hcv_an_unknown_name_takes_as_long_as_a_known_one,
    a_closed_sign_up_tells_no_addresses,
    a_challenge_tells_no_accounts,
];

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: { fields: $fields }) { viewer { sessionToken } }
}";

/// What an answer says, without what is of this request alone.
fn said(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json.clone())
}

async fn adv_8w3jg983_a_credential_is_looked_at_before_an_account(database: &Database) {
    let server = Server::start(database).await;
    sign_in_anonymously(&server.anonymous(), &json!("a-taken-id")).await.ok();
    let alice = server.sign_up("alice").await;
    for wrap in [|id: &str| json!({"facebook": {"id": id}}), |id: &str| json!({"anonymous": {"id": [id]}})] {
        let mut answers = Vec::new();
        for id in ["a-taken-id", "a-free-id"] {
            answers.push(server.anonymous().query(SIGN_UP, json!({"fields": {"authData": wrap(id)}})).await);
        }
        assert!(!answers[0].codes().is_empty());
        assert_eq!(said(&answers[0]), said(&answers[1]));
    }
    // Whoever may not change an account does not learn which names are taken from trying.
    let update = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) { updateUser(input: { id: $id, fields: $fields }) { user { id } } }";
    let mut answers = Vec::new();
    for name in ["alice", "free"] {
        let variables = json!({"id": alice.id, "fields": {"username": name}});
        answers.push(server.anonymous().query(update, variables).await);
    }
    refused(&answers[0], 206, "without a session");
    assert_eq!(said(&answers[0]), said(&answers[1]));
}

/// And GHSA-h29g-q5c2-9h4f, which is about the page that sends the e-mail again.
async fn adv_w54vhf9p_no_answer_tells_an_address(database: &Database) {
    let server = Server::start(database).await;
    let fields = json!({"fields": {"username": "alice", "password": "x", "email": "alice@example.org"}});
    server.anonymous().query(SIGN_UP, fields).await.ok();
    for text in [
        "mutation ($email: String!) { sendVerificationEmail(input: { email: $email }) { ok } }",
        "mutation ($email: String!) { resetPassword(input: { email: $email }) { ok } }",
        "mutation ($email: String!) { logIn(input: { username: $email, password: \"wrong\" }) { viewer { sessionToken } } }",
    ] {
        let known = server.anonymous().query(text, json!({"email": "alice@example.org"})).await;
        let unknown = server.anonymous().query(text, json!({"email": "nobody@example.org"})).await;
        assert!(!known.codes().is_empty());
        assert_eq!(said(&known), said(&unknown), "{text}");
    }
    for path in ["/apps/app/resend_verification_email", "/apps/app/request_password_reset", "/verificationEmailRequest"]
    {
        for name in ["alice", "nobody"] {
            assert_eq!(server.anonymous().get(&format!("{path}?username={name}")).await.status, 404);
        }
    }
    // A list of users is a list of the addresses that one may see.
    let find = "{ users(where: { email: { equalTo: \"alice@example.org\" } }) { count } }";
    let answer = server.anonymous().query(find, Value::Null).await;
    assert!(!answer.codes().is_empty() || answer.data("users.count") == 0, "{}", answer.body);
}

async fn adv_mmpq5hcv_an_unknown_name_takes_as_long_as_a_known_one(database: &Database) {
    let server = Server::start(database).await;
    server.sign_up("alice").await;
    let time = async |name: &str| {
        let start = Instant::now();
        refused(&server.anonymous().query(LOG_IN, json!({"username": name, "password": "wrong"})).await, 101, name);
        start.elapsed()
    };
    // Taken in turns, so that both have the same share of what else the machine does; and the fastest of each, which is
    // the one that had to wait for nothing.
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for _ in 0..15 {
        known = known.min(time("alice").await);
        unknown = unknown.min(time("nobody").await);
    }
    // The check of a password is most of the time; without it, the answer would come many times faster.
    assert!(unknown * 2 > known && known * 2 > unknown, "known: {known:?}, unknown: {unknown:?}");
}

async fn a_closed_sign_up_tells_no_addresses(database: &Database) {
    let server = Server::start(database).await;
    let fields = json!({"fields": {"username": "alice", "password": "x", "email": "alice@example.org"}});
    server.anonymous().query(SIGN_UP, fields).await.ok();
    server.set_permissions("_User", json!({"get": {"public": true}})).await;
    let mut answers = Vec::new();
    for (name, email) in [("alice", "new@example.org"), ("new", "alice@example.org"), ("new", "new@example.org")] {
        let fields = json!({"fields": {"username": name, "password": "x", "email": email}});
        answers.push(server.anonymous().query(SIGN_UP, fields).await);
    }
    refused(&answers[0], 119, "a closed sign-up");
    assert!(answers.iter().all(|answer| said(answer) == said(&answers[0])));
}

async fn a_challenge_tells_no_accounts(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let ask = async |name: &str, password: &str, auth_data: Value| {
        let text = "mutation ($name: String, $password: String, $authData: Object) {
            challenge(input: { username: $name, password: $password, challengeData: { x: 1 }, authData: $authData }) { challengeData }
        }";
        said(&server.anonymous().query(text, json!({"name": name, "password": password, "authData": auth_data})).await)
    };
    assert_eq!(ask("alice", "wrong", Value::Null).await, ask("nobody", "wrong", Value::Null).await);
    let odd = json!({"anonymous": {"id": {"$ne": 1}}});
    assert_eq!(ask("alice", "wrong", odd.clone()).await, ask("nobody", "wrong", odd).await);
    server.anonymous().query(LOG_IN, json!({"username": "alice", "password": alice.password})).await.ok();
}
