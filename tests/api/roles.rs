//! Roles, where Parse's scenarios cannot look: names, other servers, long chains, and races.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::harness::{Client, Database, Role, Server, User, ago, on_both_databases};

on_both_databases![
    a_name_is_of_few_letters_and_never_changes,
    a_role_that_is_withdrawn_opens_nothing_at_once,
    another_server_withdraws_a_role_within_a_second,
    a_role_of_a_role_of_a_role_counts,
    a_new_role_inherits_nothing_from_an_old_one_of_its_name,
    a_withdrawn_role_opens_nothing_to_requests_in_flight,
    thousands_of_roles_count,
];

const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateRoleFieldsInput) {
    updateRole(input: { id: $id, fields: $fields }) { role { name } }
}";

/// A note that only the members of a role read.
async fn note_for(server: &Server, role: &str) -> String {
    let acl = json!({"roles": [{"roleName": role, "read": true, "write": false}]});
    server.master().create("Note", json!({"text": "for few", "ACL": acl})).await
}

async fn sees(caller: &Client) -> bool {
    let answer = caller.query("{ notes { edges { node { text } } } }", Value::Null).await;
    !answer.each("notes", "text").is_empty()
}

async fn change_members(server: &Server, role: &Role, change: &str, user: &User) {
    let users = json!({change: [user.id]});
    server.master().query(UPDATE, json!({"id": role.id, "fields": {"users": users}})).await.ok();
}

async fn a_name_is_of_few_letters_and_never_changes(database: &Database) {
    let server = Server::start(database).await;
    let create =
        "mutation ($fields: CreateRoleFieldsInput) { createRole(input: { fields: $fields }) { role { name } } }";
    let acl = json!({"public": {"read": true, "write": true}});
    for name in ["Sem:R@ $", "role:Admin", "*", "a.b", "Ädmin", "tab\there", "new\nline", &"x".repeat(101)] {
        let answer = server.master().query(create, json!({"fields": {"name": name, "ACL": acl}})).await;
        assert_eq!(answer.code(), 139, "{name:?}: {}", answer.body);
    }
    let role = server.create_role("Team_1 of-us", &[], &[]).await;
    for name in [json!("Other"), json!("Team_1 of-us "), Value::Null] {
        let answer = server.master().query(UPDATE, json!({"id": role.id, "fields": {"name": name}})).await;
        assert_eq!(answer.code(), 139, "{name}: {}", answer.body);
    }
    let answer = server.master().query(create, json!({"fields": {"name": "Team_1 of-us", "ACL": acl}})).await;
    assert_eq!(answer.code(), 137, "{}", answer.body);
}

async fn a_role_that_is_withdrawn_opens_nothing_at_once(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    let team = server.create_role("Team", &[], &[]).await;
    note_for(&server, "Team").await;
    let caller = server.user(&alice);
    for _ in 0..10 {
        assert!(!sees(&caller).await);
        change_members(&server, &team, "add", &alice).await;
        assert!(sees(&caller).await);
        change_members(&server, &team, "remove", &alice).await;
    }
    assert!(!sees(&caller).await);
}

async fn another_server_withdraws_a_role_within_a_second(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    let alice = one.sign_up("alice").await;
    one.create_class("Note", &[("text", "String")]).await;
    let team = one.create_role("Team", &[&alice], &[]).await;
    note_for(&one, "Team").await;
    let caller = other.user(&alice);
    let becomes = async |wanted: bool| {
        let start = Instant::now();
        loop {
            let answer = caller.query("{ notes { edges { node { text } } } }", Value::Null).await;
            if answer.codes().is_empty() && answer.each("notes", "text").is_empty() != wanted {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "not in time: {}", answer.body);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    becomes(true).await;
    change_members(&one, &team, "remove", &alice).await;
    becomes(false).await;
    change_members(&one, &team, "add", &alice).await;
    becomes(true).await;
    let delete = "mutation ($id: ID!) { deleteRole(input: { id: $id }) { clientMutationId } }";
    one.master().query(delete, json!({"id": team.id})).await.ok();
    becomes(false).await;
}

async fn a_role_of_a_role_of_a_role_counts(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    let mut inner = server.create_role("Level0", &[&alice], &[]).await;
    let first = inner.clone();
    for level in 1..30 {
        inner = server.create_role(&format!("Level{level}"), &[], &[&inner]).await;
    }
    note_for(&server, "Level29").await;
    assert!(sees(&server.user(&alice)).await);

    // A circle changes nothing, and ends.
    let circle = json!({"id": first.id, "fields": {"roles": {"add": [inner.id]}}});
    server.master().query(UPDATE, circle).await.ok();
    assert!(sees(&server.user(&alice)).await);
    change_members(&server, &first, "remove", &alice).await;
    assert!(!sees(&server.user(&alice)).await);
}

async fn a_new_role_inherits_nothing_from_an_old_one_of_its_name(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    let team = server.create_role("Team", &[&alice], &[]).await;
    note_for(&server, "Team").await;
    assert!(sees(&server.user(&alice)).await);
    let delete = "mutation ($id: ID!) { deleteRole(input: { id: $id }) { clientMutationId } }";
    server.master().query(delete, json!({"id": team.id})).await.ok();
    assert!(!sees(&server.user(&alice)).await);
    server.create_role("Team", &[], &[]).await;
    assert!(!sees(&server.user(&alice)).await);
}

/// Each request sees either all of before or all of after; what is asked after the change was answered sees after.
async fn a_withdrawn_role_opens_nothing_to_requests_in_flight(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    let team = server.create_role("Team", &[&alice], &[]).await;
    note_for(&server, "Team").await;
    let ask = || async {
        let answer = server.user(&alice).query("{ notes { count edges { node { text } } } }", Value::Null).await;
        (answer.data("notes.count").as_i64().unwrap(), answer.each("notes", "text").len())
    };
    let (during, ()) = tokio::join!(
        futures::future::join_all((0..20).map(|_| ask())),
        change_members(&server, &team, "remove", &alice)
    );
    assert!(during.iter().all(|seen| [(1, 1), (0, 0)].contains(seen)), "{during:?}");
    assert_eq!(ask().await, (0, 0));
}

/// 14,000 roles, each the child of ten others or none, all of which the user has by being in the first.
async fn thousands_of_roles_count(database: &Database) {
    const ROLES: u32 = 14_000;
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    let numbers = format!("WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {ROLES})");
    let now = ago(database, 0);
    for rows in [
        format!(
            r#"INSERT INTO "_Role" ("objectId", "createdAt", "updatedAt", "name") {numbers} SELECT 'role' || n, {now}, {now}, 'Role ' || n FROM s"#
        ),
        format!(
            r#"INSERT INTO "_Join:roles:_Role" ("relatedId", "owningId") {numbers} SELECT 'role' || ((n - 1) / 10), 'role' || n FROM s WHERE n > 0"#
        ),
        format!(r#"INSERT INTO "_Join:users:_Role" ("relatedId", "owningId") VALUES ('{}', 'role0')"#, alice.object_id),
    ] {
        database.texts(&rows).await;
    }
    note_for(&server, &format!("Role {}", ROLES - 1)).await;
    let start = Instant::now();
    assert!(sees(&server.user(&alice)).await);
    let took = start.elapsed();
    assert!(!sees(&server.user(&bob)).await);
    eprintln!("{ROLES} roles: {took:?}");
    let role = Role { id: "role0".to_owned(), object_id: "role0".to_owned(), name: "Role 0".to_owned() };
    change_members(&server, &role, "remove", &alice).await;
    assert!(!sees(&server.user(&alice)).await);
}
