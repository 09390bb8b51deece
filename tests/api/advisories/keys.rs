//! F: keys that may do everything or nearly so, and who is taken at their word about where they come from.

use serde_json::{Value, json};

use super::{count, is_alive, refused};
use crate::harness::{Client, Database, File, Server, on_both_databases};

on_both_databases![
    adv_vm5rc87r_nobody_says_where_they_come_from,
    adv_vc895g3r_the_key_for_reading_changes_nothing,
    adv_xfh7phr7_the_key_for_reading_uploads_nothing,
    adv_79wj8rqv_the_key_for_reading_becomes_nobody,
    adv_3v4q4q9g_the_id_of_an_application_is_a_text,
    a_key_from_a_wrong_address_is_no_ordinary_request,
];

const CLASSES: &str = "{ classes { name } }";

async fn adv_vm5rc87r_nobody_says_where_they_come_from(database: &Database) {
    // The key counts from one address only, which is not that of the tests.
    let options = Server::options(database)
        .flag("--master-key-ips", "203.0.113.7")
        .flag("--read-only-master-key-ips", "203.0.113.7");
    let server = options.clone().start().await;
    let headers = [
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-For", "203.0.113.7, 203.0.113.7"),
        ("X-Forwarded-For", "::ffff:203.0.113.7"),
        ("X-Real-IP", "203.0.113.7"),
        ("Forwarded", "for=203.0.113.7"),
        ("X-Client-IP", "203.0.113.7"),
        ("CF-Connecting-IP", "203.0.113.7"),
        ("True-Client-IP", "203.0.113.7"),
        ("X-Forwarded-Host", "203.0.113.7"),
    ];
    for (name, value) in headers {
        for caller in [server.master(), server.read_only_master()] {
            let answer = caller.with(name, value).query(CLASSES, Value::Null).await;
            assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})), "{name}: {value}");
        }
    }
    // Behind a proxy, its word counts, and what a client wrote in front of it does not.
    let server = options.flag("--trust-proxy", "127.0.0.1").start().await;
    let from = async |addresses: &str| {
        server.master().with("X-Forwarded-For", addresses).query(CLASSES, Value::Null).await.status
    };
    assert_eq!(from("203.0.113.7").await, 200);
    assert_eq!(from("203.0.113.7, 198.51.100.1").await, 403, "the client's own words stand in front");
    assert_eq!(from("198.51.100.1, 203.0.113.7").await, 200);
    assert_eq!(from("nonsense").await, 403);
}

async fn adv_vc895g3r_the_key_for_reading_changes_nothing(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    let note = server.master().create("Note", json!({"text": "before"})).await;
    let role = server.create_role("Team", &[], &[]).await;
    let session = "{ sessions { edges { node { id } } } }";
    let session = server.user(&alice).query(session, Value::Null).await.text("sessions.edges.0.node.id");
    let reader = server.read_only_master();
    let by_id = |id: &str| json!({"id": id});
    for (text, variables) in [
        ("mutation { createNote(input: { fields: { text: \"x\" } }) { note { id } } }", Value::Null),
        (
            "mutation ($id: ID!) { updateNote(input: { id: $id, fields: { text: \"x\" } }) { note { id } } }",
            by_id(&note),
        ),
        ("mutation ($id: ID!) { deleteNote(input: { id: $id }) { note { id } } }", by_id(&note)),
        ("mutation { createRole(input: { fields: { name: \"x\", ACL: {} } }) { role { id } } }", Value::Null),
        ("mutation ($id: ID!) { updateRole(input: { id: $id, fields: {} }) { role { id } } }", by_id(&role.id)),
        ("mutation ($id: ID!) { deleteRole(input: { id: $id }) { role { id } } }", by_id(&role.id)),
        (
            "mutation { createUser(input: { fields: { username: \"x\", password: \"x\" } }) { user { id } } }",
            Value::Null,
        ),
        (
            "mutation ($id: ID!) { updateUser(input: { id: $id, fields: { password: \"x\" } }) { user { id } } }",
            by_id(&alice.id),
        ),
        ("mutation ($id: ID!) { deleteUser(input: { id: $id }) { user { id } } }", by_id(&alice.id)),
        ("mutation { createSession(input: { fields: {} }) { session { id } } }", Value::Null),
        ("mutation ($id: ID!) { updateSession(input: { id: $id, fields: {} }) { session { id } } }", by_id(&session)),
        ("mutation ($id: ID!) { deleteSession(input: { id: $id }) { session { id } } }", by_id(&session)),
        ("mutation { createClass(input: { name: \"New\" }) { class { name } } }", Value::Null),
        (
            "mutation { updateClass(input: { name: \"Note\", classLevelPermissions: {} }) { class { name } } }",
            Value::Null,
        ),
        ("mutation { deleteClass(input: { name: \"Note\" }) { class { name } } }", Value::Null),
        (
            "mutation { updateCloudConfig(input: { paramName: \"x\", value: \"y\" }) { cloudConfig { value } } }",
            Value::Null,
        ),
        (
            "mutation { signUp(input: { fields: { username: \"x\", password: \"x\" } }) { viewer { user { id } } } }",
            Value::Null,
        ),
    ] {
        refused(&reader.query(text, variables).await, 119, text);
    }
    // What it may do is read.
    assert_eq!(
        reader.query("{ notes { edges { node { text } } } }", Value::Null).await.each("notes", "text"),
        ["before"]
    );
    for (list, expected) in [("users", 1), ("sessions", 1), ("roles", 1), ("notes", 1)] {
        assert_eq!(count(&server, list).await, expected, "{list}");
    }
    no_hooks_and_no_jobs(&server).await;
}

/// There are none, with whichever key.
async fn no_hooks_and_no_jobs(server: &Server) {
    for caller in [server.read_only_master(), server.master()] {
        for text in [
            "mutation { createHook(input: {}) { clientMutationId } }",
            "mutation { startJob(input: {}) { clientMutationId } }",
        ] {
            refused(&caller.query(text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", text);
        }
        for path in ["/hooks/functions", "/jobs/x", "/push_audiences", "/serverInfo"] {
            assert_eq!(caller.get(path).await.status, 404, "{path}");
        }
    }
}

async fn adv_xfh7phr7_the_key_for_reading_uploads_nothing(database: &Database) {
    let server = Server::start(database).await;
    let hello = File { place: "variables.upload", name: "hello.txt", content_type: "text/plain", content: b"hello" };
    refused(&server.read_only_master().try_create_file(&hello).await, 119, "createFile");
    server.create_class("Note", &[("file", "File")]).await;
    let create = "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note { id } } }";
    let within = File { place: "variables.fields.file.upload", ..hello };
    let answer =
        server.read_only_master().upload(create, json!({"fields": {"file": {"upload": null}}}), &[within]).await;
    refused(&answer, 119, "an upload with an object");
    let files = std::fs::read_dir(database.data_dir().join("files")).map_or(0, Iterator::count);
    assert_eq!(files, 0, "nothing is left of them");
    let (_, url) = server.master().create_file(&hello).await;
    let delete = crate::harness::Answer::of(server.read_only_master().request_at(reqwest::Method::DELETE, &url)).await;
    assert!([404, 405].contains(&delete.status), "{}", delete.status);
}

async fn adv_79wj8rqv_the_key_for_reading_becomes_nobody(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    for caller in [server.read_only_master(), server.master()] {
        for text in [
            "mutation ($id: ID!) { logInAs(input: { userId: $id }) { viewer { sessionToken } } }",
            "mutation ($id: ID!) { loginAs(input: { userId: $id }) { viewer { sessionToken } } }",
        ] {
            refused(&caller.query(text, json!({"id": alice.id})).await, "GRAPHQL_VALIDATION_FAILED", text);
        }
        assert_eq!(caller.get("/loginAs").await.status, 404);
        // Nor does it learn a token with which it could.
        let sessions = caller.query("{ sessions { edges { node { sessionToken } } } }", Value::Null).await;
        assert_eq!(sessions.each("sessions", "sessionToken"), [Value::Null]);
    }
    let make = "mutation ($fields: CreateSessionFieldsInput) { createSession(input: { fields: $fields }) { session { sessionToken } } }";
    let fields = json!({"fields": {"user": {"link": alice.id}}});
    refused(&server.read_only_master().query(make, fields).await, 119, "createSession for alice");
}

async fn adv_3v4q4q9g_the_id_of_an_application_is_a_text(database: &Database) {
    let server = Server::start(database).await;
    for id in ["constructor", "__proto__", "toString", "hasOwnProperty", "", "App", "app.app", "*", "0", "null"] {
        let answer = server.caller(&[("X-Parse-Application-Id", id)]).query("{ health }", Value::Null).await;
        assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})), "{id}");
        assert_ne!(server.caller(&[]).get(&format!("/files/{id}/a.txt")).await.status, 200);
    }
    is_alive(&server).await;
}

/// A key that does not count here is refused; the request does not go on without it.
async fn a_key_from_a_wrong_address_is_no_ordinary_request(database: &Database) {
    let server = Server::options(database).flag("--master-key-ips", "203.0.113.7").start().await;
    let alice = server.sign_up("alice").await;
    let unauthorized = async |caller: Client| {
        let answer = caller.query("{ health }", Value::Null).await;
        assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})));
    };
    unauthorized(server.master()).await;
    unauthorized(server.user(&alice).with("X-Parse-Master-Key", "key-of-the-masters")).await;
    is_alive(&server).await;
}
