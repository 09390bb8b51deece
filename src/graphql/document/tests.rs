//! Documents, tried with tables of requests.

use serde_json::{Value as Json, json};

use super::{Documents, OperationKind, RequestError, Selection, UPLOAD};
use crate::class::{Catalog, ClassName, Definition, Field, FieldType};
use crate::graphql::request::{Request, Upload};
use crate::graphql::schema::ApiSchema;

fn schema() -> ApiSchema {
    let note = ClassName::known("Note");
    let fields = [
        ("t", FieldType::String),
        ("n", FieldType::Number),
        ("ok", FieldType::Boolean),
        ("d", FieldType::Date),
        ("o", FieldType::Object),
        ("a", FieldType::Array),
        ("raw", FieldType::Bytes),
        ("f", FieldType::File),
        ("p", FieldType::GeoPoint),
        ("next", FieldType::Pointer(note.clone())),
        ("others", FieldType::Relation(note.clone())),
    ];
    let fields = fields.map(|(name, kind)| Field::new(name, kind)).to_vec();
    ApiSchema::build(&Catalog::new(1, [Definition::new(note, fields, None)]), None)
}

fn request(query: &str, variables: Json) -> Request {
    let Json::Object(variables) = variables else { panic!("variables are an object") };
    Request { query: query.to_owned(), variables, mutations_allowed: true, ..Request::default() }
}

fn errors_of(request: &Request) -> Vec<RequestError> {
    Documents::new().prepare(&schema(), request, true).err().unwrap_or_default()
}

/// Checks the codes of all errors.
fn refused(code: &str, cases: &[(usize, &str, Json)]) {
    for (number, query, variables) in cases {
        let errors = errors_of(&request(query, variables.clone()));
        assert_eq!(errors.len(), *number, "{query} {variables}: {errors:?}");
        assert!(errors.iter().all(|error| error.code == code), "{query} {variables}: {errors:?}");
    }
}

#[test]
fn syntax_errors_are_one_error() {
    for text in [
        "{ health",
        "health",
        "{ health }}",
        "{ }",
        "{ __type(name: \"x) { name } }",
        "   ",
        "",
        "#",
        "{ a(b: ) }",
        "\u{0}",
    ] {
        refused("GRAPHQL_PARSE_FAILED", &[(1, text, json!({}))]);
    }
}

#[test]
fn documents_must_fit_the_schema() {
    let cases = [
        (1, "{ nope }"),
        (1, "{ notes { edges { node { nope } } } }"),
        (2, "{ notes { edges { node { nope t more } } } }"),
        (1, "query ($x: Int) { nope(a: $x) }"),
        (1, "{ notes { edges { node { nope { ...F } } } } } fragment F on Note { t }"),
        (1, "{ notes(nope: 1) { count } }"),
        (1, "mutation { nope(input: {}) { x } }"),
        (1, "{ notes(where: {nope: {equalTo: 1}}) { count } }"),
        (2, "{ notes(where: {nope: {equalTo: 1}, more: 1}) { count } }"),
        (1, "mutation { createNote(input: {fields: {objectId: \"x\"}}) { note { id } } }"),
        (1, "{ notes { count edges } }"),
        (1, "{ notes }"),
        (1, "{ notes { edges { node } } }"),
        (1, "{ health { x } }"),
        (1, "{ note { t } }"),
        (1, "{ cloudConfig { value } }"),
        (1, "mutation { createNote { note { id } } }"),
        (1, "mutation { deleteNote(input: {}) { note { id } } }"),
        (1, "mutation { logIn(input: {username: \"x\"}) { viewer { sessionToken } } }"),
        (1, "mutation { logIn(input: {username: null, password: \"x\"}) { viewer { sessionToken } } }"),
        (1, "{ x: health x: __typename }"),
        (1, "{ x: notes(first: 1) { count } x: notes(first: 2) { count } }"),
        (1, "{ health @nope }"),
        (1, "{ health @skip }"),
        (1, "{ health @skip(if: 1) }"),
        (1, "{ ...F }"),
        (1, "{ health } fragment F on Query { health }"),
        (1, "{ ...F } fragment F on Query { ...F }"),
        (1, "{ ...F } fragment F on Nope { x }"),
        (1, "query ($x: Int) { health }"),
        (1, "query ($x: Nope) { notes(first: $x) { count } }"),
        (1, "query ($x: String) { notes(first: $x) { count } }"),
        (1, "query ($x: ID) { note(id: $x) { t } }"),
        (1, "query ($x: Float) { notes(where: {n: {in: $x}}) { count } }"),
        (1, "{ notes(first: $x) { count } }"),
        (1, "query A { health } query A { health }"),
        (1, "subscription { health }"),
        (1, "{ notes(where: {t: {equalTo: \"a\"}, t: {equalTo: \"b\"}}) { count } }"),
        (1, "{ notes(first: 1, first: 2) { count } }"),
        (1, "{ health } type X { y: Int }"),
        (1, "{ notes(where: {others: {equalTo: \"x\"}}) { count } }"),
        (1, "{ viewer { user { password } } }"),
        (1, "{ class(name: \"X\") { schemaFields { targetClassName } } }"),
        (1, "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }"),
    ];
    for (number, query) in cases {
        refused("GRAPHQL_VALIDATION_FAILED", &[(number, query, json!({}))]);
    }
}

#[test]
fn literals_must_have_the_right_type() {
    let arguments = [
        "first: \"1\"",
        "first: 3000000000",
        "first: 2.5",
        "skip: true",
        "after: 5",
        "order: [nope_ASC]",
        "order: [\"t_ASC\"]",
        "order: [T_ASC]",
        "where: {n: 1}",
        "where: {n: {equalTo: \"1\"}}",
        "where: {t: {equalTo: 1}}",
        "where: \"x\"",
        "where: {d: {lessThan: \"soon\"}}",
        "where: {d: {lessThan: 5}}",
        "where: {AND: [1]}",
        "where: {n: {in: [1, \"2\"]}}",
        "where: {p: {nearSphere: {latitude: 1}}}",
        "where: {t: {text: {search: {}}}}",
        "where: {ok: {equalTo: null, exists: 1}}",
        "where: {t: {inQueryKey: {key: \"k\"}}}",
        "where: [1]",
        "where: {t: [\"a\"]}",
    ];
    for argument in arguments {
        refused("GRAPHQL_VALIDATION_FAILED", &[(1, &format!("{{ notes({argument}) {{ count }} }}"), json!({}))]);
    }
    let fields = [
        "t: 1",
        "n: \"big\"",
        "ok: \"true\"",
        "d: 5",
        "d: \"tomorrow\"",
        "raw: 5",
        "raw: {base64: \"AAEC\"}",
        "o: \"x\"",
        "o: [1]",
        "f: \"x\"",
        "f: {file: 3}",
        "f: {file: {name: \"x\"}}",
        "f: {upload: \"x\"}",
        "p: {latitude: 1}",
        "colour: \"red\"",
    ];
    for field in fields {
        let query = format!("mutation {{ createNote(input: {{fields: {{{field}}}}}) {{ note {{ id }} }} }}");
        refused("GRAPHQL_VALIDATION_FAILED", &[(1, &query, json!({}))]);
    }
    refused(
        "GRAPHQL_VALIDATION_FAILED",
        &[
            (2, "mutation { createNote(input: {fields: {t: 1, n: \"big\"}}) { note { id } } }", json!({})),
            (1, "{ note(id: null) { t } }", json!({})),
            (1, "mutation { createFile(input: {}) { fileInfo { name } } }", json!({})),
            (1, "query ($f: Int = \"a\") { notes(first: $f) { count } }", json!({})),
        ],
    );
}

#[test]
fn variables_must_have_the_right_type() {
    let create = "mutation ($fields: CreateNoteFieldsInput) { createNote(input: {fields: $fields}) { note { id } } }";
    let get = "query ($id: ID!) { note(id: $id) { t } }";
    let first = "query ($n: Int) { notes(first: $n) { count } }";
    let filter = "query ($w: NoteWhereInput) { notes(where: $w) { count } }";
    let order = "query ($order: [NoteOrder!]) { notes(order: $order) { count } }";
    let upload = "mutation ($upload: Upload!) { createFile(input: {upload: $upload}) { fileInfo { name } } }";
    let with = "mutation ($authData: Object!) { logInWith(input: {authData: $authData}) { viewer { sessionToken } } }";
    refused(
        "BAD_USER_INPUT",
        &[
            (1, create, json!({"fields": {"n": "big"}})),
            (2, create, json!({"fields": {"n": "big", "t": 5}})),
            (1, create, json!({"fields": {"ok": 1}})),
            (1, create, json!({"fields": {"d": "tomorrow"}})),
            (1, create, json!({"fields": {"d": 5}})),
            (1, create, json!({"fields": {"raw": {"base64": "AAEC"}}})),
            (1, create, json!({"fields": {"f": {"file": 3}}})),
            (1, create, json!({"fields": {"f": "name"}})),
            (1, create, json!({"fields": {"f": {"upload": {"__upload": 0}}}})),
            (1, create, json!({"fields": {"p": {"latitude": 1}}})),
            (1, create, json!({"fields": {"objectId": "aaaaaaaaaa"}})),
            (1, create, json!({"fields": 5})),
            (1, get, json!({})),
            (1, get, json!({"id": null})),
            (1, get, json!({"ID": "a"})),
            (1, get, json!({"id": true})),
            (1, first, json!({"n": "1"})),
            (1, first, json!({"n": 1.5})),
            (1, filter, json!({"w": {"n": {"equalTo": "2"}}})),
            (1, filter, json!({"w": {"nope": {"equalTo": 2}}})),
            (1, order, json!({"order": ["colour_DESC"]})),
            (1, upload, json!({})),
            (1, upload, json!({"upload": null})),
            (1, upload, json!({"upload": "x"})),
            (1, upload, json!({"upload": {"__upload": 0}})),
            (1, with, json!({"authData": "x"})),
        ],
    );
}

/// What is selected, as text: `key:name(arguments){…}`.
fn shown(selection: &Selection<'_>, types: &[&str]) -> String {
    let (first, rest) = types.split_first().unwrap_or((&"", &[]));
    let fields = selection.fields(first).into_iter().map(|field| {
        let mut text =
            if field.key == field.name { field.name.to_owned() } else { format!("{}:{}", field.key, field.name) };
        if !field.arguments.is_empty() {
            text = text + "(" + &Json::Object(field.arguments).to_string() + ")";
        }
        if !field.selection.is_empty() {
            text += &shown(&field.selection, rest);
        }
        text
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
}

#[test]
fn fields_are_collected_and_arguments_coerced() {
    let list = ["Query", "NoteConnection", "NoteEdge", "Note"];
    let cases: &[(&str, Json, &[&str], &str)] = &[
        ("{ health a: health }", json!({}), &["Query"], "{health a:health}"),
        (
            "query ($x: Boolean!) { health @skip(if: $x) a: health @include(if: $x) }",
            json!({"x": true}),
            &["Query"],
            "{a:health}",
        ),
        (
            "query ($x: Boolean = false) { health @skip(if: $x) ...F @include(if: $x) } fragment F on Query { a: health }",
            json!({}),
            &["Query"],
            "{health}",
        ),
        (
            "{ notes(first: 1, order: t_ASC) { count edges { node { t } } } ...F } fragment F on Query { notes(first: 1, order: t_ASC) { edges { node { n ... on Node { id } ... on ParseObject { updatedAt } } } } }",
            json!({}),
            &list,
            r#"{notes({"order":["t_ASC"],"first":1}){count edges{node{t n id updatedAt}}}}"#,
        ),
        (
            "query ($a: [Any], $n: Float) { notes(where: {a: {contains: $a}, n: {in: [1, $n, 2.5]}, id: {equalTo: 12}, o: {equalTo: {key: \"k\", value: {x: $n, y: [RED, null]}}}}) { count } }",
            json!({"a": "one", "n": 3}),
            &list,
            r#"{notes({"where":{"id":{"equalTo":"12"},"n":{"in":[1,3,2.5]},"o":{"equalTo":{"key":"k","value":{"x":3,"y":["RED",null]}}},"a":{"contains":["one"]}}}){count}}"#,
        ),
        (
            "query ($n: Int, $w: NoteWhereInput) { notes(first: $n, skip: null, where: $w) { count } }",
            json!({"w": null, "unknown": 1}),
            &list,
            r#"{notes({"where":null,"skip":null}){count}}"#,
        ),
        (
            "query ($id: ID!, $n: Int = 5) { note(id: $id) { others(first: $n) { count } } }",
            json!({"id": 7}),
            &["Query", "Note", "NoteConnection"],
            r#"{note({"id":"7"}){others({"first":5}){count}}}"#,
        ),
        (
            "mutation { updateCloudConfig(input: {paramName: \"a\", value: \"b\"}) { clientMutationId } }",
            json!({}),
            &["Mutation", "UpdateCloudConfigPayload"],
            r#"{updateCloudConfig({"input":{"isMasterKeyOnly":false,"paramName":"a","value":"b"}}){clientMutationId}}"#,
        ),
        (
            "{ node(id: \"x\") { __typename id ... on Note { t } ... on User { username } } }",
            json!({}),
            &["Query", "Note"],
            r#"{node({"id":"x"}){__typename id t}}"#,
        ),
    ];
    for (query, variables, types, expected) in cases {
        let prepared = Documents::new().prepare(&schema(), &request(query, variables.clone()), false);
        let prepared = prepared.unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
        assert_eq!(shown(&prepared.root(), types), *expected, "{query}");
    }
}

#[test]
fn uploads_come_from_the_request_only() {
    let query = "mutation ($upload: Upload!, $input: CreateNoteFieldsInput) { createFile(input: {upload: $upload}) { fileInfo { name } } createNote(input: {fields: $input}) { note { id } } }";
    let upload = |path: &[&str]| Upload {
        path: path.iter().map(|&step| step.to_owned()).collect(),
        name: "a.txt".to_owned(),
        content_type: None,
        content: bytes::Bytes::new(),
    };
    let mut request = request(query, json!({"upload": null, "input": {"f": {"upload": null}, "o": {"__upload": 0}}}));
    request.uploads = vec![upload(&["variables", "input", "f", "upload"]), upload(&["variables", "upload"])];
    let prepared = Documents::new().prepare(&schema(), &request, true).unwrap();
    let fields = prepared.root().fields("Mutation");
    assert_eq!(fields[0].arguments["input"]["upload"][UPLOAD], 1);
    assert_eq!(fields[1].arguments["input"]["fields"]["f"]["upload"][UPLOAD], 0);
}

/// The name and kind of the chosen operation.
type Chosen<'a> = Result<(Option<&'a str>, OperationKind), ()>;

#[test]
fn operations_are_chosen_by_name() {
    let query = "query One { one: health } mutation Two { logOut(input: {}) { ok } }";
    let cases: [(&str, Option<&str>, Chosen<'_>); 7] = [
        (query, Some("One"), Ok((Some("One"), OperationKind::Query))),
        (query, Some("Two"), Ok((Some("Two"), OperationKind::Mutation))),
        (query, Some("Three"), Err(())),
        (query, None, Err(())),
        (query, Some(""), Err(())),
        ("{ health }", Some(""), Ok((None, OperationKind::Query))),
        ("{ health }", Some("One"), Err(())),
    ];
    for (query, name, expected) in cases {
        let request = Request { operation_name: name.map(str::to_owned), ..request(query, json!({})) };
        let prepared = Documents::new().prepare(&schema(), &request, false);
        let actual = prepared.as_ref().map(|prepared| (prepared.operation_name(), prepared.kind()));
        assert_eq!(
            actual.map_err(|errors| assert_eq!(errors[0].code, "OPERATION_RESOLUTION_FAILURE")),
            expected,
            "{name:?}"
        );
    }
}

#[test]
fn introspection_is_answered_where_it_is_open() {
    let query = "query ($n: String!) { t: __type(name: $n) { name fields { name } } __typename health ...F } fragment F on Query { __schema { queryType { name } } }";
    let documents = Documents::new();
    let schema = schema();
    let request = request(query, json!({"n": "GeoPoint"}));
    for _ in 0..2 {
        let prepared = documents.prepare(&schema, &request, true).unwrap();
        let expected = json!({
            "t": {"name": "GeoPoint", "fields": [{"name": "latitude"}, {"name": "longitude"}]},
            "__schema": {"queryType": {"name": "Query"}},
        });
        assert_eq!(Json::Object(prepared.introspect(&schema)), expected);
        let closed = documents.prepare(&schema, &request, false).unwrap_err();
        assert_eq!((closed.len(), closed[0].code), (1, "GRAPHQL_VALIDATION_FAILED"));
    }
}

#[test]
fn closed_introspection_reveals_no_names() {
    let documents = Documents::new();
    let cases = [
        ("{ nope }", json!({})),
        ("{ notes { edges { node { tt } } } }", json!({})),
        ("{ note { t } }", json!({})),
        ("mutation { createNote(input: {fields: {n: \"x\", raw: 1}}) { note { id } } }", json!({})),
        ("query ($w: NoteWhereInput) { notes(where: $w) { count } }", json!({"w": {"n": {"equalTo": "x"}}})),
        ("{ health { ", json!({})),
        ("{ a: __type(name: \"Note\") { name } nope }", json!({})),
        ("{ node(id: 1) { ... on Note { x: __schema } } }", json!({})),
    ];
    for (query, variables) in cases {
        let request = request(query, variables);
        let open = documents.prepare(&schema(), &request, true).unwrap_err();
        let closed = documents.prepare(&schema(), &request, false).unwrap_err();
        if !query.contains("__") {
            assert_eq!((closed.len(), closed[0].code), (1, open[0].code));
        }
        for error in closed {
            let text = error.message.to_lowercase();
            assert!(
                !["note", "nope", "raw", "where", "float", "id", "query"]
                    .iter()
                    .any(|name| text.split(' ').any(|word| word == *name)),
                "{text}"
            );
        }
    }
    assert!(documents.prepare(&schema(), &request("{ __typename }", json!({})), false).is_ok());
}

fn joined(count: usize, part: &dyn Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn documents_have_limits() {
    let deep = format!("{}health{}", "{ ...on Query ".repeat(500), "}".repeat(500));
    let nodes = format!("{{ node(id: 1) {{ ... on Note {{ {}id{} }} }} }}", "next { ".repeat(70), "}".repeat(70));
    let lists =
        format!("{{ notes(where: {{a: {{equalTo: {}1{}}}}}) {{ count }} }}", "[".repeat(5000), "]".repeat(5000));
    let many = format!("{{ {} }}", "health ".repeat(20_000));
    let fan = joined(40, &|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }}", n + 1));
    let fan = format!("{{ ...F0 }}{fan} fragment F40 on Query {{ health }}");
    let chain = joined(1000, &|n| format!("fragment F{n} on Query {{ ...F{} }}", n + 1));
    let chain = format!("{{ ...F0 }}{chain} fragment F1000 on Query {{ health }}");
    let cycle = "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }".to_owned();
    for query in [deep, nodes, lists, many, fan, chain, cycle] {
        let errors = errors_of(&request(&query, json!({})));
        assert!((1..=2).contains(&errors.len()), "{} {errors:?}", query.len());
    }
}
