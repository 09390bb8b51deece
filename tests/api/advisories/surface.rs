//! K and L: what an answer tells about the schema, and whether each way to the endpoint is guarded.

use reqwest::Method;
use serde_json::{Value, json};

use super::refused;
use crate::harness::{Answer, Client, Database, Server, on_both_databases};

on_both_databases![
    adv_48q3prgv_the_schema_is_for_the_master_keys,
    adv_q5q92rhp_no_fragment_hides_a_question_about_the_schema,
    adv_8cphrgr4_a_misspelt_name_is_not_corrected,
    adv_9g8fh8f3_a_variable_that_does_not_fit_tells_no_names,
    adv_2fgh8j2g_what_is_required_is_not_named,
    adv_r2g64f6j_the_class_of_a_link_is_not_named,
    adv_6m77f8xr_an_argument_that_does_not_fit_tells_no_names,
    adv_p2x38689_there_is_no_second_way_to_the_endpoint,
    adv_q3p6g7c4_every_answer_says_the_same_to_foreign_pages,
];

/// Words of the schema that no request of these tests contains.
const NAMES: [&str; 10] = [
    "secretPlan",
    "SecretPlan",
    "weapons",
    "Hideout",
    "hideout",
    "WhereInput",
    "username_ASC",
    "createdAt",
    "FieldsInput",
    "PointerInput",
];

async fn closed(database: &Database) -> Server {
    let server = Server::options(database).flag("--introspection", "master-key").start().await;
    server.create_class("Hideout", &[("weapons", "String")]).await;
    let fields =
        [("secretPlan", "String"), ("size", "Number"), ("home", "Pointer:Hideout"), ("places", "Relation:Hideout")];
    server.create_class("Villain", &fields).await;
    server
}

/// It is refused, and what is said about it has no name that the request has not.
async fn is_silent(caller: &Client, query: &str, variables: Value) {
    let asked = format!("{query} {variables}");
    let answer = caller.query(query, variables).await;
    assert!(!answer.codes().is_empty(), "{asked} must be refused: {}", answer.body);
    let told: Vec<_> = NAMES.iter().filter(|name| answer.body.contains(**name) && !asked.contains(**name)).collect();
    assert!(told.is_empty(), "{asked} tells {told:?}: {}", answer.body);
}

async fn adv_48q3prgv_the_schema_is_for_the_master_keys(database: &Database) {
    let server = closed(database).await;
    let alice = server.sign_up("alice").await;
    let queries = ["{ __schema { types { name } } }", "{ __type(name: \"Villain\") { fields { name } } }"];
    for query in queries {
        for caller in [server.anonymous(), server.user(&alice)] {
            is_silent(&caller, query, Value::Null).await;
        }
        for caller in [server.master(), server.read_only_master()] {
            assert!(
                caller.query(query, Value::Null).await.ok().body.contains("secretPlan") || query.contains("__schema")
            );
        }
    }
    let by_get = server.anonymous().request(Method::GET, "?query=%7B__schema%7Btypes%7Bname%7D%7D%7D");
    let answer = Answer::of(by_get).await;
    assert!(!answer.codes().is_empty() && !answer.body.contains("Villain"), "{}", answer.body);
    // In production, it is closed unless somebody opens it.
    drop(server);
    let key = "a-long-and-random-key-of-the-tests-0123456789";
    let production = Server::options(database).flag("--environment", "production").flag("--master-key", key);
    let production = production.flag("--read-only-master-key", &key.to_uppercase()).start().await;
    is_silent(&production.anonymous(), queries[0], Value::Null).await;
}

async fn adv_q5q92rhp_no_fragment_hides_a_question_about_the_schema(database: &Database) {
    let server = closed(database).await;
    let open = server.master();
    for query in [
        "{ ... on Query { __type(name: \"Villain\") { name } } }",
        "{ ... { ... { ... on Query { __type(name: \"Villain\") { name } } } } }",
        "{ ... @include(if: true) { __schema { types { name } } } }",
        "query ($yes: Boolean = true) { x: __type(name: \"Villain\") @include(if: $yes) { name } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ... on Query { __schema { types { name } } } }",
        "{ health health health a: __type(name: \"Villain\") { name } }",
        "query A { health } query B { __schema { types { name } } }",
        "\u{feff}# health\n{ , , __schema , { types { name } } }",
    ] {
        let body = json!({"query": query, "operationName": query.contains("query B").then_some("B")});
        let answer = server.anonymous().post(&body).await;
        assert!(!answer.codes().is_empty() && !answer.body.contains("Hideout"), "{query}: {}", answer.body);
        assert!(open.post(&body).await.codes().is_empty(), "{query} is a good question");
    }
    // Not even where the document is known from somebody who may ask.
    let query = "{ __type(name: \"Villain\") { fields { name } } }";
    open.query(query, Value::Null).await.ok();
    is_silent(&server.anonymous(), query, Value::Null).await;
    let persisted = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}});
    assert!(!server.anonymous().post(&persisted).await.codes().is_empty());
}

async fn adv_8cphrgr4_a_misspelt_name_is_not_corrected(database: &Database) {
    let server = closed(database).await;
    for query in [
        "{ villain(id: \"x\") { secretPlam } }",
        "{ vilain(id: \"x\") { id } }",
        "{ hideou(id: \"x\") { id } }",
        "{ villains(wher: {}) { count } }",
        "{ villains { edge { node { id } } } }",
        "{ ... on Villan { id } }",
        "fragment A on Hideot { id } { ...A }",
        "query ($w: VillainWhere) { villains(where: $w) { count } }",
        "mutation { createVilain(input: {}) { villain { id } } }",
        "{ villain(id: \"x\") { home { weapon } } }",
        "{ villain(id: \"x\") @includ(if: true) { id } }",
    ] {
        is_silent(&server.anonymous(), query, Value::Null).await;
    }
}

async fn adv_9g8fh8f3_a_variable_that_does_not_fit_tells_no_names(database: &Database) {
    let server = closed(database).await;
    let find = "query ($w: VillainWhereInput, $o: [VillainOrder!]) { villains(where: $w, order: $o) { count } }";
    for variables in [
        json!({"w": {"secretPlam": {"equalTo": "x"}}}),
        json!({"w": {"home": {"hav": {}}}}),
        json!({"w": {"home": {"have": {"weapon": {}}}}}),
        json!({"w": {"size": {"equalTo": "x"}}}),
        json!({"w": {"places": {"have": 1}}}),
        json!({"w": 1}),
        json!({"o": ["secretPla_ASC"]}),
        json!({"o": ["usernam_ASC"]}),
        json!({"o": {"x": 1}}),
    ] {
        is_silent(&server.anonymous(), find, variables).await;
    }
}

async fn adv_2fgh8j2g_what_is_required_is_not_named(database: &Database) {
    let server = closed(database).await;
    for query in [
        "mutation { createVillain { villain { id } } }",
        "mutation { createVillain(input: 1) { villain { id } } }",
        "mutation { updateVillain(input: {}) { villain { id } } }",
        "mutation { createVillain(input: { fields: { ACL: { users: [{}] } } }) { villain { id } } }",
        "{ villain { id } }",
        "{ villains(where: { size: {}, home: { have: { createAt: 1 } } }) { count } }",
        "mutation { createClass(input: {}) { class { id } } }",
    ] {
        is_silent(&server.anonymous(), query, Value::Null).await;
    }
    let create = "mutation ($i: CreateVillainInput!) { createVillain(input: $i) { villain { id } } }";
    for input in [
        Value::Null,
        json!([]),
        json!({"field": {}}),
        json!({"fields": {"ACL": {"users": [{}]}}}),
        json!({"fields": {"ACL": {"roles": [{"read": true}]}}}),
    ] {
        is_silent(&server.anonymous(), create, json!({"i": input})).await;
    }
}

async fn adv_r2g64f6j_the_class_of_a_link_is_not_named(database: &Database) {
    let server = closed(database).await;
    let villain = server.master().create("Villain", json!({"size": 1})).await;
    let create = "mutation ($f: CreateVillainFieldsInput) { createVillain(input: { fields: $f }) { villain { id } } }";
    for fields in [
        json!({"home": 1}),
        json!({"home": {}}),
        json!({"home": {"lin": "x"}}),
        json!({"home": {"link": 1.5}}),
        json!({"home": {"link": {"className": "x"}}}),
        json!({"home": {"link": "x", "createAndLink": {}}}),
        json!({"home": {"createAndLink": {"weapon": "x"}}}),
        json!({"places": {"add": [{}]}}),
        json!({"places": {"add": "x", "ad": 1}}),
        json!({"places": {}}),
        json!({"places": null}),
    ] {
        let asked = format!("{fields}").replace("createAndLink", "");
        let answer = server.anonymous().query(create, json!({"f": fields})).await;
        assert!(!answer.codes().is_empty(), "{asked}: {}", answer.body);
        let told: Vec<_> = NAMES.iter().filter(|name| answer.messages().concat().contains(**name)).collect();
        assert!(told.iter().all(|name| create.contains(**name)), "{asked} tells {told:?}: {}", answer.body);
    }
    // The id of an object of another class leads nowhere, and the answer does not say where it would have.
    let answer = server.anonymous().query(create, json!({"f": {"home": {"link": villain}}})).await;
    assert!(!answer.body.contains("Hideout"), "{}", answer.body);
}

async fn adv_6m77f8xr_an_argument_that_does_not_fit_tells_no_names(database: &Database) {
    let server = closed(database).await;
    for query in [
        "{ villains(order: [secretPla_ASC]) { count } }",
        "{ villains(order: secretPla) { count } }",
        "{ users(order: [usernam_ASC]) { count } }",
        "{ villains(first: \"x\") { count } }",
        "{ villains(where: { home: 1 }) { count } }",
        "{ villains(where: [1]) { count } }",
        "{ villains(where: { size: { equalTo: \"x\" } }) { count } }",
        "{ villains(options: { readPreference: NOWHERE }) { count } }",
        "query ($x: Int) { villains(where: $x) { count } }",
        "query ($x: [Int]) { villains(order: $x) { count } }",
        "mutation { createVillain(input: { fields: { home: 1 } }) { villain { id } } }",
        "{ villains { ...A } } fragment A on Boolean { id }",
        "{ villain(id: \"x\") { home } }",
        "{ villain(id: \"x\") { size { x } } }",
    ] {
        is_silent(&server.anonymous(), query, Value::Null).await;
    }
}

/// GHSA-p2x3-8689-cwpg, and all about `LiveQuery`: there are no subscriptions, and no socket to ask for them.
async fn adv_p2x38689_there_is_no_second_way_to_the_endpoint(database: &Database) {
    let server = closed(database).await;
    for query in
        ["subscription { villains { id } }", "subscription ($w: VillainWhereInput) { villains(where: $w) { event } }"]
    {
        for caller in [server.anonymous(), server.master()] {
            refused(&caller.query(query, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", query);
        }
    }
    let types = "{ __schema { subscriptionType { name } } }";
    assert_eq!(server.master().query(types, Value::Null).await.data("__schema.subscriptionType"), &Value::Null);
    let socket = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "graphql-transport-ws"),
        ("X-Parse-Application-Id", "app"),
    ];
    for path in ["/graphql", "/subscriptions", "/", "/parse", "/graphql/ws"] {
        let answer = server.caller(&socket).get(path).await;
        assert_ne!(answer.status, 101, "{path}");
        assert!(!answer.headers.contains_key("sec-websocket-accept"), "{path}");
    }
}

/// There are no cookies, so that a page has no rights that its user did not give it; and every way says so alike.
async fn adv_q3p6g7c4_every_answer_says_the_same_to_foreign_pages(database: &Database) {
    let server = closed(database).await;
    let page = server.anonymous().with("Origin", "https://evil.example");
    let mut said = Vec::new();
    for (method, path) in [
        (Method::POST, "/graphql"),
        (Method::GET, "/graphql?query=%7Bhealth%7D"),
        (Method::OPTIONS, "/graphql"),
        (Method::GET, "/health"),
        (Method::GET, "/files/app/a.txt"),
        (Method::GET, "/nowhere"),
    ] {
        let request = page.request_at(method, &format!("{}{path}", server.origin()));
        let answer =
            Answer::of(request.header("Content-Type", "application/json").body("{\"query\": \"{ health }\"}")).await;
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        said.push(answer.headers.get("access-control-allow-origin").cloned());
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
    // What a page can send without asking first is refused where it carries no header of ours.
    let simple = server.caller(&[("Content-Type", "text/plain"), ("Origin", "https://evil.example")]);
    let answer =
        Answer::of(simple.request(Method::POST, "").body("{\"query\": \"mutation { logOut(input: {}) { ok } }\"}"))
            .await;
    assert!([400, 403].contains(&answer.status), "{}", answer.body);
}
