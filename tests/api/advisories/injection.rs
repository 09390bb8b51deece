//! G: values and names that would like to be SQL.

use serde_json::{Value, json};

use super::{count, is_alive, refused};
use crate::harness::{CANARY, Database, Server, on_both_databases};

on_both_databases![
    adv_69273vr9_a_regular_expression_is_a_value,
    adv_c2hrcqg6_a_quoted_expression_is_a_value,
    adv_qpr4jrj4_a_path_is_no_sql,
    adv_q3vj96h2_a_number_is_a_number,
    adv_gqppxgvh_a_key_in_an_object_is_no_sql,
    adv_c44297qw_no_name_of_a_field_is_sql_even_for_the_master,
    adv_p2w6rmh7_no_name_in_a_subquery_is_sql,
    adv_fjxmvhvc_every_operand_has_its_type,
    no_field_has_a_dot_in_its_name,
    no_header_breaks_the_line,
];

const FIND: &str = "query ($where: NoteWhereInput, $order: [NoteOrder!]) {
    notes(where: $where, order: $order) { count edges { node { text } } }
}";
const CREATE: &str =
    "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note { objectId } } }";

/// Texts that end a literal, an identifier, a path or a statement, if somebody puts them into SQL as they are.
const EVIL: [&str; 12] = [
    "'",
    "\"",
    "a' OR '1'='1",
    "a\" OR \"1\"=\"1",
    "'); DROP TABLE \"Note\"; --",
    "a')::text; DROP TABLE \"Note\"; --",
    "$$; DROP TABLE \"Note\"; $$",
    "\\'; DROP TABLE \"Note\"; --",
    "a}'::text[] || '{",
    "{a,b}",
    "a->>'b' = 'c' --",
    "/* */ UNION SELECT * FROM \"_User\" --",
];

/// One row whose text nobody guesses, and which a condition that became SQL would find.
async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    let fields = [("text", "String"), ("size", "Number"), ("more", "Object"), ("tags", "Array")];
    server.create_class("Note", &fields).await;
    server.master().create("Note", json!({"text": "the only one", "size": 1, "more": {"a": {"b": 1}}})).await;
    server
}

async fn adv_69273vr9_a_regular_expression_is_a_value(database: &Database) {
    let server = scene(database).await;
    for evil in EVIL {
        for expression in [evil.to_owned(), format!("^{evil}"), format!("x{evil}$"), format!("(?i){evil}")] {
            let answer = server.anonymous().query(FIND, json!({"where": {"text": {"matchesRegex": expression}}})).await;
            let nothing = answer.codes() == [json!(102)] || answer.data("notes.count") == 0;
            assert!(nothing, "{expression}: {}", answer.body);
        }
        let options = json!({"where": {"text": {"matchesRegex": "x", "options": evil}}});
        refused(&server.anonymous().query(FIND, options).await, 102, evil);
    }
    assert_eq!(count(&server, "notes").await, 1);
}

async fn adv_c2hrcqg6_a_quoted_expression_is_a_value(database: &Database) {
    let server = scene(database).await;
    for evil in EVIL {
        for expression in
            [format!("\\Q{evil}\\E"), format!("^\\Q{evil}"), format!("\\E{evil}\\Q"), format!("\\Qa\\E{evil}\\Qb\\E")]
        {
            let answer = server.anonymous().query(FIND, json!({"where": {"text": {"matchesRegex": expression}}})).await;
            let nothing = answer.codes() == [json!(102)] || answer.data("notes.count") == 0;
            assert!(nothing, "{expression}: {}", answer.body);
        }
    }
    assert_eq!(count(&server, "notes").await, 1);
}

async fn adv_qpr4jrj4_a_path_is_no_sql(database: &Database) {
    let server = scene(database).await;
    for evil in EVIL {
        for key in [evil.to_owned(), format!("a.{evil}"), format!("{evil}.b")] {
            for operator in ["equalTo", "greaterThan", "in"] {
                let pair = json!({"key": key, "value": evil});
                let operand = if operator == "in" { json!([pair]) } else { pair };
                let answer = server.anonymous().query(FIND, json!({"where": {"more": {operator: operand}}})).await;
                let nothing = answer.codes() == [json!(105)] || answer.data("notes.count") == 0;
                assert!(nothing, "{key}: {}", answer.body);
            }
            let path = format!("more.{key}");
            refused(
                &server.master().query(FIND, json!({"order": [format!("{path}_ASC")]})).await,
                "BAD_USER_INPUT",
                &path,
            );
            refused(
                &server.master().query(FIND, json!({"where": {path: {"equalTo": 1}}})).await,
                "BAD_USER_INPUT",
                &key,
            );
        }
    }
    assert_eq!(count(&server, "notes").await, 1);
}

async fn adv_q3vj96h2_a_number_is_a_number(database: &Database) {
    let server = scene(database).await;
    for amount in [
        json!("1"),
        json!("1; DROP TABLE \"Note\""),
        json!({"__op": "Increment", "amount": "1; DROP TABLE \"Note\""}),
        json!({"__op": "Increment", "amount": 1}),
        json!([1]),
        json!(true),
        json!("NaN"),
        json!("Infinity"),
    ] {
        refused(
            &server.anonymous().query(CREATE, json!({"fields": {"size": amount}})).await,
            "BAD_USER_INPUT",
            &amount.to_string(),
        );
        refused(
            &server.anonymous().query(FIND, json!({"where": {"size": {"equalTo": amount}}})).await,
            "BAD_USER_INPUT",
            &amount.to_string(),
        );
    }
    assert_eq!(count(&server, "notes").await, 1);
}

async fn adv_gqppxgvh_a_key_in_an_object_is_no_sql(database: &Database) {
    let server = scene(database).await;
    for evil in EVIL {
        for value in
            [json!({evil: 1}), json!({"a": {evil: {evil: 1}}}), json!({"a": {"__op": "Increment", "amount": evil}})]
        {
            let answer = server.anonymous().query(CREATE, json!({"fields": {"more": value}})).await;
            if !answer.codes().is_empty() {
                refused(&answer, 121, evil);
                continue;
            }
            let id = answer.text("createNote.note.objectId");
            let back = server
                .anonymous()
                .privy()
                .query("query ($id: ID!) { note(id: $id) { more } }", json!({"id": id}))
                .await;
            assert_eq!(back.data("note.more"), &value, "it comes back as it went in");
            let update = "mutation ($id: ID!, $more: Object) { updateNote(input: { id: $id, fields: { more: $more } }) { note { more } } }";
            let answer = server.anonymous().query(update, json!({"id": id, "more": {"z": value}})).await;
            assert_eq!(answer.data("updateNote.note.more"), &json!({"z": value}));
        }
    }
    let only = server.master().query(FIND, json!({"where": {"text": {"exists": true}}})).await;
    assert_eq!(only.each("notes", "text"), ["the only one"]);
}

async fn adv_c44297qw_no_name_of_a_field_is_sql_even_for_the_master(database: &Database) {
    let server = scene(database).await;
    for evil in EVIL {
        let add = "mutation ($fields: SchemaFieldsInput) { updateClass(input: { name: \"Note\", schemaFields: $fields }) { class { name } } }";
        for kind in ["addStrings", "addNumbers", "addObjects"] {
            refused(&server.master().query(add, json!({"fields": {kind: [{"name": evil}]}})).await, 105, evil);
        }
        let pointer = json!({"fields": {"addRelations": [{"name": "good", "targetClassName": evil}]}});
        assert!(!server.master().query(add, pointer).await.codes().is_empty(), "{evil}");
        // A field that is not there is removed already.
        server.master().query(add, json!({"fields": {"remove": [{"name": evil}]}})).await.ok();
        for text in [
            "mutation ($name: String!) { createClass(input: { name: $name }) { class { name } } }",
            "mutation ($name: String!) { deleteClass(input: { name: $name }) { class { name } } }",
            "query ($name: String!) { class(name: $name) { name } }",
        ] {
            refused(&server.master().query(text, json!({"name": evil})).await, 103, evil);
        }
        let permissions =
            json!({"find": {"pointerFields": [evil]}, "protectedFields": [{"public": true, "fields": [evil]}]});
        let set = "mutation ($permissions: ClassLevelPermissionsInput) { updateClass(input: { name: \"Note\", classLevelPermissions: $permissions }) { class { name } } }";
        refused(&server.master().query(set, json!({"permissions": permissions})).await, 107, evil);
        for text in ["query ($where: NoteWhereInput) { notes(where: $where) { count } }"] {
            refused(
                &server.master().query(text, json!({"where": {evil: {"equalTo": 1}}})).await,
                "BAD_USER_INPUT",
                evil,
            );
        }
        let config = "mutation ($name: String!, $value: String!) { updateCloudConfig(input: { paramName: $name, value: $value }) { cloudConfig { value } } }";
        let answer = server.master().query(config, json!({"name": evil, "value": evil})).await;
        assert!(!answer.codes().contains(&json!(1)), "{evil}: {}", answer.body);
    }
    assert_eq!(count(&server, "notes").await, 1);
}

/// There are no aggregates; the names that are given as values stand in sub-queries.
async fn adv_p2w6rmh7_no_name_in_a_subquery_is_sql(database: &Database) {
    let server = scene(database).await;
    for text in [
        "{ notes(distinct: \"text\") { count } }",
        "{ aggregateNotes { count } }",
        "{ notes(groupBy: [text]) { count } }",
    ] {
        refused(&server.master().query(text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", text);
    }
    assert_eq!(server.master().get("/aggregate/Note").await.status, 404);
    for evil in EVIL {
        for (class, key, within) in [
            (evil, "text", json!({})),
            ("Note", evil, json!({})),
            ("Note", "text", json!({evil: "x"})),
            ("Note", "text", json!({"text": {evil: "x"}})),
            ("Note", "text", json!({"$or": [{evil: {"$regex": evil}}]})),
            ("Note", "text", json!({"more": {"key": evil, "value": evil}})),
        ] {
            let query = json!({"className": class, "where": within});
            let condition = json!({"where": {"text": {"inQueryKey": {"query": query, "key": key}}}});
            let answer = server.master().query(FIND, condition).await;
            let nothing = [vec![json!(102)], vec![json!(105)], vec![json!(119)]].contains(&answer.codes())
                || answer.data("notes.count") == 0;
            assert!(nothing, "{class}, {key}, {within}: {}", answer.body);
        }
    }
    assert_eq!(count(&server, "notes").await, 1);
}

async fn adv_fjxmvhvc_every_operand_has_its_type(database: &Database) {
    let server = scene(database).await;
    for condition in [
        json!({"text": {"equalTo": {"$ne": 1}}}),
        json!({"text": {"equalTo": ["the only one"]}}),
        json!({"text": {"in": {"0": "the only one"}}}),
        json!({"text": {"in": [{"$regex": "."}]}}),
        json!({"text": {"matchesRegex": {"$regex": "."}}}),
        json!({"text": {"exists": "true"}}),
        json!({"text": {"exists": 1}}),
        json!({"size": {"greaterThan": "0"}}),
        json!({"size": {"greaterThan": {}}}),
        json!({"text": {"$regex": "."}}),
        json!({"OR": {"0": {}, "length": 1}}),
        json!({"OR": "x"}),
        json!({"id": {"equalTo": {"$ne": ""}}}),
        json!("x"),
        json!([1, 2]),
    ] {
        refused(
            &server.anonymous().query(FIND, json!({"where": condition})).await,
            "BAD_USER_INPUT",
            &condition.to_string(),
        );
    }
    // Where nothing has a type, a wrong operand is refused, or finds nothing.
    for within in [
        json!({"text": {"$in": "x"}}),
        json!({"text": {"$in": {"0": "the only one"}}}),
        json!({"text": {"$regex": {"$regex": "."}}}),
        json!({"text": {"$exists": "x"}}),
        json!({"size": {"$gt": {"$gt": 0}}}),
        json!({"$or": {"0": {}}}),
        json!({"$or": ["x"]}),
        json!({"$or": null}),
        json!({"more": {"$all": 1}}),
    ] {
        let query = json!({"className": "Note", "where": within});
        let condition = json!({"where": {"text": {"inQueryKey": {"query": query, "key": "text"}}}});
        let answer = server.anonymous().query(FIND, condition).await;
        assert!(!answer.codes().contains(&json!(1)) && answer.status < 500, "{within}: {}", answer.body);
    }
    is_alive(&server).await;
}

async fn no_field_has_a_dot_in_its_name(database: &Database) {
    let server = scene(database).await;
    let alice = server.sign_up("alice").await;
    for name in ["more.a", "text.x", "authData.anonymous", "authData.anonymous.id", "ACL.*"] {
        refused(&server.anonymous().query(CREATE, json!({"fields": {name: "x"}})).await, "BAD_USER_INPUT", name);
        let update = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) { updateUser(input: { id: $id, fields: $fields }) { user { id } } }";
        let variables = json!({"id": alice.id, "fields": {name: {"id": "x"}}});
        refused(&server.user(&alice).query(update, variables).await, "BAD_USER_INPUT", name);
    }
}

async fn no_header_breaks_the_line(database: &Database) {
    let server = Server::start(database).await;
    let file = crate::harness::File {
        place: "variables.upload",
        name: "a\"; x=\"b.txt",
        content_type: "text/plain",
        content: b"x",
    };
    let answer = server.anonymous().try_create_file(&file).await;
    assert!(!answer.codes().is_empty(), "{}", answer.body);
    for path in ["/files/app/a%0d%0aX-Evil:%201", "/graphql%0d%0aX-Evil:%201", "/%0d%0aX-Evil:%201"] {
        let answer = server.anonymous().get(path).await;
        assert!(!answer.headers.contains_key("x-evil") && answer.status >= 400, "{path}: {:?}", answer.headers);
    }
    let odd = server.anonymous().with("X-Request-Id", "a:b=c/d").get("/health").await;
    assert_eq!(odd.headers["x-request-id"], "a:b=c/d");
    assert!(!odd.body.contains(CANARY));
}
