//! Conditions mean what their words say, where Parse Server fails or answers with wrong rows.

use serde_json::{Value, json};

use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    conditions_mean_what_they_say,
    conditions_without_sense_are_refused,
    a_condition_is_data_and_never_sql,
    what_is_quoted_in_an_expression_is_text,
    a_key_of_a_condition_is_a_name,
    an_object_id_is_the_one_that_is_stored,
    a_query_for_values_passes_the_gate_of_its_class,
    conditions_on_missing_values_are_true_negations_through_pointers,
    who_may_not_find_counts_without_conditions,
];

/// Four notes: a (1, true), b (2, false), c (no number), and one without anything.
async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    let fields = [("text", "String"), ("size", "Number"), ("open", "Boolean"), ("day", "Date"), ("tags", "Array")];
    server.create_class("Note", &fields).await;
    for fields in [
        json!({"text": "a", "size": 1, "open": true, "day": "2020-02-29T12:00:00.000Z", "tags": ["x", "y"]}),
        json!({"text": "b", "size": 2, "open": false, "day": "2021-01-01T00:00:00.000Z", "tags": []}),
        json!({"text": "c"}),
        json!({}),
    ] {
        server.master().create("Note", fields).await;
    }
    server
}

const FIND: &str = "query ($where: NoteWhereInput) {
    notes(where: $where, order: [text_ASC]) { count edges { node { text } } }
}";

async fn conditions_mean_what_they_say(database: &Database) {
    let server = scene(database).await;
    let none = Value::Null;
    let (a, b, c) = (json!("a"), json!("b"), json!("c"));
    let all = vec![a.clone(), b.clone(), c.clone(), none.clone()];
    for (condition, expected) in [
        (json!({"text": {"in": []}}), vec![]),
        (json!({"text": {"notIn": []}}), all.clone()),
        (json!({"text": {"in": ["a", null]}}), vec![a.clone(), none.clone()]),
        (json!({"text": {"notIn": ["a"]}}), vec![b.clone(), c.clone(), none.clone()]),
        (json!({"size": {"equalTo": null}}), vec![c.clone(), none.clone()]),
        (json!({"size": {"notEqualTo": null}}), vec![a.clone(), b.clone()]),
        (json!({"size": {"notEqualTo": 1}}), vec![b.clone(), c.clone(), none.clone()]),
        (json!({"size": {"lessThan": 5}}), vec![a.clone(), b.clone()]),
        (json!({"open": {"notEqualTo": true}}), vec![b.clone(), c.clone(), none.clone()]),
        (json!({"OR": []}), vec![]),
        (json!({"AND": []}), all.clone()),
        (json!({}), all.clone()),
        (json!({"NOR": [{"size": {"greaterThan": 1}}]}), vec![a.clone(), c.clone(), none.clone()]),
        (json!({"NOR": [{"text": {"equalTo": "a"}}, {"text": {"exists": false}}]}), vec![b.clone(), c.clone()]),
        (
            json!({"AND": [{"OR": [{"size": {"equalTo": 1}}, {"text": {"equalTo": "c"}}]}, {"NOR": [{"open": {"equalTo": true}}]}]}),
            vec![c.clone()],
        ),
        (json!({"size": {"greaterThan": 1, "lessThanOrEqualTo": 2}}), vec![b.clone()]),
        (json!({"tags": {"contains": []}}), vec![a.clone(), b.clone()]),
        (json!({"tags": {"equalTo": []}}), vec![b.clone()]),
        (json!({"day": {"greaterThan": "2020-02-29T12:00:00.000Z"}}), vec![b.clone()]),
        (json!({"day": {"equalTo": "2020-02-29T13:00:00.000+01:00"}}), vec![a.clone()]),
    ] {
        let answer = server.anonymous().query(FIND, json!({"where": condition})).await;
        assert_eq!(answer.each("notes", "text"), expected, "{condition}");
        assert_eq!(answer.data("notes.count"), expected.len(), "{condition}");
    }
}

async fn conditions_without_sense_are_refused(database: &Database) {
    let server = scene(database).await;
    for condition in [
        json!({"size": {"lessThan": null}}),
        json!({"text": {"matchesRegex": "("}}),
        json!({"text": {"matchesRegex": "a", "options": "q"}}),
        json!({"text": {"matchesRegex": "(a)\\1"}}),
        json!({"text": {"exists": null}}),
        json!({"NOR": []}),
        json!({"text": {"text": {"search": {"term": "a", "language": "klingon"}}}}),
        json!({"ACL": {"exists": true}}),
    ] {
        let answer = server.anonymous().query(FIND, json!({"where": condition})).await;
        assert_eq!(answer.code(), 102, "{condition}: {}", answer.body);
    }
}

async fn a_condition_is_data_and_never_sql(database: &Database) {
    let server = scene(database).await;
    for text in ["' OR 1=1 --", "\"; DROP TABLE \"Note\"; --", "%", "_", "\\", "$1", "?", "a\u{1F600}", "\u{202E}a"] {
        let answer = server.anonymous().query(FIND, json!({"where": {"text": {"equalTo": text}}})).await;
        assert_eq!(answer.data("notes.count"), 0, "{text}");
        server.master().create("Note", json!({"text": text})).await;
        let answer = server.anonymous().query(FIND, json!({"where": {"text": {"equalTo": text}}})).await;
        assert_eq!(answer.each("notes", "text"), [json!(text)]);
    }
    // PostgreSQL cannot hold this character: nothing has it, and nothing fails.
    let answer = server.anonymous().query(FIND, json!({"where": {"text": {"equalTo": "a\0b"}}})).await;
    assert!(answer.codes().is_empty() || [102, 107, 111].contains(&answer.code()), "{}", answer.body);
}

async fn conditions_on_missing_values_are_true_negations_through_pointers(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("from", "Pointer:City"), ("via", "Relation:City")]).await;
    let master = server.master();
    let berlin = master.create("City", json!({"name": "Berlin"})).await;
    let hidden =
        master.create("City", json!({"name": "Berlin", "ACL": {"public": {"read": false, "write": false}}})).await;
    master.create("Trip", json!({"text": "a", "from": {"link": berlin}, "via": {"add": [berlin]}})).await;
    master.create("Trip", json!({"text": "b", "from": {"link": hidden}, "via": {"add": [hidden]}})).await;
    master.create("Trip", json!({"text": "c"})).await;
    let find = "query ($where: TripWhereInput) { trips(where: $where, order: [text_ASC]) { edges { node { text } } } }";
    let condition = json!({"name": {"equalTo": "Berlin"}});
    for (condition, anonymous, with_key) in [
        (json!({"from": {"have": condition}}), vec!["a"], vec!["a", "b"]),
        (json!({"from": {"haveNot": condition}}), vec!["b", "c"], vec!["c"]),
        (json!({"via": {"have": condition}}), vec!["a"], vec!["a", "b"]),
        (json!({"via": {"haveNot": condition}}), vec!["b", "c"], vec!["c"]),
        (json!({"NOR": [{"from": {"have": condition}}]}), vec!["b", "c"], vec!["c"]),
        (json!({"from": {"exists": true}}), vec!["a", "b"], vec!["a", "b"]),
    ] {
        let answer = server.anonymous().query(find, json!({"where": condition})).await;
        assert_eq!(answer.each("trips", "text"), anonymous, "{condition}, anonymous");
        let answer = master.query(find, json!({"where": condition})).await;
        assert_eq!(answer.each("trips", "text"), with_key, "{condition}, master");
    }
}

async fn who_may_not_find_counts_without_conditions(database: &Database) {
    let server = scene(database).await;
    server.set_permissions("Note", json!({"count": {"public": true}})).await;
    let anybody = server.anonymous();
    assert_eq!(anybody.query("{ notes { count } }", none()).await.data("notes.count"), &json!(4));
    assert_eq!(anybody.query("{ notes(where: {}) { count } }", none()).await.data("notes.count"), &json!(4));
    for condition in ["text: { equalTo: \"a\" }", "OR: [{ size: { lessThan: 2 } }]", "id: { in: [] }"] {
        let counted = format!("{{ notes(where: {{ {condition} }}) {{ count }} }}");
        assert_eq!(anybody.query(&counted, none()).await.code(), 119, "{condition}");
    }
    let find_for_users = json!({"count": {"public": true}, "find": {"requiresAuthentication": true}});
    server.set_permissions("Note", find_for_users).await;
    let counted = "{ notes(where: { text: { equalTo: \"a\" } }) { count } }";
    assert_eq!(anybody.query(counted, none()).await.code(), 101);
    let alice = server.sign_up("alice").await;
    assert_eq!(server.user(&alice).query(counted, none()).await.data("notes.count"), &json!(1));
}

const fn none() -> Value {
    Value::Null
}

async fn what_is_quoted_in_an_expression_is_text(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    for text in ["a.c", "abc", "a (b)", "A.C", "\\E"] {
        server.master().create("Note", json!({"text": text})).await;
    }
    for (expression, options, expected) in [
        (r"^\Qa.c\E$", "", vec!["a.c"]),
        (r"^\Qa.c\E$", "i", vec!["A.C", "a.c"]),
        (r"^\Qa\E.\Qc\E", "", vec!["a.c", "abc"]),
        (r"\Q(b)", "", vec!["a (b)"]),
        (r"\Qa (b)\E", "x", vec!["a (b)"]),
        (r"\Q[\E", "", vec![]),
        (r"^\\E$", "", vec!["\\E"]),
    ] {
        let condition = json!({"text": {"matchesRegex": expression, "options": options}});
        let answer = server.anonymous().query(FIND_TEXT, json!({"where": condition})).await;
        assert_eq!(answer.each("notes", "text"), expected, "{expression}");
    }
}

const FIND_TEXT: &str =
    "query ($where: NoteWhereInput) { notes(where: $where, order: [text_ASC]) { edges { node { text } } } }";

async fn a_key_of_a_condition_is_a_name(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String"), ("more", "Object")]).await;
    server.master().create("Note", json!({"text": "a", "more": {"a_1": {"B": 5}}})).await;
    for key in ["", "$k", "a.$k", "a\"b", "a'b", ".", "a.", "a..b", "a b", "ü", "a\0", "a-b"] {
        let condition = json!({"more": {"equalTo": {"key": key, "value": 1}}});
        let answer = server.anonymous().query(FIND_TEXT, json!({"where": condition})).await;
        assert_eq!(answer.code(), 105, "{key:?}: {}", answer.body);
    }
    let condition = json!({"more": {"equalTo": {"key": "a_1.B", "value": 5}}});
    let answer = server.anonymous().query(FIND_TEXT, json!({"where": condition})).await;
    assert_eq!(answer.each("notes", "text"), ["a"]);
}

async fn an_object_id_is_the_one_that_is_stored(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let global = server.master().create("Note", json!({"text": "a"})).await;
    let answer = server.master().query("{ notes { edges { node { objectId } } } }", Value::Null).await;
    let stored = answer.each("notes", "objectId").pop().unwrap();
    for (condition, found) in [
        (json!({"id": {"equalTo": global}}), true),
        (json!({"id": {"equalTo": stored}}), true),
        (json!({"id": {"in": [global]}}), true),
        (json!({"id": {"notIn": [global]}}), false),
        (json!({"id": {"notEqualTo": global}}), false),
        (json!({"objectId": {"equalTo": stored}}), true),
        (json!({"objectId": {"equalTo": global}}), false),
        (json!({"objectId": {"in": [global, "nothing"]}}), false),
        (json!({"objectId": {"notEqualTo": global}}), true),
    ] {
        let answer = server.anonymous().query(FIND_TEXT, json!({"where": condition})).await;
        assert_eq!(answer.each("notes", "text").len(), usize::from(found), "{condition}");
    }
}

async fn a_query_for_values_passes_the_gate_of_its_class(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    server.create_class("Closed", &[("text", "String")]).await;
    server.create_class("Hiding", &[("text", "String"), ("size", "Number")]).await;
    server.set_permissions("Closed", json!({})).await;
    let everybody = json!({"public": true});
    let hiding = json!({"find": everybody, "protectedFields": [{"public": true, "fields": ["size"]}]});
    server.set_permissions("Hiding", hiding).await;
    server.master().create("Note", json!({"text": "a"})).await;
    for (class, key, code) in [
        ("Closed", "text", 119),
        ("Closed", "nothing", 119),
        ("Hiding", "size", 119),
        ("_Session", "nothing", 209),
        ("_Session", "expiresAt", 209),
        ("User", "username", 119),
        ("Nothing", "text", 119),
        ("", "text", 102),
        ("Note", "", 102),
    ] {
        for operator in ["inQueryKey", "notInQueryKey"] {
            let query = json!({"query": {"className": class, "where": {}}, "key": key});
            let answer = server.anonymous().query(FIND_TEXT, json!({"where": {"text": {operator: query}}})).await;
            assert_eq!(answer.code(), code, "{operator} {class}.{key}: {}", answer.body);
        }
    }
    for (class, key, is_in) in
        [("Note", "text", true), ("Note", "nothing", false), ("Note", "createdAt", false), ("Note", "ACL", false)]
    {
        let query = json!({"query": {"className": class, "where": {}}, "key": key});
        for (operator, found) in [("inQueryKey", is_in), ("notInQueryKey", !is_in)] {
            let answer = server.anonymous().query(FIND_TEXT, json!({"where": {"text": {operator: query}}})).await;
            assert_eq!(answer.each("notes", "text").len(), usize::from(found), "{operator} {class}.{key}");
        }
    }
}
