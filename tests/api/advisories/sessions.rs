//! E: whose a session is, how long it lasts, and what says so.

use std::time::Duration;

use serde_json::{Value, json};

use super::{count, refused};
use crate::harness::{Database, Server, ago, on_both_databases};

on_both_databases![
    adv_6w4q23cf_a_foreign_session_is_not_found,
    adv_5v7g9h8f_nobody_makes_a_session_for_somebody_else,
    adv_jc39686j_what_a_session_says_stays_as_it_is,
    adv_f6j3w9v3_nothing_is_a_change_like_any_other,
    adv_vgjhhmwf_a_token_in_an_email_is_a_text,
    a_session_that_has_ended_is_not_kept_in_mind,
];

const VIEWER: &str = "{ viewer { user { username } } }";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateSessionFieldsInput) {
    updateSession(input: { id: $id, fields: $fields }) { session { objectId } }
}";
/// What is stored of the sessions of the table, of each as one text.
const STORED: &str = r#"SELECT "user" || ' ' || coalesce(CAST("expiresAt" AS text), '') || ' ' || CAST("createdWith" AS text) || ' '
    || coalesce("installationId", '') FROM "_Session" ORDER BY 1"#;

async fn session_of(server: &Server, token: &str) -> String {
    let own = "{ sessions { edges { node { id } } } }";
    server.session(token).query(own, Value::Null).await.text("sessions.edges.0.node.id")
}

async fn adv_6w4q23cf_a_foreign_session_is_not_found(database: &Database) {
    let server = Server::start(database).await;
    let (alice, mallory) = (server.sign_up("alice").await, server.sign_up("mallory").await);
    let id = session_of(&server, &alice.token).await;
    let before = database.texts(STORED).await;
    let delete = "mutation ($id: ID!) { deleteSession(input: { id: $id }) { session { objectId } } }";
    for caller in [server.user(&mallory), server.anonymous()] {
        for fields in [
            json!({}),
            json!({"createdWith": {"action": "x"}}),
            json!({"user": {"link": mallory.id}}),
            json!({"expiresAt": "2999-01-01T00:00:00.000Z"}),
        ] {
            let answer = caller.query(UPDATE, json!({"id": id, "fields": fields})).await;
            let codes = answer.codes();
            assert!(
                [json!(101), json!(105), json!(206), json!(209)].contains(codes.first().expect("it is refused")),
                "{fields}: {codes:?}"
            );
        }
        let codes = caller.query(delete, json!({"id": id})).await.codes();
        assert!([json!(101), json!(206), json!(209)].contains(codes.first().expect("it is refused")), "{codes:?}");
    }
    refused(&server.user(&mallory).query(UPDATE, json!({"id": id, "fields": {}})).await, 101, "a foreign session");
    assert_eq!(database.texts(STORED).await, before);
    server.user(&alice).query(VIEWER, Value::Null).await.ok();
}

async fn adv_5v7g9h8f_nobody_makes_a_session_for_somebody_else(database: &Database) {
    let server = Server::start(database).await;
    let (alice, mallory) = (server.sign_up("alice").await, server.sign_up("mallory").await);
    let create = "mutation ($fields: CreateSessionFieldsInput) {
        createSession(input: { fields: $fields }) { session { user { objectId } createdWith expiresAt sessionToken } }
    }";
    let far = "2999-01-01T00:00:00.000Z";
    let chosen = "r:00000000000000000000000000000000";
    for fields in [
        json!({"user": {"link": alice.id}}),
        json!({"expiresAt": far}),
        json!({"expiresAt": null}),
        json!({"createdWith": {"action": "login", "authProvider": "password"}}),
        json!({"sessionToken": chosen}),
        json!({"user": {"link": alice.id}, "expiresAt": far, "sessionToken": chosen}),
    ] {
        let answer = server.user(&mallory).query(create, json!({"fields": fields})).await;
        if answer.codes().is_empty() {
            let made = answer.data("createSession.session");
            assert_eq!(made["user"]["objectId"], mallory.object_id.as_str(), "{fields}");
            assert_eq!(made["createdWith"], json!({"action": "create"}), "{fields}");
            assert!(made["expiresAt"].as_str().is_some_and(|end| end < "2100"), "{fields}: {made}");
            assert_ne!(made["sessionToken"], chosen, "{fields}");
        }
        assert!(!server.anonymous().query(create, json!({"fields": fields})).await.codes().is_empty(), "{fields}");
    }
    refused(&server.session(chosen).query(VIEWER, Value::Null).await, 209, "a token that the client chose");
    let users = database.texts(r#"SELECT "user" FROM "_Session" WHERE "createdWith" IS NOT NULL"#).await;
    assert_eq!(users.iter().flatten().filter(|user| **user == alice.object_id).count(), 1);
}

async fn adv_jc39686j_what_a_session_says_stays_as_it_is(database: &Database) {
    let server = Server::start(database).await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    let id = session_of(&server, &alice.token).await;
    let before = database.texts(STORED).await;
    for fields in [
        json!({"expiresAt": "2999-01-01T00:00:00.000Z"}),
        json!({"createdWith": {"action": "login"}}),
        json!({"installationId": "another"}),
        json!({"sessionToken": "r:00000000000000000000000000000000"}),
        json!({"user": {"link": bob.id}}),
        json!({"ACL": {"public": {"read": true, "write": true}}}),
    ] {
        refused(
            &server.user(&alice).query(UPDATE, json!({"id": id, "fields": fields})).await,
            105,
            &fields.to_string(),
        );
    }
    assert_eq!(database.texts(STORED).await, before);
}

async fn adv_f6j3w9v3_nothing_is_a_change_like_any_other(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let id = session_of(&server, &alice.token).await;
    let before = database.texts(STORED).await;
    for (fields, codes) in [
        (json!({"expiresAt": null}), [105, 105]),
        (json!({"createdWith": null}), [105, 105]),
        (json!({"createdWith": {}}), [105, 105]),
        (json!({"installationId": null}), [105, 105]),
        (json!({"installationId": ""}), [105, 105]),
        (json!({"sessionToken": null}), [105, 105]),
        (json!({"sessionToken": ""}), [105, 105]),
        (json!({"user": {"link": null}}), [105, 105]),
        (json!({"user": null}), [105, 106]),
        (json!({"ACL": null}), [105, 123]),
        (json!({"ACL": {}}), [105, 105]),
    ] {
        let answer = server.user(&alice).query(UPDATE, json!({"id": id, "fields": fields})).await;
        assert!(
            codes.map(Value::from).contains(answer.codes().first().unwrap_or(&Value::Null)),
            "{fields}: {}",
            answer.body
        );
    }
    assert_eq!(database.texts(STORED).await, before);
    server.user(&alice).query(VIEWER, Value::Null).await.ok();
}

async fn adv_vgjhhmwf_a_token_in_an_email_is_a_text(database: &Database) {
    let server = Server::start(database).await;
    server.sign_up("alice").await;
    for token in [json!({"$ne": null}), json!({"$regex": "."}), json!([""]), json!(0), json!(false)] {
        for text in [
            "mutation ($token: String!) { confirmResetPassword(input: { token: $token, username: \"alice\", password: \"x\" }) { ok } }",
            "mutation ($token: String!) { resetPassword(input: { email: $token }) { ok } }",
            "mutation ($token: String!) { sendVerificationEmail(input: { email: $token }) { ok } }",
        ] {
            refused(
                &server.anonymous().query(text, json!({"token": token})).await,
                "BAD_USER_INPUT",
                &token.to_string(),
            );
        }
    }
    // Parse Server's pages for these tokens do not exist.
    for path in [
        "/apps/app/verify_email?token[$ne]=",
        "/apps/app/request_password_reset?token[$regex]=.",
        "/requestPasswordReset",
    ] {
        assert_eq!(server.anonymous().get(path).await.status, 404, "{path}");
    }
}

/// The session is known to the server from the request before, and is looked at all the same.
async fn a_session_that_has_ended_is_not_kept_in_mind(database: &Database) {
    let server = Server::options(database).flag("--max-staleness", "100ms").start().await;
    let alice = server.sign_up("alice").await;
    for _ in 0..3 {
        server.user(&alice).query(VIEWER, Value::Null).await.ok();
    }
    let sql = format!(r#"UPDATE "_Session" SET "expiresAt" = {} RETURNING "objectId""#, ago(database, 1));
    assert_eq!(database.texts(&sql).await.len(), 1);
    // Somebody else has changed it.
    tokio::time::sleep(Duration::from_millis(100)).await;
    refused(&server.user(&alice).query(VIEWER, Value::Null).await, 209, "an ended session");
    assert_eq!(count(&server, "users").await, 1);
}
