//! A: providers, and other ways in than a password.

use serde_json::{Value, json};

use super::{LOG_IN, WHOLE_USER, count, refused, sign_in_anonymously};
use crate::harness::{Answer, Client, Database, Server, on_both_databases};

on_both_databases![
    adv_h4mf75hf_a_pattern_is_no_token,
    adv_4w46w44m_what_else_a_provider_is_told_is_not_kept,
    adv_23r45mxp_a_session_knows_how_it_came_about,
    adv_qf8xvqjv_no_provider_but_one_lets_anybody_in,
    adv_5fw28jcv_an_operator_is_no_id,
    adv_wjqwr9x4_nothing_is_no_credential,
    adv_pfj7wv7c_an_id_alone_opens_no_account,
    adv_64mffqfc_what_was_a_credential_is_none_any_more,
    adv_g4cfxj29_an_unknown_provider_costs_no_look_at_the_database,
];

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: { fields: $fields }) { viewer { sessionToken } }
}";
const CREATE_USER: &str = "mutation ($fields: CreateUserFieldsInput) {
    createUser(input: { fields: $fields }) { user { objectId } }
}";
const UPDATE_USER: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";
const LOG_IN_WITH: &str = "mutation ($authData: Object!) {
    logInWith(input: { authData: $authData }) { viewer { sessionToken user { objectId } } }
}";

async fn adv_h4mf75hf_a_pattern_is_no_token(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    for pattern in [json!({"$regex": "^r"}), json!({"$ne": ""}), json!(["r:"]), json!(1), json!(true)] {
        for (text, variables) in [
            (
                "mutation ($token: String!) { confirmResetPassword(input: { token: $token, username: \"alice\", password: \"new\" }) { ok } }",
                json!({"token": pattern}),
            ),
            (LOG_IN, json!({"username": pattern, "password": "x"})),
            (LOG_IN, json!({"username": "alice", "password": pattern})),
            (
                "query ($token: String!) { sessions(where: { sessionToken: { equalTo: $token } }) { count } }",
                json!({"token": pattern}),
            ),
        ] {
            refused(&server.user(&alice).query(text, variables).await, "BAD_USER_INPUT", &pattern.to_string());
        }
        for header in ["X-Parse-Session-Token", "Authorization"] {
            let bearer = if header == "Authorization" { format!("Bearer {pattern}") } else { pattern.to_string() };
            let answer = server.anonymous().with(header, &bearer).query("{ health }", Value::Null).await;
            refused(&answer, 209, &bearer);
        }
    }
    let credentials = json!({"username": "alice", "password": alice.password});
    server.anonymous().query(LOG_IN, credentials).await.ok();
}

async fn adv_4w46w44m_what_else_a_provider_is_told_is_not_kept(database: &Database) {
    let server = Server::start(database).await;
    let text =
        "mutation ($authData: Object!) { logInWith(input: { authData: $authData }) { viewer { user { objectId } } } }";
    let auth_data = json!({"anonymous": {"id": "a-long-random-id", "password": "of-the-directory", "access_token": "of-the-directory"}});
    server.anonymous().query(text, json!({"authData": auth_data})).await.ok();
    let column = if database.is_postgres() { r#""authData"::text"# } else { r#""authData""# };
    let kept = database.texts(&format!(r#"SELECT {column} FROM "_User""#)).await.remove(0).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), json!({"anonymous": {"id": "a-long-random-id"}}));
}

/// How the sessions of a caller came about, in order.
async fn created_with(caller: &Client) -> Vec<Value> {
    let query = "{ sessions(order: [createdAt_ASC]) { edges { node { createdWith } } } }";
    caller.query(query, Value::Null).await.each("sessions", "createdWith")
}

async fn adv_23r45mxp_a_session_knows_how_it_came_about(database: &Database) {
    let server = Server::start(database).await;
    let opened = sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await;
    let (token, id) = (opened.text("logInWith.viewer.sessionToken"), opened.text("logInWith.viewer.user.id"));
    let anonymous = json!({"action": "login", "authProvider": "anonymous"});
    assert_eq!(created_with(&server.session(&token)).await, [anonymous]);

    let named = json!({"username": "alice", "password": "the-new-password"});
    server.session(&token).query(UPDATE_USER, json!({"id": id, "fields": named})).await.ok();
    let opened = server.anonymous().query(LOG_IN, named).await;
    let now = created_with(&server.session(&opened.text("logIn.viewer.sessionToken"))).await;
    assert_eq!(now, [json!({"action": "login", "authProvider": "password"})]);
}

/// Each of these was tricked into letting somebody in. Here they are not known, on any way in.
async fn adv_qf8xvqjv_no_provider_but_one_lets_anybody_in(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let token = json!("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.");
    for (advisory, provider, data) in [
        ("GHSA-qf8x-vqjv-92gr", "gcenter", json!({"id": "1", "publicKeyUrl": "https://example.org/key"})),
        ("GHSA-rh9j-f5f8-rvgc", "gcenter", json!({"id": "1", "signature": "x", "salt": "x"})),
        ("GHSA-r657-33vp-gp22", "facebook", json!({"id": "1", "access_token": "of another app"})),
        ("GHSA-r657-33vp-gp22", "spotify", json!({"id": "1", "access_token": "of another app"})),
        ("GHSA-837q-jhwx-cmpv", "github", json!({"id": "1", "access_token": "of another app"})),
        ("GHSA-4q3h-vp4r-prv2", "google", json!({"id": "1", "id_token": token})),
        ("GHSA-x6fw-778m-wr9v", "apple", json!({"id": "1", "token": token})),
        ("GHSA-48mh-j4p5-7j9v", "keycloak", json!({"id": "1", "access_token": token})),
        ("GHSA-fr88-w35c-r596", "oauth2", json!({"id": "1", "access_token": "of another user"})),
        ("GHSA-2cjm-2gwv-m892", "oauth2b", json!({"id": "1", "access_token": "of the other one"})),
        ("GHSA-69xg-f649-w5g2", "instagram", json!({"id": "1", "access_token": "of another app"})),
        ("GHSA-3f5f-xgrj-97pf", "instagram", json!({"id": "1", "access_token": "x", "apiURL": "http://127.0.0.1/"})),
        ("GHSA-7m6r-fhh7-r47c", "ldap", json!({"id": "*)(uid=*", "password": "x"})),
        ("GHSA-mr43-w6c2-mvjq", "gpgames", json!({"id": "1", "code": "x"})),
        ("GHSA-4hf6-3x24-c9m8", "mfa", json!({"token": "000000"})),
    ] {
        let auth_data = json!({provider: data});
        let answers = [
            server.anonymous().query(LOG_IN_WITH, json!({"authData": auth_data})).await,
            server.anonymous().query(SIGN_UP, json!({"fields": {"authData": auth_data}})).await,
            server
                .anonymous()
                .query(CREATE_USER, json!({"fields": {"username": "x", "password": "y", "authData": auth_data}}))
                .await,
            server.user(&alice).query(UPDATE_USER, json!({"id": alice.id, "fields": {"authData": auth_data}})).await,
            log_in_beside(&server.anonymous(), &alice.password, &auth_data).await,
        ];
        for answer in answers {
            refused(&answer, 252, advisory);
        }
    }
    assert_eq!((count(&server, "users").await, count(&server, "sessions").await), (1, 1));
}

/// A log-in with a password that is right, and data of a provider beside it.
async fn log_in_beside(caller: &Client, password: &str, auth_data: &Value) -> Answer {
    let text = "mutation ($password: String!, $authData: Object) {
        logIn(input: { username: \"alice\", password: $password, authData: $authData }) { viewer { sessionToken } }
    }";
    caller.query(text, json!({"password": password, "authData": auth_data})).await
}

async fn adv_5fw28jcv_an_operator_is_no_id(database: &Database) {
    let server = Server::start(database).await;
    sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await.ok();
    for id in [
        json!({"$ne": 1}),
        json!({"$regex": ""}),
        json!({"$exists": true}),
        json!(["a-long-random-id"]),
        json!(1),
        json!(""),
    ] {
        refused(&sign_in_anonymously(&server.anonymous(), &id).await, 162, &id.to_string());
        let fields = json!({"fields": {"authData": {"anonymous": {"id": id}}}});
        refused(&server.anonymous().query(SIGN_UP, fields).await, 162, &id.to_string());
    }
    // What looks like an operator to others is an ordinary id, of nobody.
    for id in ["%", "_", "a-long-random-i_", "' OR 1=1 --", "{\"$ne\": 1}"] {
        sign_in_anonymously(&server.anonymous(), &json!(id)).await.ok();
    }
    assert_eq!(count(&server, "users").await, 6, "each is somebody new");
}

async fn adv_wjqwr9x4_nothing_is_no_credential(database: &Database) {
    let server = Server::start(database).await;
    for auth_data in [
        json!({}),
        json!({"x": null}),
        json!({"anonymous": {}}),
        json!({"anonymous": null}),
        json!({"anonymous": {"id": null}}),
        json!([]),
    ] {
        refused(
            &server.anonymous().query(LOG_IN_WITH, json!({"authData": auth_data})).await,
            200,
            &auth_data.to_string(),
        );
        for text in [SIGN_UP, CREATE_USER] {
            let nameless = json!({"fields": {"authData": auth_data}});
            refused(&server.anonymous().query(text, nameless).await, 200, &auth_data.to_string());
            let named = json!({"fields": {"username": "mallory", "authData": auth_data}});
            refused(&server.anonymous().query(text, named).await, 201, &auth_data.to_string());
        }
    }
    refused(
        &server.anonymous().query(SIGN_UP, json!({"fields": {"authData": {"x": {}}}})).await,
        252,
        "an unknown one",
    );
    assert_eq!((count(&server, "users").await, count(&server, "sessions").await), (0, 0));
}

async fn adv_pfj7wv7c_an_id_alone_opens_no_account(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    // Ids that others may know: of the user, and of the row in the table.
    for id in [&alice.id, &alice.object_id, &alice.username] {
        let opened = sign_in_anonymously(&server.anonymous(), &json!(id)).await;
        assert_ne!(opened.text("logInWith.viewer.user.objectId"), alice.object_id, "{id}");
        let auth_data = json!({"anonymous": {"id": id}});
        let answer = log_in_beside(&server.anonymous(), "wrong", &auth_data).await;
        refused(&answer, 101, "a wrong password, and an id beside it");
    }
    // The id with which an anonymous user signs in is a secret, and nobody else is shown it.
    let opened = sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await;
    let id = opened.text("logInWith.viewer.user.id");
    for caller in [server.anonymous(), server.user(&alice), server.read_only_master()] {
        let answer =
            caller.query(&format!("query ($id: ID!) {{ user(id: $id) {{ {WHOLE_USER} }} }}"), json!({"id": id})).await;
        assert!(!answer.body.contains("a-long-random-id"), "{}", answer.body);
        let find = "{ users(where: { authData: { equalTo: { key: \"anonymous.id\", value: \"a-long-random-id\" } } }) { count } }";
        let answer = caller.query(find, Value::Null).await;
        assert!(!answer.codes().is_empty() || answer.data("users.count") == 0, "{}", answer.body);
    }
    // Nor does anybody else end it, even who may change the user.
    let writable = json!({"public": {"read": true, "write": true}});
    server.master().query(UPDATE_USER, json!({"id": id, "fields": {"ACL": writable}})).await.ok();
    let ended = json!({"id": id, "fields": {"authData": {"anonymous": null}}});
    refused(&server.user(&alice).query(UPDATE_USER, ended).await, 206, "somebody else's id");
    let again = sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await;
    assert_eq!(again.text("logInWith.viewer.user.id"), id);
    // A closed account is closed to its id as well.
    let closed = json!({"public": {"read": false, "write": false}});
    server.master().query(UPDATE_USER, json!({"id": id, "fields": {"ACL": closed}})).await.ok();
    let auth_data = json!({"authData": {"anonymous": {"id": "a-long-random-id"}}});
    refused(&server.anonymous().query(LOG_IN_WITH, auth_data).await, 101, "a closed account");
}

async fn adv_64mffqfc_what_was_a_credential_is_none_any_more(database: &Database) {
    let server = Server::start(database).await;
    let id = json!("a-long-random-id");
    let opened = sign_in_anonymously(&server.anonymous(), &id).await;
    let (token, user) = (opened.text("logInWith.viewer.sessionToken"), opened.text("logInWith.viewer.user.id"));
    let object_id = opened.text("logInWith.viewer.user.objectId");
    let named = json!({"username": "alice", "password": "the-new-password"});
    server.session(&token).query(UPDATE_USER, json!({"id": user, "fields": named})).await.ok();

    // The id is stale: it opens an account of its own, with and without a session of the one that it opened before.
    let session = server.anonymous().query(LOG_IN, named).await.text("logIn.viewer.sessionToken");
    let again = sign_in_anonymously(&server.anonymous(), &id).await;
    assert_ne!(again.text("logInWith.viewer.user.objectId"), object_id);
    let stale = json!({"id": user, "fields": {"authData": {"anonymous": {"id": id}}}});
    let answer = server.anonymous().query(UPDATE_USER, stale.clone()).await;
    refused(&answer, 206, "linking without a session");
    // And nobody links it to the old account while it belongs to the new one.
    let answer = server.session(&session).query(UPDATE_USER, stale).await;
    assert!(!answer.codes().is_empty(), "{}", answer.body);
}

async fn adv_g4cfxj29_an_unknown_provider_costs_no_look_at_the_database(database: &Database) {
    let server = Server::start(database).await;
    // Whoever looks for a user now finds no table.
    let rename = |from: &str, to: &str| format!(r#"ALTER TABLE "{from}" RENAME TO "{to}""#);
    database.texts(&rename("_User", "Elsewhere")).await;
    let unknown = server.anonymous().query(LOG_IN_WITH, json!({"authData": {"unknown": {"id": "1"}}})).await;
    let known = sign_in_anonymously(&server.anonymous(), &json!("a-long-random-id")).await;
    database.texts(&rename("Elsewhere", "_User")).await;
    refused(&known, 103, "it is looked for, in vain");
    refused(&unknown, 252, "it is refused before");
}
