//! What a password must be, which ones are remembered, and how they are stored.

use serde_json::{Value, json};

use super::harness::{Answer, Database, Options, Server, User, ago, on_both_databases};

on_both_databases![
    new_passwords_keep_the_policy_whoever_sets_them,
    the_last_passwords_cannot_be_used_again,
    who_may_not_change_an_account_learns_nothing_of_its_passwords,
    an_old_password_opens_nothing_until_it_is_changed,
    with_bcrypt_a_parse_server_can_read_every_password,
    a_request_makes_few_passwords,
];

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: { fields: $fields }) { viewer { sessionToken } }
}";
const CREATE: &str = "mutation ($fields: CreateUserFieldsInput) {
    createUser(input: { fields: $fields }) { user { objectId } }
}";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";
const HASHES: &str = r#"SELECT "_hashed_password" FROM "_User""#;

impl Server {
    async fn log_in(&self, name: &str, password: &str) -> Answer {
        let text = "mutation ($username: String!, $password: String!) {
            logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
        }";
        self.anonymous().query(text, json!({"username": name, "password": password})).await
    }

    /// Sets a user's password with the master key.
    async fn set_password(&self, user: &User, password: &str) -> Answer {
        self.master().query(UPDATE, json!({"id": user.id, "fields": {"password": password}})).await
    }
}

/// Nothing but an error, of a broken rule.
#[track_caller]
fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.code(), 142, "{}", answer.body);
    assert!(answer.messages().concat().contains(words), "{}", answer.body);
}

fn strict(database: &Database) -> Options {
    Server::options(database)
        .flag("--password-min-length", "8")
        .flag("--password-pattern", "[0-9]")
        .flag("--password-pattern-hint", "Take a digit!")
        .flag("--password-without-username", "true")
}

async fn new_passwords_keep_the_policy_whoever_sets_them(database: &Database) {
    let server = strict(database).start().await;
    let fields = json!({"username": "alice", "password": "good-secret-1"});
    let token = server.anonymous().query(SIGN_UP, json!({"fields": fields})).await.text("signUp.viewer.sessionToken");
    let alice = server.session(&token);
    let id = alice.query("{ viewer { user { id } } }", Value::Null).await.text("viewer.user.id");

    for (password, words) in
        [("short-1", "at least 8 characters"), ("without-digits", "Take a digit!"), ("1-ALICE-secret", "the user name")]
    {
        for caller in [server.anonymous(), server.master()] {
            let fields = json!({"username": "alicE", "password": password});
            for text in [SIGN_UP, CREATE] {
                refused(&caller.query(text, json!({"fields": fields})).await, words);
            }
        }
        for caller in [&alice, &server.master()] {
            refused(&caller.query(UPDATE, json!({"id": id, "fields": {"password": password}})).await, words);
        }
    }
    // A new name counts, too.
    let fields = json!({"username": "bob-the-user", "password": "bob-the-user-1"});
    refused(&alice.query(UPDATE, json!({"id": id, "fields": fields})).await, "the user name");
    let fields = json!({"username": "bob-the-user", "password": "alice-secret-1"});
    alice.query(UPDATE, json!({"id": id, "fields": fields})).await.ok();

    assert_eq!(server.master().query("{ users { count } }", Value::Null).await.data("users.count"), 1);
    server.log_in("bob-the-user", "alice-secret-1").await.ok();
}

async fn the_last_passwords_cannot_be_used_again(database: &Database) {
    let server = Server::options(database).flag("--password-history", "3").start().await;
    let alice = server.sign_up("alice").await;
    let words = "one of the last 3 passwords";
    refused(&server.set_password(&alice, &alice.password).await, words);
    // With something that is refused anyway beside it, nobody can try passwords.
    for password in [alice.password.as_str(), "another"] {
        let fields = json!({"password": password, "emailVerified": true});
        let answer = server.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": fields})).await;
        assert_eq!(answer.code(), 119, "{}", answer.body);
    }
    for password in ["second", "third"] {
        server.set_password(&alice, password).await.ok();
    }
    for password in [alice.password.as_str(), "second", "third"] {
        refused(&server.set_password(&alice, password).await, words);
    }
    let token = server.log_in("alice", "third").await.text("logIn.viewer.sessionToken");
    let own = server.session(&token).query(UPDATE, json!({"id": alice.id, "fields": {"password": "second"}})).await;
    refused(&own, words);
    server.session(&token).query(UPDATE, json!({"id": alice.id, "fields": {"password": "fourth"}})).await.ok();
    server.set_password(&alice, &alice.password).await.ok();

    let column = if database.is_postgres() { r#""_password_history"::text"# } else { r#""_password_history""# };
    let kept = database.texts(&format!(r#"SELECT {column} FROM "_User""#)).await.remove(0).unwrap();
    let kept: Vec<String> = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|hash| hash.starts_with("$argon2id$")), "{kept:?}");
}

async fn who_may_not_change_an_account_learns_nothing_of_its_passwords(database: &Database) {
    let server =
        Server::options(database).flag("--password-history", "3").flag("--password-without-username", "true").start();
    let server = server.await;
    let fields = json!({"username": "alice", "password": "a-secret"});
    let id = server.master().query(CREATE, json!({"fields": fields})).await.text("createUser.user.objectId");
    let fields = json!({"username": "bob", "password": "b-secret"});
    let token = server.anonymous().query(SIGN_UP, json!({"fields": fields})).await.text("signUp.viewer.sessionToken");
    for (caller, code) in [(server.anonymous(), 206), (server.session(&token), 206), (server.read_only_master(), 119)] {
        for password in ["a-secret", "other", "with-alice-in-it"] {
            let answer = caller.query(UPDATE, json!({"id": id, "fields": {"password": password}})).await;
            assert_eq!(answer.code(), code, "{}", answer.body);
        }
    }
    server.log_in("alice", "a-secret").await.ok();
}

async fn an_old_password_opens_nothing_until_it_is_changed(database: &Database) {
    let server = Server::options(database).flag("--password-max-age", "30d").start().await;
    let alice = server.sign_up("alice").await;
    let log_in = async |password: &str| server.log_in("alice", password).await;
    log_in(&alice.password).await.ok();

    let age = async |sql: &str| {
        let sql = format!(r#"UPDATE "_User" SET "_password_changed_at" = {sql} RETURNING "objectId""#);
        assert_eq!(database.texts(&sql).await.len(), 1);
    };
    age(&ago(database, 31 * 86_400)).await;
    let answer = log_in(&alice.password).await;
    assert_eq!((answer.code(), answer.messages().concat().contains("expired")), (101, true), "{}", answer.body);
    let answer = log_in("wrong").await;
    assert_eq!((answer.code(), answer.messages().concat().contains("expired")), (101, false), "{}", answer.body);
    // Whoever is signed in may change it.
    server.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": {"password": "new"}})).await.ok();
    log_in("new").await.ok();

    age("NULL").await;
    log_in("new").await.ok();
    let begun = database.texts(r#"SELECT "objectId" FROM "_User" WHERE "_password_changed_at" IS NOT NULL"#).await;
    assert_eq!(begun.len(), 1, "a password of unknown age begins to age");
}

async fn with_bcrypt_a_parse_server_can_read_every_password(database: &Database) {
    let server = Server::options(database).flag("--password-hash", "bcrypt").start().await;
    let alice = server.sign_up("alice").await;
    let stored = async || database.texts(HASHES).await.remove(0).unwrap();
    let store = async |hash: &str| {
        let sql = format!(r#"UPDATE "_User" SET "_hashed_password" = '{hash}' RETURNING "objectId""#);
        assert_eq!(database.texts(&sql).await.len(), 1);
    };
    assert!(bcrypt::verify(&alice.password, &stored().await).unwrap());
    server.log_in("alice", &alice.password).await.ok();
    let longest = "x".repeat(72);
    server.set_password(&alice, &longest).await.ok();
    assert!(bcrypt::verify(&longest, &stored().await).unwrap());

    refused(&server.set_password(&alice, &"x".repeat(73)).await, "at most 72 bytes");
    refused(&server.set_password(&alice, &"é".repeat(37)).await, "at most 72 bytes");
    refused(&server.set_password(&alice, "nul\0").await, "NUL");

    // What Parse has stored stays as it is.
    let of_parse = bcrypt::hash("of parse", 4).unwrap();
    store(&of_parse).await;
    server.log_in("alice", "of parse").await.ok();
    assert_eq!(stored().await, of_parse);

    // What was stored while the setting was another one becomes readable.
    drop(server);
    let server = Server::start(database).await;
    server.set_password(&alice, "argon").await.ok();
    assert!(stored().await.starts_with("$argon2id$"));
    drop(server);
    let server = Server::options(database).flag("--password-hash", "bcrypt").start().await;
    assert_eq!(server.log_in("alice", "wrong").await.code(), 101);
    assert!(stored().await.starts_with("$argon2id$"));
    server.log_in("alice", "argon").await.ok();
    assert!(bcrypt::verify("argon", &stored().await).unwrap());
}

async fn a_request_makes_few_passwords(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let log_in = |number: usize| {
        format!(
            "a{number}: logIn(input: {{ username: \"alice\", password: \"{number}\" }}) {{ viewer {{ sessionToken }} }}"
        )
    };
    let guesses = |count: usize| format!("mutation {{ {} }}", (0..count).map(log_in).collect::<String>());
    let answer = server.anonymous().query(&guesses(5), Value::Null).await;
    assert_eq!(answer.codes().len(), 5, "{}", answer.body);
    let refused = |answer: &Answer| {
        assert_eq!((answer.status, answer.codes()), (400, vec![json!("BAD_REQUEST")]), "{}", answer.body);
        assert!(answer.messages().concat().contains("5 times"), "{}", answer.body);
        assert!(answer.json.get("data").is_none_or(Value::is_null), "{}", answer.body);
    };
    for caller in [server.anonymous(), server.user(&alice), server.read_only_master()] {
        refused(&caller.query(&guesses(6), Value::Null).await);
    }

    // Users nested in other objects count as well, and nothing has been made when they are refused.
    server.create_class("Team", &[("members", "Relation:_User"), ("head", "Pointer:_User")]).await;
    let user = |number: usize| json!({"username": format!("user{number}"), "password": "x"});
    let make = "mutation ($fields: CreateTeamFieldsInput) { createTeam(input: { fields: $fields }) { team { id } } }";
    let team = |count: usize| {
        json!({"fields": {
            "head": {"createAndLink": user(0)},
            "members": {"createAndAdd": (1..count).map(user).collect::<Vec<_>>()},
        }})
    };
    refused(&server.user(&alice).query(make, team(6)).await);
    let users = async || server.master().query("{ users { count } }", Value::Null).await.data("users.count").clone();
    assert_eq!(users().await, 1);
    server.user(&alice).query(make, team(5)).await.ok();
    assert_eq!(users().await, 6);
    let fields = json!({"members": {"createAndAdd": (10..20).map(user).collect::<Vec<_>>()}});
    server.master().query(make, json!({"fields": fields})).await.ok();
}
