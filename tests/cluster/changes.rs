//! What one server changes is in force on the others a second later, whether the database tells them or they have to ask.

use serde_json::{Value, json};

use super::harness::{Database, Scratch, Server, User, on_both_databases};
use super::postgres_server::PostgresServer;
use super::scene::{a_second, readable, set_acl, texts, until};

on_both_databases![changes_are_in_force_on_all_servers_a_second_later];

const REMOVE_MEMBER: &str = "mutation ($id: ID!, $user: ID!) {
    updateRole(input: { id: $id, fields: { users: { remove: [$user] } } }) { role { name } }
}";

async fn changes_are_in_force_on_all_servers_a_second_later(database: &Database) {
    let start = || Server::options(database).start();
    let (one, two, three) = tokio::join!(start(), start(), start());
    everything_changes(&one, &[&two, &three]).await;
}

#[tokio::test]
async fn changes_are_in_force_a_second_later_without_notifications() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let (data_dir, url) = (Scratch::new(), postgres.create_database("app").await);
    let start = || super::harness::Options::on(data_dir.path(), Some(&url)).start();
    let (one, two, three) = tokio::join!(start(), start(), start());
    let silent = "CREATE OR REPLACE FUNCTION portcullis_classes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE \"_Portcullis\" SET value = value + 1 WHERE name = 'catalog';
            RETURN NULL;
        END $$";
    postgres.execute("app", silent).await;
    everything_changes(&one, &[&two, &three]).await;
}

/// A server that asks once in half an hour learns of a change because it is told.
#[tokio::test]
async fn a_notification_ends_the_wait() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let (data_dir, url) = (Scratch::new(), postgres.create_database("app").await);
    let start = || super::harness::Options::on(data_dir.path(), Some(&url)).flag("--max-staleness", "1h").start();
    let (one, other) = tokio::join!(start(), start());
    // Whoever has just begun to listen reads everything once more, so that this alone proves nothing.
    until("both servers listen", async || listeners(&postgres).await == 2).await;
    one.create_class("Note", &[("text", "String")]).await;
    let stranger = other.anonymous();
    until("the class is known", async || texts(&stranger, "notes").await.is_ok()).await;
    one.set_permissions("Note", json!({})).await;
    until("the permissions are known", async || texts(&stranger, "notes").await == Err(119)).await;

    // The connections that listen are lost, again and again; what changes meanwhile is learned afterwards.
    for open in [true, false, true, false] {
        let cut = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
        assert_eq!(postgres.texts("app", cut).await.len(), 2);
        let permissions = if open { json!({"find": {"public": true}}) } else { json!({}) };
        one.set_permissions("Note", permissions).await;
        until("the permissions are known", async || texts(&stranger, "notes").await.is_ok() == open).await;
        until("both servers listen again", async || listeners(&postgres).await == 2).await;
    }
}

/// How many connections listen.
async fn listeners(postgres: &PostgresServer) -> usize {
    let listening = "SELECT pid::text FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%' AND state = 'idle' AND application_name = 'portcullis'";
    postgres.texts("app", listening).await.len()
}

/// Changes on `one` all that decides what callers see, and asks `others` a second later.
pub(crate) async fn everything_changes(one: &Server, others: &[&Server]) {
    let [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(|name| one.sign_up(name));
    let (alice, bob, carol, dave) = tokio::join!(alice, bob, carol, dave);
    for class in ["Note", "Diary"] {
        one.create_class(class, &[("text", "String")]).await;
    }
    let team = one.create_role("Team", &[&alice], &[]).await;
    let crew = one.create_role("Crew", &[&bob], &[]).await;
    for (text, role) in [("for the team", "Team"), ("for the crew", "Crew")] {
        let acl = json!({"roles": [{"roleName": role, "read": true, "write": false}]});
        one.master().create("Note", json!({"text": text, "ACL": acl})).await;
    }
    let public = one.master().create("Note", json!({"text": "public", "ACL": readable(true)})).await;
    one.master().create("Diary", json!({"text": "open", "ACL": readable(true)})).await;
    a_second().await;
    for server in others {
        assert_eq!(notes(server, &alice).await, Ok(vec![json!("for the team"), json!("public")]));
        assert_eq!(notes(server, &bob).await, Ok(vec![json!("for the crew"), json!("public")]));
        assert_eq!(notes(server, &carol).await, Ok(vec![json!("public")]));
        assert_eq!(texts(&server.anonymous(), "diaries").await, Ok(vec![json!("open")]));
    }

    let master = one.master();
    master.query(REMOVE_MEMBER, json!({"id": team.id, "user": alice.id})).await.ok();
    let delete_role = "mutation ($id: ID!) { deleteRole(input: { id: $id }) { clientMutationId } }";
    master.query(delete_role, json!({"id": crew.id})).await.ok();
    let delete_user = "mutation ($id: ID!) { deleteUser(input: { id: $id }) { clientMutationId } }";
    master.query(delete_user, json!({"id": carol.id})).await.ok();
    one.user(&dave).query("mutation { logOut(input: {}) { ok } }", Value::Null).await.ok();
    set_acl(one, &public, readable(false)).await;
    one.set_permissions("Diary", json!({})).await;
    one.create_class("Task", &[("text", "String")]).await;
    a_second().await;
    for server in others {
        assert_eq!(notes(server, &alice).await, Ok(Vec::new()), "the member left, the ACL was withdrawn");
        assert_eq!(notes(server, &bob).await, Ok(Vec::new()), "the role is gone");
        assert_eq!(notes(server, &carol).await, Err(209), "the user is gone");
        assert_eq!(notes(server, &dave).await, Err(209), "the session has ended");
        assert_eq!(texts(&server.anonymous(), "diaries").await, Err(119), "the class was closed");
        assert_eq!(texts(&server.anonymous(), "tasks").await, Ok(Vec::new()), "the class is new");
    }
}

async fn notes(server: &Server, user: &User) -> Result<Vec<Value>, i64> {
    texts(&server.user(user), "notes").await
}
