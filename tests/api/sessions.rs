//! A session begins by signing up or logging in, says who is asking, and ends by logging out.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{Database, Server, User, ago, on_both_databases};

on_both_databases![
    signing_up_begins_a_session,
    a_bearer_token_is_a_session_token,
    logging_out_ends_this_session_and_no_other,
    nobody_is_no_viewer,
    a_wrong_password_and_an_unknown_user_look_the_same,
    a_session_that_is_used_late_lasts_longer,
    a_session_of_unlimited_length_has_no_end,
    a_session_replaces_the_one_on_the_same_installation,
    a_token_is_no_key_of_an_order_or_a_condition,
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

async fn a_session_that_is_used_late_lasts_longer(database: &Database) {
    let options = Server::options(database).flag("--session-length", "10m").flag("--max-staleness", "100ms");
    let extending = options.clone().flag("--extend-session-on-use", "true").start().await;
    let alice = extending.sign_up("alice").await;
    let set = async |updated: i64, end: i64| {
        let (updated, end) = (ago(database, updated), ago(database, -end));
        let sql = format!(r#"UPDATE "_Session" SET "updatedAt" = {updated}, "expiresAt" = {end} RETURNING "objectId""#);
        assert_eq!(database.texts(&sql).await.len(), 1);
        // Somebody else has changed it.
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let times = async || {
        let sql = r#"SELECT CAST("updatedAt" AS text) || ' ' || CAST("expiresAt" AS text) FROM "_Session""#;
        database.texts(sql).await.remove(0).unwrap()
    };
    let ends_after = async |seconds: i64| {
        let sql = format!(r#"SELECT "objectId" FROM "_Session" WHERE "expiresAt" > {}"#, ago(database, -seconds));
        !database.texts(&sql).await.is_empty()
    };
    let ask = async |server: &Server| server.user(&alice).query(VIEWER, Value::Null).await;

    // In the first half of its length, nothing is written.
    set(4 * 60, 6 * 60).await;
    let before = times().await;
    ask(&extending).await.ok();
    assert_eq!(times().await, before);

    // In the second half it is extended once, by however many requests.
    set(6 * 60, 4 * 60).await;
    for answer in futures::future::join_all((0..10).map(|_| ask(&extending))).await {
        answer.ok();
    }
    assert!(ends_after(9 * 60).await);
    let extended = times().await;
    ask(&extending).await.ok();
    assert_eq!(times().await, extended);

    // Without the setting it ends when it ends.
    let fixed = options.start().await;
    set(6 * 60, 4 * 60).await;
    ask(&fixed).await.ok();
    assert!(!ends_after(5 * 60).await);

    // What has ended does not come back.
    set(6 * 60, -1).await;
    let ended = times().await;
    for _ in 0..2 {
        assert_eq!(ask(&extending).await.code(), 209);
    }
    assert_eq!(times().await, ended);
}

async fn a_session_of_unlimited_length_has_no_end(database: &Database) {
    let server = Server::options(database).flag("--session-length", "none").start().await;
    let alice = server.sign_up("alice").await;
    let create = "mutation { createSession(input: { fields: {} }) { session { expiresAt } } }";
    let created = server.user(&alice).query(create, Value::Null).await;
    assert_eq!(created.data("createSession.session.expiresAt"), &Value::Null);
    let answer = server.user(&alice).query("{ sessions { edges { node { expiresAt } } } }", Value::Null).await;
    assert_eq!(answer.each("sessions", "expiresAt"), [Value::Null, Value::Null]);
}

async fn a_session_replaces_the_one_on_the_same_installation(database: &Database) {
    let server = Server::start(database).await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    let log_in = async |user: &User, installation: &str| {
        let caller = server.anonymous().with("X-Parse-Installation-Id", installation);
        let credentials = json!({"username": user.username, "password": user.password});
        caller.query(LOG_IN, credentials).await.text("logIn.viewer.sessionToken")
    };
    let open = async |token: &str| server.session(token).query(VIEWER, Value::Null).await.codes().is_empty();
    let (phone, tablet, other) =
        (log_in(&alice, "phone").await, log_in(&alice, "tablet").await, log_in(&bob, "phone").await);
    let again = log_in(&alice, "phone").await;
    assert_eq!(
        [open(&phone).await, open(&tablet).await, open(&other).await, open(&again).await],
        [false, true, true, true]
    );
    let create =
        "mutation { createSession(input: { fields: { installationId: \"phone\" } }) { session { objectId } } }";
    server.user(&alice).query(create, Value::Null).await.ok();
    assert_eq!([open(&again).await, open(&tablet).await, open(&other).await], [false, true, true]);
}

async fn a_token_is_no_key_of_an_order_or_a_condition(database: &Database) {
    let server = Server::options(database).flag("--readable-session-tokens", "true").start().await;
    let alice = server.sign_up("alice").await;
    for caller in [server.user(&alice), server.master(), server.read_only_master()] {
        for arguments in ["order: [sessionToken_ASC]", "where: { sessionToken: { matchesRegex: \"^r:\" } }"] {
            let query = format!("{{ sessions({arguments}) {{ edges {{ cursor node {{ id }} }} }} }}");
            let answer = caller.query(&query, Value::Null).await;
            assert_eq!(answer.code(), 119, "{}", answer.body);
        }
    }
}
