//! C: the same data by a way on which nobody stands guard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use super::{LOG_IN, WHOLE_USER, count, refused};
use crate::harness::{Answer, CANARY, Database, File, Server, on_both_databases};

on_both_databases![
    adv_236hrqv8_a_viewer_follows_links_with_no_more_than_its_own_rights,
    adv_fcv6fg5r_the_class_of_a_pointer_is_that_of_its_field,
    adv_8xq9g7ch_no_user_has_the_id_of_a_role,
    adv_5f92jrq3_the_tables_of_relations_are_no_classes,
    adv_6r2jcxgf_no_query_goes_on_in_another_class,
    adv_7xg7rqf6_the_tables_of_the_server_are_no_classes,
    adv_wmwxjr2p_a_relation_is_as_closed_as_its_owner,
    adv_75v4m273_a_log_in_shows_no_more_than_get_does,
    adv_hwx8q9cg_a_file_has_one_way_to_it,
    adv_vpj2qq7w_no_path_of_names_calls_anything,
];

/// Tables that the server, or a Parse Server beside it, keeps for itself.
const TABLES: [&str; 16] = [
    "_SCHEMA",
    "_Hooks",
    "_GlobalConfig",
    "_GraphQLConfig",
    "_Audience",
    "_PushStatus",
    "_JobStatus",
    "_JobSchedule",
    "_Idempotency",
    "_ExportProgress",
    "_Portcullis_Strangers",
    "_Join",
    "pg_authid",
    "pg_catalog",
    "sqlite_master",
    "seaql_migrations",
];

/// The global id of an object of any class.
fn global(class: &str, id: &str) -> String {
    STANDARD.encode(format!("{class}:{id}"))
}

async fn adv_236hrqv8_a_viewer_follows_links_with_no_more_than_its_own_rights(database: &Database) {
    let server = Server::start(database).await;
    let add = "mutation { updateClass(input: { name: \"_User\", schemaFields: {
        addPointers: [{ name: \"file\", targetClassName: \"Secret\" }], addRelations: [{ name: \"files\", targetClassName: \"Secret\" }]
    } }) { class { name } } }";
    server.create_class("Secret", &[("text", "String")]).await;
    server.master().query(add, Value::Null).await.ok();
    let alice = server.sign_up("alice").await;
    let private = json!({"text": format!("{CANARY}private"), "ACL": {"public": {"read": false, "write": false}}});
    let secret = server.master().create("Secret", private).await;
    let link = "mutation ($id: ID!, $secret: ID!) {
        updateUser(input: { id: $id, fields: { file: { link: $secret }, files: { add: [$secret] } } }) { user { id } }
    }";
    server.master().query(link, json!({"id": alice.id, "secret": secret})).await.ok();

    let part = "user { file { text } files { count edges { node { text } } } }";
    let viewer = server.user(&alice).query(&format!("{{ viewer {{ {part} }} }}"), Value::Null).await;
    let log_in = LOG_IN.replace("user { objectId }", part);
    let credentials = json!({"username": "alice", "password": alice.password});
    let logged_in = server.anonymous().query(&log_in, credentials).await;
    let nothing = json!({"file": null, "files": {"count": 0, "edges": []}});
    assert_eq!(viewer.data("viewer.user"), &nothing);
    assert_eq!(logged_in.data("logIn.viewer.user"), &nothing);
    // The link is there, and leads on for who may see where it leads.
    let master = server.master().privy().query("{ users { edges { node { file { text } } } } }", Value::Null).await;
    assert!(master.text("users.edges.0.node.file.text").starts_with(CANARY));
}

async fn adv_fcv6fg5r_the_class_of_a_pointer_is_that_of_its_field(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("next", "Pointer:Note"), ("list", "Array")]).await;
    let session = database.texts(r#"SELECT "objectId" FROM "_Session""#).await.remove(0).unwrap();
    let create = "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) {
        note { next { id } list { __typename ... on Element { value } ... on Session { sessionToken user { id } } ... on User { email } } }
    } }";
    for class in ["_Session", "_Hooks", "_Join:users:_Role", "_User"] {
        // The id leads into the class of the field, where there is nothing of this id.
        for link in [global(class, &session), format!("{class}:{session}")] {
            let fields = json!({"fields": {"next": {"link": link}}});
            let answer = server.anonymous().query(create, fields).await;
            assert_eq!(answer.partial("createNote.note.next"), &Value::Null, "{link}: {}", answer.body);
        }
        let pointer = json!({"__type": "Pointer", "className": class, "objectId": session});
        let answer = server.anonymous().query(create, json!({"fields": {"next": pointer}})).await;
        refused(&answer, "BAD_USER_INPUT", class);
        // In a list without types, a pointer is followed as whoever asks may follow it.
        let answer = server.anonymous().query(create, json!({"fields": {"list": [pointer]}})).await;
        assert!(!answer.body.contains("r:") && !answer.body.contains("\"Session\""), "{}", answer.body);
        let mine = "{ notes(last: 1) { edges { node { list { __typename ... on Session { sessionToken } } } } } }";
        server.sign_up(&format!("bob{}", class.len())).await;
        let answer = server.anonymous().query(mine, Value::Null).await;
        assert!(!answer.body.contains("\"Session\""), "{}", answer.body);
    }
    assert_eq!(server.user(&alice).query("{ sessions { count } }", Value::Null).await.data("sessions.count"), 1);
}

async fn adv_8xq9g7ch_no_user_has_the_id_of_a_role(database: &Database) {
    let server = Server::start(database).await;
    server.create_role("Admin", &[], &[]).await;
    server.create_class("Note", &[("text", "String")]).await;
    let acl = json!({"roles": [{"roleName": "Admin", "read": true, "write": true}]});
    server.master().create("Note", json!({"text": "for few", "ACL": acl})).await;
    for field in ["objectId", "id", "_id"] {
        let fields = json!({"username": "mallory", "password": "x", field: "role:Admin"});
        for caller in [server.anonymous(), server.master()] {
            for mutation in [
                "signUp(input: { fields: $fields }) { clientMutationId }",
                "createUser(input: { fields: $fields }) { clientMutationId }",
            ] {
                let text = format!("mutation ($fields: CreateUserFieldsInput) {{ {mutation} }}");
                refused(&caller.query(&text, json!({"fields": fields})).await, "BAD_USER_INPUT", field);
            }
        }
    }
    // Not even a row that somebody has written with such an id is the role.
    let mallory = server.sign_up("mallory").await;
    for (table, column) in [("_User", "objectId"), ("_Session", "user")] {
        let sql = format!(
            r#"UPDATE "{table}" SET "{column}" = 'role:Admin' WHERE "{column}" = '{}' RETURNING "objectId""#,
            mallory.object_id
        );
        assert_eq!(database.texts(&sql).await.len(), 1);
    }
    drop(server);
    let server = Server::start(database).await;
    let answer = server.user(&mallory).query("{ notes { count } }", Value::Null).await;
    assert!(!answer.codes().is_empty() || answer.data("notes.count") == 0, "{}", answer.body);
}

async fn adv_5f92jrq3_the_tables_of_relations_are_no_classes(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let role = server.create_role("Admin", &[], &[]).await;
    let join = "_Join:users:_Role";
    assert!(database.texts(&format!(r#"SELECT "owningId" FROM "{join}""#)).await.is_empty(), "it is a table");
    for caller in [server.user(&alice), server.master()] {
        is_no_class(&caller, join).await;
        for text in [
            "mutation { create_JoinUsers_Role(input: { fields: {} }) { clientMutationId } }",
            "mutation { createJoinUsersRole(input: { fields: {} }) { clientMutationId } }",
            "{ _Join { count } }",
        ] {
            refused(&caller.query(text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", text);
        }
    }
    let add = "mutation ($id: ID!, $user: ID!) {
        updateRole(input: { id: $id, fields: { users: { add: [$user] } } }) { role { name } }
    }";
    refused(&server.user(&alice).query(add, json!({"id": role.id, "user": alice.id})).await, 101, "by the role itself");
    assert!(database.texts(&format!(r#"SELECT "owningId" FROM "{join}""#)).await.is_empty());
}

/// Whoever asks, and wherever: there is no class of this name.
async fn is_no_class(caller: &crate::harness::Client, name: &str) {
    let find = "query ($name: String!) { users(where: { username: { inQueryKey: {
        query: { className: $name, where: {} }, key: \"objectId\" } } }) { count } }";
    refused(&caller.query(find, json!({"name": name})).await, 119, name);
    let node = caller.query("query ($id: ID!) { node(id: $id) { id } }", json!({"id": global(name, "x")})).await;
    refused(&node, 119, name);
    for text in [
        "query ($name: String!) { class(name: $name) { name schemaFields { name } } }",
        "mutation ($name: String!) { createClass(input: { name: $name }) { class { name } } }",
        "mutation ($name: String!) { updateClass(input: { name: $name }) { class { name } } }",
        "mutation ($name: String!) { deleteClass(input: { name: $name }) { class { name } } }",
    ] {
        let codes = caller.query(text, json!({"name": name})).await.codes();
        assert!(
            [json!(103), json!(119), json!(255)].contains(codes.first().expect("it is refused")),
            "{name}, {text}: {codes:?}"
        );
    }
}

async fn adv_6r2jcxgf_no_query_goes_on_in_another_class(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String")]).await;
    for text in [
        "{ notes(redirectClassNameForKey: \"user\") { count } }",
        "{ notes(where: { redirectClassNameForKey: \"user\" }) { count } }",
        "{ notes(options: { redirectClassNameForKey: \"user\" }) { count } }",
    ] {
        refused(&server.user(&alice).query(text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", text);
    }
}

async fn adv_7xg7rqf6_the_tables_of_the_server_are_no_classes(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    for name in TABLES {
        for caller in [server.anonymous(), server.user(&alice)] {
            is_no_class(&caller, name).await;
        }
    }
    for name in TABLES.iter().filter(|name| name.starts_with('_')) {
        is_no_class(&server.master(), name).await;
    }
    assert_eq!(count(&server, "users").await, 1);
}

async fn adv_wmwxjr2p_a_relation_is_as_closed_as_its_owner(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Thing", &[("text", "String")]).await;
    server.create_class("Club", &[("members", "Relation:Thing"), ("hidden", "Relation:Thing")]).await;
    let thing = server.master().create("Thing", json!({"text": "member"})).await;
    let nobody = json!({"public": {"read": false, "write": false}});
    let closed = json!({"members": {"add": [thing]}, "ACL": nobody});
    let closed = server.master().create("Club", closed).await;
    let open = server.master().create("Club", json!({"hidden": {"add": [thing]}})).await;
    let protect = json!({
        "get": {"public": true}, "find": {"public": true}, "count": {"public": true},
        "protectedFields": [{"public": true, "fields": ["hidden"]}],
    });
    server.set_permissions("Club", protect).await;

    for caller in [server.anonymous(), server.user(&alice)] {
        let by_id = "query ($id: ID!) { club(id: $id) { members { count edges { node { text } } } } }";
        refused(&caller.query(by_id, json!({"id": closed})).await, 101, "the owner is closed");
        let hidden = caller.query("query ($id: ID!) { club(id: $id) { hidden { count } } }", json!({"id": open})).await;
        refused(&hidden, 119, "the relation is protected");
        for condition in [
            json!({"hidden": {"have": {"text": {"equalTo": "member"}}}}),
            json!({"hidden": {"exists": true}}),
            json!({"NOR": [{"hidden": {"haveNot": {"text": {"equalTo": "x"}}}}]}),
        ] {
            let find = "query ($where: ClubWhereInput) { clubs(where: $where) { count } }";
            refused(&caller.query(find, json!({"where": condition})).await, 119, &condition.to_string());
        }
        let members = json!({"where": {"members": {"have": {"text": {"equalTo": "member"}}}}});
        let find = "query ($where: ClubWhereInput) { clubs(where: $where) { count edges { node { id } } } }";
        assert_eq!(caller.query(find, members).await.data("clubs.count"), 0);
        // Parse's own operator, where conditions have no types.
        let related = json!({"$relatedTo": {"object": {"__type": "Pointer", "className": "Club", "objectId": closed}, "key": "members"}});
        let find = "query ($where: Object) { things(where: { text: { inQueryKey: { query: { className: \"Thing\", where: $where }, key: \"text\" } } }) { count } }";
        let answer = caller.query(find, json!({"where": related})).await;
        assert!(!answer.codes().is_empty() || answer.data("things.count") == 0, "{}", answer.body);
    }
}

async fn adv_75v4m273_a_log_in_shows_no_more_than_get_does(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let email = "mutation ($id: ID!) { updateUser(input: { id: $id, fields: { email: \"protected-canary-1@example.org\" } }) { user { id } } }";
    server.user(&alice).privy().query(email, json!({"id": alice.id})).await.ok();
    let keep = json!({"create": {"public": true}, "find": {"public": true}});
    server.set_permissions("_User", keep).await;
    let log_in = LOG_IN.replace("user { objectId }", &format!("user {{ {WHOLE_USER} }}"));
    let credentials = json!({"username": "alice", "password": alice.password});
    // The scanner looks for the address in what comes back.
    let answer = server.anonymous().query(&log_in, credentials).await;
    for hidden in ["username", "email", "emailVerified", "authData"] {
        let shown = answer.json.pointer(&format!("/data/logIn/viewer/user/{hidden}")).unwrap_or(&Value::Null);
        assert!(shown.is_null(), "{hidden}: {}", answer.body);
    }
}

/// There is no code that decides about single files: a file has an address, and no data beside it.
async fn adv_hwx8q9cg_a_file_has_one_way_to_it(database: &Database) {
    let server = Server::start(database).await;
    let hello =
        File { place: "variables.upload", name: "hello.txt", content_type: "text/plain", content: b"hello, file" };
    let (name, url) = server.anonymous().create_file(&hello).await;
    let nobody = server.caller(&[]);
    // GHSA-hwx8-q9cg-mqmc: what is told about a file beside its content.
    for path in
        [format!("/files/app/metadata/{name}"), format!("/files/metadata/{name}"), format!("/parse/files/app/{name}")]
    {
        assert!([403, 404].contains(&nobody.get(&path).await.status), "{path}");
    }
    // GHSA-hpm8-9qx6-jvwv: what is refused as a whole is refused in parts.
    let foreign = url.replace("/files/app/", "/files/other/");
    for method in [Method::GET, Method::HEAD] {
        for range in ["", "bytes=0-1", "bytes=-1"] {
            let answer = Answer::of(nobody.with("Range", range).request_at(method.clone(), &foreign)).await;
            assert_eq!(answer.status, 403, "{method} {range}");
            assert!(!answer.body.contains("he") && !answer.headers.contains_key("content-range"), "{}", answer.body);
        }
    }
}

async fn adv_vpj2qq7w_no_path_of_names_calls_anything(database: &Database) {
    let server = Server::start(database).await;
    for (advisory, name) in [
        ("GHSA-vpj2-qq7w-5qq6", "f.prototype.constructor"),
        ("GHSA-6hh7-46r2-vf29", "constructor"),
        ("GHSA-5j86-7r7m-p8h6", "toString"),
        ("GHSA-4263-jgmp-7pf4", "__proto__.__proto__.__proto__"),
    ] {
        let call = "mutation ($name: String!) { callCloudCode(input: { functionName: $name }) { result } }";
        let answer = server.master().query(call, json!({"name": name})).await;
        refused(&answer, "GRAPHQL_VALIDATION_FAILED", advisory);
        for path in [format!("/functions/{name}"), format!("/jobs/{name}"), format!("/parse/functions/{name}")] {
            assert_eq!(server.master().get(&path).await.status, 404, "{advisory}: {path}");
        }
        let by_name = server.master().query(&format!("{{ {} {{ id }} }}", name.replace('.', "_")), Value::Null).await;
        refused(&by_name, "GRAPHQL_VALIDATION_FAILED", advisory);
        let operation = json!({"query": "query a { health }", "operationName": name});
        refused(&server.master().post(&operation).await, "OPERATION_RESOLUTION_FAILURE", advisory);
    }
}
