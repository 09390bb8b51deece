//! B: secrets that are good for one use, and users as they are shown.

use futures::future::join_all;
use serde_json::{Value, json};

use super::{LOG_IN, WHOLE_USER, refused, sign_in_anonymously};
use crate::harness::{CANARY, Database, Server, on_both_databases};

on_both_databases![
    adv_r3xq68wh_no_token_sets_a_password,
    adv_37mjc2wf_a_viewer_sees_no_secret_of_a_provider,
    adv_wp76gg32_whoever_checks_a_password_learns_no_more_than_that,
];

/// There are no tokens to reset passwords yet, and so none that two could use at once.
async fn adv_r3xq68wh_no_token_sets_a_password(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let reset = |number: usize| {
        let caller = server.anonymous();
        let text = "mutation ($token: String!, $password: String!) {
            confirmResetPassword(input: { token: $token, username: \"alice\", password: $password }) { ok }
        }";
        let token = ["", "0", "null", "a-token"][number % 4];
        async move { caller.query(text, json!({"token": token, "password": format!("new {number}")})).await }
    };
    for answer in join_all((0..20).map(reset)).await {
        refused(&answer, 108, "a token that was never given");
    }
    server.anonymous().query(LOG_IN, json!({"username": "alice", "password": alice.password})).await.ok();
}

async fn adv_37mjc2wf_a_viewer_sees_no_secret_of_a_provider(database: &Database) {
    let server = Server::start(database).await;
    let opened = sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await;
    keep_secrets(database).await;
    let caller = server.session(&opened.text("logInWith.viewer.sessionToken"));
    let id = opened.text("logInWith.viewer.user.id");
    for caller in [&caller, &server.anonymous(), &server.master()] {
        for query in [
            format!("{{ viewer {{ sessionToken user {{ {WHOLE_USER} }} }} }}"),
            format!("query ($id: ID!) {{ user(id: $id) {{ {WHOLE_USER} }} }}"),
            format!("query ($id: ID!) {{ node(id: $id) {{ ... on User {{ {WHOLE_USER} }} }} }}"),
            format!("{{ users {{ edges {{ node {{ {WHOLE_USER} }} }} }} }}"),
            format!("{{ sessions {{ edges {{ node {{ user {{ {WHOLE_USER} }} }} }} }} }}"),
        ] {
            // The scanner looks for the secrets.
            let variables = if query.contains("$id") { json!({"id": id}) } else { Value::Null };
            caller.query(&query, variables).await;
        }
    }
    // Who one is to a provider is one's own to see.
    let own = caller.query("{ viewer { user { authData } } }", Value::Null).await;
    assert_eq!(own.data("viewer.user.authData"), &json!({"anonymous": {"id": "a-long-random-id"}, "mfa": {}}));
}

/// What a Parse Server may have stored with the only user.
async fn keep_secrets(database: &Database) {
    let column = if database.is_postgres() { "::jsonb" } else { "" };
    let stored = json!({
        "anonymous": {"id": "a-long-random-id", "access_token": format!("{CANARY}token")},
        "mfa": {"secret": format!("{CANARY}secret"), "recovery": [format!("{CANARY}code")]},
    });
    let sql = format!(r#"UPDATE "_User" SET "authData" = '{stored}'{column} RETURNING "objectId""#);
    assert_eq!(database.texts(&sql).await.len(), 1);
}

async fn adv_wp76gg32_whoever_checks_a_password_learns_no_more_than_that(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    keep_secrets(database).await;
    let log_in = format!(
        "mutation ($username: String!, $password: String!) {{
            logIn(input: {{ username: $username, password: $password }}) {{ viewer {{ user {{ {WHOLE_USER} }} }} }}
        }}"
    );
    let answer = server.anonymous().query(&log_in, json!({"username": "alice", "password": alice.password})).await;
    assert_eq!(answer.data("logIn.viewer.user.authData")["mfa"], json!({}), "and the scanner looks for the rest");
    let challenge = "mutation ($username: String!, $password: String!) {
        challenge(input: { username: $username, password: $password, challengeData: { mfa: true } }) { challengeData }
    }";
    let answer = server.anonymous().query(challenge, json!({"username": "alice", "password": alice.password})).await;
    assert!(!answer.body.contains("mfa"), "{}", answer.body);
    let verify = "query { verifyPassword(username: \"alice\", password: \"x\") { objectId } }";
    refused(&server.anonymous().query(verify, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", "verifyPassword");
}
