//! Values come back as they went in, or are refused with a number that says why.

use serde_json::{Value, json};

use crate::harness::{Database, Server, on_both_databases};

on_both_databases![values_come_back_as_they_went_in, values_that_cannot_be_kept_are_refused, failures_tell_nothing];

const FIELDS: [(&str, &str); 9] = [
    ("text", "String"),
    ("size", "Number"),
    ("day", "Date"),
    ("more", "Object"),
    ("tags", "Array"),
    ("place", "GeoPoint"),
    ("area", "Polygon"),
    ("blob", "Bytes"),
    ("next", "Pointer:Note"),
];
const CREATE: &str =
    "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note { objectId } } }";

async fn values_come_back_as_they_went_in(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &FIELDS).await;
    for (field, part, value) in [
        ("text", "text", json!("quote \" ' ` \\ \n \u{1F600} \u{7f}")),
        ("text", "text", json!("")),
        ("size", "size", json!(0.1)),
        ("size", "size", json!(-1e300)),
        ("size", "size", json!(9_007_199_254_740_991_i64)),
        ("day", "day", json!("0001-01-01T00:00:00.000Z")),
        ("day", "day", json!("2020-02-29T23:59:59.999Z")),
        ("more", "more", json!({"a": null, "b": [null, {"c": null}], "": 1, "__op": "Delete", "ü": "ü"})),
        ("more", "more", json!({})),
        ("place", "place { latitude longitude }", json!({"latitude": -90, "longitude": 180})),
        ("blob", "blob", json!("AAECAw==")),
    ] {
        let id = server.anonymous().create("Note", json!({field: value})).await;
        let read = format!("query ($id: ID!) {{ note(id: $id) {{ {part} }} }}");
        let answer = server.anonymous().query(&read, json!({"id": id})).await;
        let got = answer.data(&format!("note.{field}"));
        assert!(is_same(got, &value), "{field}: {value} became {got}");
    }
}

/// The same JSON, where 1 and 1.0 are one number.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => one == other,
    }
}

async fn values_that_cannot_be_kept_are_refused(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &FIELDS).await;
    let corner = |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude});
    for (field, value, codes) in [
        ("text", json!("a\0b"), &[107, 111][..]),
        ("more", json!({"a": "\0"}), &[107, 111]),
        ("more", json!({"a\0": 1}), &[107, 111, 121]),
        ("more", json!({"a.b": 1}), &[121]),
        ("more", json!({"deep": {"$set": 1}}), &[121]),
        ("tags", json!(["\0"]), &[107, 111]),
        ("tags", json!([{"a.b": 1}]), &[121]),
        ("place", corner(91.0, 0.0), &[107, 111]),
        ("place", corner(0.0, 180.5), &[107, 111]),
        ("area", json!([corner(0.0, 0.0), corner(1.0, 1.0)]), &[107, 111]),
        ("next", json!({"link": null}), &[]),
        ("next", json!({}), &[106]),
    ] {
        let answer = server.anonymous().query(CREATE, json!({"fields": {field: value}})).await;
        let told = answer.codes();
        let expected = told.first().and_then(Value::as_i64).map_or(codes.is_empty(), |code| codes.contains(&code));
        assert!(expected, "{field}: {value}: {}", answer.body);
    }
    for (field, value) in [
        ("day", json!("2021-02-30T00:00:00.000Z")),
        ("day", json!("2021-01-01T00:00:00")),
        ("day", json!("yesterday")),
        ("blob", json!("not base64!")),
        ("more", json!("text")),
        ("size", json!("1")),
    ] {
        let answer = server.anonymous().query(CREATE, json!({"fields": {field: value}})).await;
        let refused = [json!("BAD_USER_INPUT"), json!(107), json!(111)];
        assert!(answer.codes().len() == 1 && refused.contains(&answer.codes()[0]), "{field}: {value}: {}", answer.body);
    }
}

/// Odd requests, whose answers may say no, but nothing about the server's inside.
async fn failures_tell_nothing(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &FIELDS).await;
    let huge = "x".repeat(200_000);
    let mut answers = Vec::new();
    for fields in [
        json!({"text": huge}),
        json!({"size": 1e308, "tags": [huge]}),
        json!({"more": {"a": {"b": {"c": [[[[[[1]]]]]]}}}}),
        json!({"next": {"link": "\0"}}),
        json!({"next": {"link": huge}}),
        json!({"next": {"link": "' OR 1=1 --"}}),
    ] {
        answers.push(server.anonymous().query(CREATE, json!({"fields": fields})).await);
    }
    for id in ["", "\0", "' OR 1=1 --", &huge, "Tm90ZTo=", "Tm90ZTp4", "X1VzZXI6eA=="] {
        answers.push(server.anonymous().query("query ($id: ID!) { note(id: $id) { text } }", json!({"id": id})).await);
        answers.push(server.anonymous().query("query ($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await);
    }
    let words =
        ["sqlx", "sqlite", "postgres", "SELECT", "INSERT", "src/", "panicked", "objectId\"", "constraint", "utf"];
    for answer in answers {
        assert!(answer.codes().iter().all(|code| *code != json!(1)), "an internal error: {}", answer.body);
        assert!(answer.status < 500, "{}", answer.body);
        for message in answer.messages() {
            let told: Vec<_> = words.iter().filter(|word| message.contains(**word)).collect();
            assert!(told.is_empty(), "{told:?} in: {message}");
        }
    }
}
