//! Failed log-ins lock an account, and parallel ones get no more tries than others.

use futures::future::join_all;
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, Options, Server, ago, on_both_databases};

on_both_databases![
    parallel_guesses_on_two_servers_get_no_more_tries_than_allowed,
    the_right_guess_among_many_does_not_open_a_locked_account,
    a_name_that_is_nobodys_is_locked_like_any_other,
    the_right_password_begins_the_count_anew,
    parallel_log_ins_with_the_right_password_all_succeed,
    a_lock_ends_and_does_not_return_at_the_first_failure,
    a_lock_of_a_parse_server_holds,
    name_and_address_are_one_account,
    a_closed_account_is_locked_like_any_other,
    there_is_no_lock_unless_it_is_configured,
];

const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";

fn locking(database: &Database) -> Options {
    Server::options(database).flag("--lockout-threshold", "3").flag("--lockout-duration", "10m")
}

/// How a log-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    In,
    Wrong,
    Locked,
}

use Ended::{In, Locked, Wrong};

async fn try_log_in(caller: Client, name: &str, password: &str) -> Answer {
    let text = "mutation ($username: String!, $password: String!) {
        logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
    }";
    caller.query(text, json!({"username": name, "password": password})).await
}

async fn log_in(server: &Server, name: &str, password: &str) -> Ended {
    ended(&try_log_in(server.anonymous(), name, password).await)
}

fn ended(answer: &Answer) -> Ended {
    if answer.codes().is_empty() {
        return In;
    }
    assert_eq!(answer.code(), 101, "{}", answer.body);
    match answer.messages().concat().as_str() {
        "Invalid username/password." => Wrong,
        "The account is locked after too many failed logins. Try again in 10 minutes." => Locked,
        other => panic!("neither wrong nor locked: {other}"),
    }
}

fn count(all: &[Ended], what: Ended) -> usize {
    all.iter().filter(|ended| **ended == what).count()
}

async fn parallel_guesses_on_two_servers_get_no_more_tries_than_allowed(database: &Database) {
    let (one, other) = (locking(database).start().await, locking(database).start().await);
    let alice = one.sign_up("alice").await;
    for name in ["alice", "nobody"] {
        let guess = |number: usize| {
            let server = if number.is_multiple_of(2) { &one } else { &other };
            log_in(server, name, "a guess")
        };
        let all = join_all((0..30).map(guess)).await;
        assert_eq!((count(&all, Wrong), count(&all, Locked)), (3, 27), "{name}: {all:?}");
    }
    for server in [&one, &other] {
        assert_eq!(log_in(server, "alice", &alice.password).await, Locked);
    }
    // Sessions that there are stay.
    one.user(&alice).query("{ viewer { user { username } } }", Value::Null).await.ok();
}

async fn the_right_guess_among_many_does_not_open_a_locked_account(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    let guess = |number: usize| log_in(&server, "alice", if number == 20 { &alice.password } else { "a guess" });
    let all = join_all((0..30).map(guess)).await;
    // If it came in time, the count has begun anew.
    let most = if count(&all, In) == 1 { 2 + 3 } else { 3 };
    assert!(count(&all, Wrong) <= most && count(&all, In) <= 1, "{all:?}");
    assert_eq!(log_in(&server, "alice", &alice.password).await, Locked);
}

async fn a_name_that_is_nobodys_is_locked_like_any_other(database: &Database) {
    let server = locking(database).start().await;
    server.sign_up("alice").await;
    for _ in 0..6 {
        let known = try_log_in(server.anonymous(), "alice", "wrong").await;
        let unknown = try_log_in(server.anonymous(), "nobody", "wrong").await;
        assert_eq!((known.status, known.json), (unknown.status, unknown.json));
    }
    // It is no account, and who takes the name is not locked out.
    let nobody = server.sign_up("nobody").await;
    assert_eq!(log_in(&server, "nobody", &nobody.password).await, In);
    let kept = database.texts(r#"SELECT "name" FROM "_Portcullis_Strangers""#).await;
    assert!(kept.iter().flatten().all(|name| name.len() == 64), "names are kept as digests: {kept:?}");
}

async fn the_right_password_begins_the_count_anew(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    for _ in 0..3 {
        assert_eq!(log_in(&server, "alice", "wrong").await, Wrong);
        assert_eq!(log_in(&server, "alice", "wrong").await, Wrong);
        assert_eq!(log_in(&server, "alice", &alice.password).await, In);
    }
}

async fn parallel_log_ins_with_the_right_password_all_succeed(database: &Database) {
    let server = locking(database).flag("--lockout-threshold", "1").start().await;
    let alice = server.sign_up("alice").await;
    let all = join_all((0..10).map(|_| log_in(&server, "alice", &alice.password))).await;
    assert_eq!(count(&all, In), 10, "{all:?}");
}

/// Sets counter and end of the only user.
async fn set(database: &Database, failures: u32, end: &str) {
    let sql = format!(
        r#"UPDATE "_User" SET "_failed_login_count" = {failures}, "_account_lockout_expires_at" = {end} RETURNING "objectId""#
    );
    assert_eq!(database.texts(&sql).await.len(), 1);
}

async fn a_lock_ends_and_does_not_return_at_the_first_failure(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    for expected in [Wrong, Wrong, Wrong, Locked] {
        assert_eq!(log_in(&server, "alice", "wrong").await, expected);
    }
    set(database, 3, &ago(database, 1)).await;
    for expected in [Wrong, Wrong] {
        assert_eq!(log_in(&server, "alice", "wrong").await, expected);
    }
    assert_eq!(log_in(&server, "alice", &alice.password).await, In);
    // Failures that are long ago are forgotten.
    set(database, 2, &ago(database, 1)).await;
    for expected in [Wrong, Wrong, Wrong, Locked] {
        assert_eq!(log_in(&server, "alice", "wrong").await, expected);
    }
}

async fn a_lock_of_a_parse_server_holds(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    set(database, 3, &ago(database, -600)).await;
    assert_eq!(log_in(&server, "alice", &alice.password).await, Locked);
    // It counts without an end.
    set(database, 2, "NULL").await;
    assert_eq!(log_in(&server, "alice", "wrong").await, Wrong);
    assert_eq!(log_in(&server, "alice", &alice.password).await, Locked);
}

async fn name_and_address_are_one_account(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    let fields = json!({"email": "alice@example.org"});
    server.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": fields})).await.ok();
    for (name, expected) in
        [("alice", Wrong), ("alice@example.org", Wrong), ("alice", Wrong), ("alice@example.org", Locked)]
    {
        assert_eq!(log_in(&server, name, "wrong").await, expected);
    }
}

async fn a_closed_account_is_locked_like_any_other(database: &Database) {
    let server = locking(database).start().await;
    let alice = server.sign_up("alice").await;
    let empty = if database.is_postgres() { "'{}'" } else { "'[]'" };
    let sql = format!(r#"UPDATE "_User" SET "_rperm" = {empty}, "_wperm" = {empty} RETURNING "objectId""#);
    assert_eq!(database.texts(&sql).await.len(), 1);
    // The right password looks like a wrong one to the end.
    for expected in [Wrong, Wrong, Wrong, Locked] {
        assert_eq!(log_in(&server, "alice", &alice.password).await, expected);
    }
}

async fn there_is_no_lock_unless_it_is_configured(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    for _ in 0..20 {
        assert_eq!(log_in(&server, "alice", "wrong").await, Wrong);
    }
    assert_eq!(log_in(&server, "alice", &alice.password).await, In);
}
