//! H: names that mean something to JavaScript. Here they are names, and values are values.

use serde_json::{Value, json};

use super::{count, is_alive, refused};
use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    adv_p6h493qp_names_of_a_prototype_are_plain_data,
    adv_9ccrfpp6_a_schema_takes_no_name_of_a_prototype
];

/// Each of these has made a Parse Server run code, or forget a check.
const DATA: [(&str, &str); 6] = [
    ("GHSA-p6h4-93qp-jhcm", r#"{"__proto__": {"polluted": true}}"#),
    ("GHSA-prm5-8g2m-24gg", r#"{"_bsontype": "Code", "code": "delete Object.prototype.evalFunctions"}"#),
    ("GHSA-462x-c3jw-7vr6", r#"{"constructor": {"prototype": {"_bsontype": "Code"}}}"#),
    ("GHSA-93vw-8fm5-p2jf", r#"{"__proto__": {"__proto__": {"x": [{"__proto__": 1}]}}}"#),
    ("GHSA-q342-9w2p-57fp", r#"{"a": {"b": 1}, "z": {"_bsontype": "Code"}, "constructor": 1}"#),
    ("GHSA-xprv-wvh7-qqqx", r#"{"toString": "x", "valueOf": {"hasOwnProperty": 1}, "length": -1}"#),
];

async fn adv_p6h493qp_names_of_a_prototype_are_plain_data(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("more", "Object"), ("tags", "Array")]).await;
    let create = "mutation ($fields: CreateNoteFieldsInput) {
        createNote(input: { fields: $fields }) { note { id more tags { ... on Element { value } } } }
    }";
    for (advisory, text) in DATA {
        let data: Value = serde_json::from_str(text).unwrap();
        let fields = json!({"fields": {"more": data, "tags": [data]}});
        let answer = server.anonymous().query(create, fields).await;
        assert_eq!(answer.data("createNote.note.more"), &data, "{advisory}");
        assert_eq!(answer.data("createNote.note.tags.0.value"), &data, "{advisory}");
        let id = answer.text("createNote.note.id");
        let back = server.anonymous().query("query ($id: ID!) { note(id: $id) { more } }", json!({"id": id})).await;
        assert_eq!(back.data("note.more"), &data, "{advisory}");
        // As variables, and as members of the request.
        let body = format!(
            "{{\"query\": \"{{ health }}\", \"variables\": {text}, \"extensions\": {text}, \"__proto__\": {text}}}"
        );
        let request =
            server.anonymous().request(reqwest::Method::POST, "").header("Content-Type", "application/json").body(body);
        assert!(crate::harness::Answer::of(request).await.status < 500, "{advisory}");
    }
    // Nothing of it has become a right of somebody, or of everybody.
    let anonymous = server.anonymous().query("{ classes { name } }", Value::Null).await;
    refused(&anonymous, 119, "classes");
    let plain = server
        .anonymous()
        .query("mutation { createNote(input: { fields: { more: {} } }) { note { more } } }", Value::Null)
        .await;
    assert_eq!(plain.data("createNote.note.more"), &json!({}));
}

async fn adv_9ccrfpp6_a_schema_takes_no_name_of_a_prototype(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let before =
        server.master().query("{ classes { name classLevelPermissions { find { public } } } }", Value::Null).await;
    let add = "mutation ($name: String!) { updateClass(input: { name: \"Note\", schemaFields: { addStrings: [{ name: $name }] } }) { class { name } } }";
    for name in ["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "__defineGetter__", "__typename"]
    {
        refused(&server.master().query(add, json!({"name": name})).await, 105, name);
    }
    for name in ["__proto__", "__defineGetter__"] {
        let create = "mutation ($name: String!) { createClass(input: { name: $name }) { class { name } } }";
        refused(&server.master().query(create, json!({"name": name})).await, 103, name);
    }
    let after =
        server.master().query("{ classes { name classLevelPermissions { find { public } } } }", Value::Null).await;
    assert_eq!(before.data("classes"), after.data("classes"));
    // A class may be named like a member of every object in JavaScript, and has its own permissions all the same.
    server.create_class("constructor", &[("text", "String")]).await;
    server.set_permissions("constructor", json!({})).await;
    refused(&server.anonymous().query("{ constructors { count } }", Value::Null).await, 119, "a closed class");
    assert_eq!(count(&server, "notes").await, 0);
    is_alive(&server).await;
}
