//! Classes are made, changed and deleted while the server runs.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, Server, on_both_databases};

on_both_databases![
    another_server_knows_a_new_class_within_a_second,
    another_server_obeys_new_permissions_within_a_second,
    requests_go_on_while_classes_change,
    of_many_who_make_one_class_one_wins,
    a_change_that_is_refused_changes_nothing,
    permissions_come_out_as_they_went_in,
    permissions_that_make_no_sense_are_refused,
    new_classes_are_private_by_default,
    a_plural_like_its_singular_gets_a_suffix,
    a_required_field_needs_a_value,
    a_default_value_fills_the_gap,
    fields_that_cannot_be_added_are_refused,
    a_field_that_is_added_and_removed_at_once_is_removed,
    names_that_differ_in_case_are_kept_apart_or_refused,
    a_class_that_the_api_could_not_show_is_refused,
    a_class_that_is_not_shown_is_logged_once,
];

const CREATE: &str = "mutation ($input: CreateClassInput!) { createClass(input: $input) { class { name } } }";
const UPDATE: &str = "mutation ($input: UpdateClassInput!) { updateClass(input: $input) { class { name } } }";

/// A second, and more where many tests share a small machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks again until the answer is the wanted one.
async fn until(caller: &Client, query: &str, wanted: impl Fn(&Answer) -> bool) {
    let start = Instant::now();
    loop {
        let answer = caller.query(query, Value::Null).await;
        if wanted(&answer) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}: {}", answer.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn another_server_knows_a_new_class_within_a_second(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    one.create_class("Note", &[("text", "String")]).await;
    one.master().create("Note", json!({"text": "news"})).await;
    until(&other.master(), "{ notes { edges { node { text } } } }", |answer| answer.codes().is_empty()).await;
    other.master().create("Note", json!({"text": "answer"})).await;
    let answer = one.master().query("{ notes(order: [text_ASC]) { edges { node { text } } } }", Value::Null).await;
    assert_eq!(answer.each("notes", "text"), ["answer", "news"]);
}

async fn another_server_obeys_new_permissions_within_a_second(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    one.create_class("Note", &[("text", "String")]).await;
    until(&other.anonymous(), "{ notes { count } }", |answer| answer.codes().is_empty()).await;
    one.set_permissions("Note", json!({})).await;
    assert_eq!(one.anonymous().query("{ notes { count } }", Value::Null).await.code(), 119);
    until(&other.anonymous(), "{ notes { count } }", |answer| answer.codes() == [json!(119)]).await;
}

async fn requests_go_on_while_classes_change(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    server.master().create("Note", json!({"text": "here"})).await;
    let read = async {
        for _ in 0..60 {
            let answer = server.anonymous().query("{ notes { edges { node { text } } } }", Value::Null).await;
            assert_eq!(answer.each("notes", "text"), ["here"]);
        }
    };
    let change = async {
        for name in ["Some", "More", "Further"] {
            server.create_class(name, &[("text", "String")]).await;
            let add = json!({"name": "Note", "schemaFields": {"addNumbers": [{"name": format!("n{name}")}]}});
            server.master().query(UPDATE, json!({"input": add})).await.ok();
        }
    };
    tokio::join!(read, change);
}

async fn of_many_who_make_one_class_one_wins(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    let make = |server: &Server| {
        let master = server.master();
        async move { master.query(CREATE, json!({"input": {"name": "Note"}})).await }
    };
    let answers = join_all((0..4).flat_map(|_| [make(&one), make(&other)])).await;
    let won = answers.iter().filter(|answer| answer.codes().is_empty()).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(|answer| &answer.body).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.codes().is_empty() || answer.code() == 103));
}

async fn a_change_that_is_refused_changes_nothing(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let fields = "{ class(name: \"Note\") { schemaFields { name } classLevelPermissions { find { public } } } }";
    let before = server.master().query(fields, Value::Null).await;
    for (input, code) in [
        (json!({"name": "Note", "schemaFields": {"addStrings": [{"name": "good"}, {"name": "not good"}]}}), 105),
        (
            json!({"name": "Note", "schemaFields": {"addStrings": [{"name": "good"}], "remove": [{"name": "objectId"}]}}),
            136,
        ),
        (
            json!({"name": "Note", "schemaFields": {"remove": [{"name": "text"}]},
                "classLevelPermissions": {"find": {"pointerFields": ["text"]}}}),
            107,
        ),
    ] {
        let answer = server.master().query(UPDATE, json!({"input": input})).await;
        assert_eq!(answer.code(), code, "{input}: {}", answer.body);
        let after = server.master().query(fields, Value::Null).await;
        assert_eq!(before.data("class"), after.data("class"), "{input}");
    }
    server.master().create("Note", json!({"text": "the field is still there"})).await;
}

async fn permissions_come_out_as_they_went_in(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    server.create_class("Note", &[("text", "String"), ("owner", "Pointer:_User"), ("readers", "Array")]).await;
    let permissions = json!({
        "get": {"public": true},
        "find": {"requiresAuthentication": true, "pointerFields": ["owner", "readers"]},
        "update": {"users": [alice.object_id], "roles": ["Editors"]},
        "readUserFields": ["readers"],
        "writeUserFields": ["owner"],
        "protectedFields": [
            {"public": true, "fields": ["text"]}, {"authenticated": true, "fields": []},
            {"user": alice.id, "fields": []}, {"role": "Editors", "fields": []}, {"userField": "owner", "fields": []},
        ],
        "defaultACL": {"currentUser": {"read": true, "write": true}, "roles": [{"roleName": "Editors", "read": true, "write": false}]},
    });
    server.set_permissions("Note", permissions).await;
    let query = "{ class(name: \"Note\") { classLevelPermissions {
        get { public requiresAuthentication users roles pointerFields } find { public requiresAuthentication pointerFields }
        update { users roles } delete { public } readUserFields writeUserFields
        protectedFields { public authenticated user role userField fields }
        defaultACL { public { read } currentUser { read write } users { userId } roles { roleName read write } }
    } } }";
    let answer = server.master().query(query, Value::Null).await;
    let got = answer.data("class.classLevelPermissions");
    let open = json!({"public": true, "requiresAuthentication": false, "users": [], "roles": [], "pointerFields": []});
    assert_eq!(got["get"], open);
    assert_eq!(got["find"]["pointerFields"], json!(["owner", "readers"]));
    assert_eq!(got["update"], json!({"users": [alice.id], "roles": ["Editors"]}));
    assert_eq!(got["delete"]["public"], false);
    assert_eq!((&got["readUserFields"], &got["writeUserFields"]), (&json!(["readers"]), &json!(["owner"])));
    assert_eq!(got["protectedFields"].as_array().unwrap().len(), 5, "{got:#}");
    assert_eq!(got["defaultACL"]["currentUser"], json!({"read": true, "write": true}));
    assert_eq!(got["defaultACL"]["roles"], json!([{"roleName": "Editors", "read": true, "write": false}]));
}

async fn permissions_that_make_no_sense_are_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String"), ("next", "Pointer:Note"), ("owner", "Pointer:_User")]).await;
    for permissions in [
        json!({"find": {"pointerFields": ["nothing"]}}),
        json!({"find": {"pointerFields": ["text"]}}),
        json!({"find": {"pointerFields": ["next"]}}),
        json!({"readUserFields": ["text"]}),
        json!({"writeUserFields": ["nothing"]}),
        json!({"protectedFields": [{"public": true, "fields": ["nothing"]}]}),
        json!({"protectedFields": [{"public": true, "fields": ["objectId"]}]}),
        json!({"protectedFields": [{"public": true, "fields": ["ACL"]}]}),
        json!({"protectedFields": [{"userField": "text", "fields": []}]}),
        json!({"protectedFields": [{"userField": "nothing", "fields": []}]}),
        json!({"protectedFields": [{"public": true, "authenticated": true, "fields": ["text"]}]}),
        json!({"protectedFields": [{"fields": ["text"]}]}),
        json!({"find": {"users": ["role:Admin"]}}),
        json!({"find": {"users": ["*"]}}),
        json!({"find": {"users": [""]}}),
        json!({"find": {"users": ["requiresAuthentication"]}}),
        json!({"find": {"users": ["pointerFields"]}}),
        json!({"protectedFields": [{"user": "authenticated", "fields": ["text"]}]}),
        json!({"defaultACL": {"users": [{"userId": "currentUser", "read": true, "write": true}]}}),
        json!({"find": {"roles": [""]}}),
        json!({"defaultACL": {"users": [{"userId": "role:Admin", "read": true, "write": true}]}}),
    ] {
        let input = json!({"name": "Note", "classLevelPermissions": permissions});
        let answer = server.master().query(UPDATE, json!({"input": input})).await;
        assert!(!answer.codes().is_empty(), "{permissions} must be refused");
        assert_eq!(answer.code(), 107, "{permissions}: {}", answer.body);
    }
}

async fn new_classes_are_private_by_default(database: &Database) {
    let server = Server::options(database).without("--class-defaults").start().await;
    let (alice, bob) = (server.sign_up("alice").await, server.sign_up("bob").await);
    server.create_class("Note", &[("text", "String")]).await;
    let note = server.user(&alice).create("Note", json!({"text": "mine"})).await;
    let read = "query ($id: ID!) { note(id: $id) { text ACL { public { read } users { userId read write } } } }";
    let answer = server.user(&alice).query(read, json!({"id": note})).await;
    assert_eq!(answer.data("note.ACL.public"), &Value::Null);
    assert_eq!(answer.data("note.ACL.users"), &json!([{"userId": alice.id, "read": true, "write": true}]));
    assert_eq!(server.user(&bob).query(read, json!({"id": note})).await.code(), 101);
    assert_eq!(server.anonymous().query("{ notes { count } }", Value::Null).await.code(), 101);

    let role = "mutation { createRole(input: { fields: { name: \"Mine\", ACL: { public: { read: true, write: true } } } }) { role { id } } }";
    assert_eq!(server.user(&alice).query(role, Value::Null).await.code(), 119);
}

async fn a_plural_like_its_singular_gets_a_suffix(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("News", &[("text", "String")]).await;
    let id = server.master().create("News", json!({"text": "new"})).await;
    let query = "query ($id: ID!) { news(id: $id) { text } newsList { edges { node { text } } } }";
    let answer = server.master().query(query, json!({"id": id})).await;
    assert_eq!((answer.data("news.text"), answer.each("newsList", "text")), (&json!("new"), vec![json!("new")]));
}

async fn a_required_field_needs_a_value(database: &Database) {
    let server = Server::start(database).await;
    let fields = json!({"addStrings": [{"name": "title", "required": true}], "addNumbers": [{"name": "size"}]});
    let input = json!({"name": "Book", "schemaFields": fields});
    server.master().query(CREATE, json!({"input": input})).await.ok();
    let id = server.master().create("Book", json!({"title": "One"})).await;
    let create = "mutation ($fields: CreateBookFieldsInput) { createBook(input: { fields: $fields }) { book { id } } }";
    let empty = server.master().query(create, json!({"fields": {"title": ""}})).await;
    assert_eq!(empty.code(), 142, "{}", empty.body);
    let missing = server.master().query(create, json!({"fields": {"size": 1}})).await;
    assert!(!missing.codes().is_empty(), "{}", missing.body);

    let update = "mutation ($id: ID!, $fields: UpdateBookFieldsInput) { updateBook(input: { id: $id, fields: $fields }) { book { title } } }";
    for title in [Value::Null, json!("")] {
        let answer = server.master().query(update, json!({"id": id, "fields": {"title": title}})).await;
        assert_eq!(answer.code(), 142, "{}", answer.body);
    }
    server.master().query(update, json!({"id": id, "fields": {"size": 2}})).await.ok();
}

async fn a_default_value_fills_the_gap(database: &Database) {
    let server = Server::start(database).await;
    let fields = json!({
        "addStrings": [{"name": "state", "defaultValue": "new"}],
        "addNumbers": [{"name": "size", "defaultValue": 1.5}],
        "addBooleans": [{"name": "open", "defaultValue": false}],
        "addDates": [{"name": "since", "defaultValue": "2020-02-29T12:00:00.000Z"}],
        "addArrays": [{"name": "tags", "defaultValue": ["a", 1]}],
        "addObjects": [{"name": "more", "defaultValue": {"a": {"b": null}}}],
    });
    server.master().query(CREATE, json!({"input": {"name": "Book", "schemaFields": fields}})).await.ok();
    let id = server.master().create("Book", json!({"size": 2})).await;
    let read = "query ($id: ID!) { book(id: $id) { state size open since tags { ... on Element { value } } more } }";
    let answer = server.master().query(read, json!({"id": id})).await;
    let expected = json!({
        "state": "new", "size": 2, "open": false, "since": "2020-02-29T12:00:00.000Z",
        "tags": [{"value": "a"}, {"value": 1}], "more": {"a": {"b": null}},
    });
    let mut got = answer.data("book").clone();
    got["size"] = if got["size"].as_f64() == Some(2.0) { json!(2) } else { got["size"].clone() };
    assert_eq!(got, expected);

    let update = "mutation ($id: ID!) { updateBook(input: { id: $id, fields: { state: null } }) { book { state } } }";
    assert_eq!(server.master().query(update, json!({"id": id})).await.data("updateBook.book.state"), "new");
}

async fn fields_that_cannot_be_added_are_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let strings = |name: &str| json!({"addStrings": [{"name": name}]});
    let leading = |list: &str, class: &str| json!({list: [{"name": "next", "targetClassName": class}]});
    for (fields, on_create, on_update) in [
        (strings("ACL"), 136, 105),
        (strings("objectId"), 136, 105),
        (strings("createdAt"), 136, 105),
        (strings("not good"), 105, 105),
        (strings("id"), 105, 105),
        (leading("addPointers", ""), 135, 135),
        (leading("addRelations", ""), 135, 135),
        (leading("addPointers", "not good"), 103, 103),
    ] {
        for (text, name, code) in [(CREATE, "Other", on_create), (UPDATE, "Note", on_update)] {
            let input = json!({"name": name, "schemaFields": fields});
            let answer = server.master().query(text, json!({"input": input})).await;
            assert_eq!(answer.code(), code, "{name} {fields}: {}", answer.body);
        }
    }
}

async fn a_field_that_is_added_and_removed_at_once_is_removed(database: &Database) {
    let server = Server::start(database).await;
    let both = |name: &str| json!({"addNumbers": [{"name": name}], "remove": [{"name": name}]});
    server.master().query(CREATE, json!({"input": {"name": "Note", "schemaFields": both("size")}})).await.ok();
    let update = json!({"name": "Note", "schemaFields": {"addStrings": [{"name": "text"}]}});
    server.master().query(UPDATE, json!({"input": update})).await.ok();
    for name in ["text", "other"] {
        let update = json!({"name": "Note", "schemaFields": both(name)});
        server.master().query(UPDATE, json!({"input": update})).await.ok();
    }
    let answer = server.master().query("{ class(name: \"Note\") { schemaFields { name } } }", Value::Null).await;
    let names: Vec<_> = answer.data("class.schemaFields").as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["objectId", "createdAt", "updatedAt", "ACL"]);
}

/// SQLite cannot keep them apart, and mixes nothing up.
async fn names_that_differ_in_case_are_kept_apart_or_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Trip", &[("text", "String")]).await;
    let field = |name: &str| json!({"addStrings": [{"name": name}]});
    for (text, name, fields, code) in [
        (CREATE, "tRIP", json!({}), 103),
        (UPDATE, "Trip", field("Text"), 105),
        (UPDATE, "Trip", field("objectID"), 105),
        (CREATE, "Other", json!({"addStrings": [{"name": "a"}, {"name": "A"}]}), 105),
    ] {
        let answer = server.master().query(text, json!({"input": {"name": name, "schemaFields": fields}})).await;
        if database.is_postgres() {
            answer.ok();
        } else {
            assert_eq!(answer.code(), code, "{name} {fields}: {}", answer.body);
        }
    }
    if database.is_postgres() {
        let id = server.master().create("Trip", json!({"text": "one", "Text": "two", "objectID": "three"})).await;
        let query = "query ($id: ID!) { trip(id: $id) { text Text objectID } }";
        let answer = server.master().query(query, json!({"id": id})).await;
        assert_eq!(answer.data("trip"), &json!({"text": "one", "Text": "two", "objectID": "three"}));
    }
}

const RESERVED: [&str; 16] = [
    "Viewer",
    "Query",
    "String",
    "User",
    "Role",
    "Session",
    "File",
    "Node",
    "Date",
    "viewer",
    "Class",
    "Health",
    "ArrayResult",
    "UserEdge",
    "Subscription",
    "MyConnection",
];

async fn a_class_that_the_api_could_not_show_is_refused(database: &Database) {
    let server = Server::start(database).await;
    for name in RESERVED {
        let answer = server.master().query(CREATE, json!({"input": {"name": name}})).await;
        assert_eq!(answer.code(), 103, "{name}: {}", answer.body);
        assert!(answer.messages()[0].contains(name), "{}", answer.body);
        let answer = server.anonymous().query(CREATE, json!({"input": {"name": name}})).await;
        assert_eq!(answer.code(), 119, "{name}: {}", answer.body);
    }
    server.create_class("Viewers", &[("text", "String")]).await;
}

async fn a_class_that_is_not_shown_is_logged_once(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Foo", &[("text", "String")]).await;
    for name in ["FooEdge", "Bar", "Baz"] {
        server.create_class(name, &[("text", "String")]).await;
    }
    server.master().query("{ foos { count } }", Value::Null).await.ok();
    let shown = server.master().query("{ classes { name } }", Value::Null).await;
    assert!(shown.body.contains("FooEdge"), "{}", shown.body);
    let log = server.stop().await.stderr;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("classes_omitted")).collect();
    assert!(matches!(lines.as_slice(), [line] if line.contains("FooEdge")), "{lines:?}");
}
