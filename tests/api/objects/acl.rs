//! Access control lists: nothing silently becomes public, or the master key's alone.

use serde_json::{Value, json};

use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    an_acl_that_is_no_acl_is_refused,
    null_instead_of_an_acl_is_refused,
    a_user_who_looks_like_a_role_is_none,
    of_two_entries_for_one_user_the_last_one_counts,
    a_count_sees_what_a_list_sees,
    an_update_needs_the_right_to_write_at_the_time_of_the_update,
];

const CREATE: &str =
    "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note { id } } }";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateNoteFieldsInput) {
    updateNote(input: { id: $id, fields: $fields }) { note { text } }
}";

async fn an_acl_that_is_no_acl_is_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    for acl in [
        json!({"users": [{"userId": "", "read": true, "write": true}]}),
        json!({"users": [{"userId": "*", "read": true, "write": true}]}),
        json!({"roles": [{"roleName": "", "read": true, "write": true}]}),
    ] {
        let answer = server.anonymous().query(CREATE, json!({"fields": {"text": "x", "ACL": acl}})).await;
        assert_eq!(answer.code(), 123, "{acl}: {}", answer.body);
    }
    assert_eq!(server.master().query("{ notes { count } }", Value::Null).await.data("notes.count"), 0);
}

async fn null_instead_of_an_acl_is_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let answer = server.anonymous().query(CREATE, json!({"fields": {"text": "x", "ACL": null}})).await;
    assert_eq!(answer.code(), 123, "{}", answer.body);

    let alice = server.sign_up("alice").await;
    let own = json!({"users": [{"userId": alice.id, "read": true, "write": true}]});
    let note = server.user(&alice).create("Note", json!({"text": "x", "ACL": own})).await;
    let answer = server.user(&alice).query(UPDATE, json!({"id": note, "fields": {"text": "y", "ACL": null}})).await;
    assert_eq!(answer.code(), 123, "{}", answer.body);
    let answer = server.user(&alice).query("{ notes { edges { node { text } } } }", Value::Null).await;
    assert_eq!(answer.each("notes", "text"), ["x"]);
    assert_eq!(server.anonymous().query("{ notes { count } }", Value::Null).await.data("notes.count"), 0);
}

async fn a_user_who_looks_like_a_role_is_none(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    server.create_role("Team", &[&alice], &[]).await;
    for name in ["role:Team", "cm9sZTpUZWFt"] {
        let acl = json!({"users": [{"userId": name, "read": true, "write": true}]});
        let answer = server.master().query(CREATE, json!({"fields": {"text": name, "ACL": acl}})).await;
        let refused = !answer.codes().is_empty();
        let seen = server.user(&alice).query("{ notes { count } }", Value::Null).await;
        assert_eq!(seen.data("notes.count"), 0, "{name} (refused: {refused})");
    }
}

async fn a_count_sees_what_a_list_sees(database: &Database) {
    let server = Server::start(database).await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    server.create_class("Note", &[("text", "String"), ("owner", "Pointer:_User"), ("next", "Pointer:Note")]).await;
    let mut before = Value::Null;
    for owner in [&alice, &bob, &alice] {
        let next = if before.is_null() { json!(null) } else { json!({"link": before}) };
        before = json!(
            server.master().create("Note", json!({"text": "x", "owner": {"link": owner.id}, "next": next})).await
        );
    }
    let both = "{ notes { count edges { node { id } } pageInfo { hasNextPage } } }";
    let filtered =
        "{ notes(where: { text: { equalTo: \"x\" }, next: { exists: true } }) { count edges { node { id } } } }";
    for permissions in [
        json!({"find": {"pointerFields": ["owner"]}, "count": {"public": true}}),
        json!({"find": {"public": true}, "count": {"pointerFields": ["owner"]}}),
        json!({"readUserFields": ["owner"], "count": {"public": true}}),
        json!({"find": {"requiresAuthentication": true, "pointerFields": ["owner"]}, "count": {"public": true}}),
    ] {
        server.set_permissions("Note", permissions.clone()).await;
        for (caller, own) in [(server.user(&alice), 2), (server.user(&bob), 1)] {
            let count = caller.query("{ notes { count } }", Value::Null).await;
            assert_eq!(count.data("notes.count"), own, "{permissions}: {}", count.body);
            for query in [both, filtered] {
                let answer = caller.query(query, Value::Null).await;
                if permissions["find"]["public"] == true {
                    continue; // The two are judged by different operations, so they differ.
                }
                let listed = answer.each("notes", "id").len();
                assert_eq!(answer.data("notes.count"), listed, "{permissions}: {}", answer.body);
            }
        }
        let stranger = server.anonymous().query("{ notes { count } }", Value::Null).await;
        let seen = stranger.json["data"]["notes"]["count"].as_i64().unwrap_or(0);
        assert_eq!(seen, 0, "{permissions}: {}", stranger.body);
    }
}

/// Two fight over one object: one takes the right away, the other writes. Whatever wins, nothing is half done.
async fn an_update_needs_the_right_to_write_at_the_time_of_the_update(database: &Database) {
    let server = Server::start(database).await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    server.create_class("Note", &[("text", "String")]).await;
    let of = |users: &[&str]| {
        let users: Vec<_> = users.iter().map(|id| json!({"userId": id, "read": true, "write": true})).collect();
        json!({ "users": users })
    };
    let (alice_caller, bob_caller) = (server.user(&alice), server.user(&bob));
    for _ in 0..10 {
        let fields = json!({"text": "before", "ACL": of(&[&alice.id, &bob.id])});
        let note = alice_caller.create("Note", fields).await;
        let (taken, written) = tokio::join!(
            alice_caller.query(UPDATE, json!({"id": note, "fields": {"ACL": of(&[&alice.id])}})),
            bob_caller.query(UPDATE, json!({"id": note, "fields": {"text": "by bob"}})),
        );
        taken.ok();
        let read = "query ($id: ID!) { note(id: $id) { text ACL { users { userId } } } }";
        let after = alice_caller.query(read, json!({"id": note})).await;
        let expected = if written.codes().is_empty() { "by bob" } else { "before" };
        assert_eq!(after.data("note.text"), expected, "{}", written.body);
        assert_eq!(after.data("note.ACL.users"), &json!([{"userId": alice.id}]));
        assert_eq!(bob_caller.query(read, json!({"id": note})).await.code(), 101);
    }
}

async fn of_two_entries_for_one_user_the_last_one_counts(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let alice = server.sign_up("alice").await;
    let entry = |id: &str, read: bool, write: bool| json!({"userId": id, "read": read, "write": write});
    let role = |read: bool, write: bool| json!({"roleName": "Editors", "read": read, "write": write});
    let acl = json!({
        "users": [entry(&alice.id, true, true), entry(&alice.object_id, true, false)],
        "roles": [role(false, true), role(true, false)],
    });
    let create = "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note {
        ACL { users { userId read write } roles { roleName read write } }
    } } }";
    let answer = server.master().query(create, json!({"fields": {"ACL": acl}})).await;
    assert_eq!(answer.data("createNote.note.ACL.users"), &json!([entry(&alice.id, true, false)]));
    assert_eq!(answer.data("createNote.note.ACL.roles"), &json!([role(true, false)]));
    let closed = json!({"users": [entry(&alice.id, true, true), entry(&alice.id, false, false)]});
    let answer = server.master().query(create, json!({"fields": {"ACL": closed}})).await;
    assert_eq!(answer.data("createNote.note.ACL.users"), &Value::Null);
}
