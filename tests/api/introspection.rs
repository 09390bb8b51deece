//! Where introspection is closed, no answer tells a name that the caller has not sent.

use serde_json::{Value, json};

use super::harness::{Client, Database, Server};

/// Words of the schema that no request of these tests contains.
const NAMES: [&str; 8] =
    ["secretPlan", "SecretPlan", "weapons", "Hideout", "hideout", "UserWhereInput", "username_ASC", "CreateUserInput"];

async fn with_closed_introspection(test: impl AsyncFnOnce(&Server)) {
    Database::on_sqlite(async |database| {
        let server = Server::options(database).flag("--introspection", "master-key").start().await;
        server.create_class("Hideout", &[("weapons", "String")]).await;
        server.create_class("Villain", &[("secretPlan", "String"), ("home", "Pointer:Hideout")]).await;
        test(&server).await;
    })
    .await;
}

async fn is_silent(caller: &Client, query: &str, variables: Value) {
    let answer = caller.query(query, variables).await;
    assert!(!answer.codes().is_empty(), "{query} must be refused: {}", answer.body);
    let told: Vec<_> = NAMES.iter().filter(|name| answer.body.contains(**name)).collect();
    assert!(told.is_empty(), "{query} tells {told:?}: {}", answer.body);
}

#[tokio::test]
async fn the_schema_is_for_the_master_keys() {
    with_closed_introspection(async |server| {
        let queries = [
            "{ __schema { types { name } } }",
            "{ __type(name: \"Villain\") { fields { name } } }",
            "{ a: __type(name: \"Villain\") { fields { name } } health }",
            "{ ... on Query { __type(name: \"Villain\") { name } } }",
            "{ ... { ... @include(if: true) { __schema { types { name } } } } }",
            "query { ...F } fragment F on Query { __schema { types { name } } }",
            "query A { health } query B { __schema { types { name } } }",
        ];
        for query in queries {
            is_silent(&server.anonymous(), query, Value::Null).await;
        }
        let alice = server.sign_up("alice").await;
        is_silent(&server.user(&alice), queries[0], Value::Null).await;
        for master in [server.master(), server.read_only_master()] {
            let answer = master.query(queries[0], Value::Null).await;
            assert!(answer.ok().body.contains("Villain"));
        }
    })
    .await;
}

#[tokio::test]
async fn no_mistake_is_corrected() {
    with_closed_introspection(async |server| {
        for query in [
            "{ villain(id: \"x\") { secretPlam } }",
            "{ vilain(id: \"x\") { id } }",
            "{ hideou(id: \"x\") { id } }",
            "{ villains(wher: {}) { count } }",
            "{ villains(where: { secretPlam: { equalTo: \"\" } }) { count } }",
            "{ villains(order: [secretPlan_ASK]) { count } }",
            "{ villains(where: { home: { hav: {} } }) { count } }",
            "{ villains(where: { home: { have: { weapon: {} } } }) { count } }",
            "{ users(order: [username_AS]) { count } }",
            "query ($w: UserWhereInpu) { users(where: $w) { count } }",
            "mutation { createUser(input: 1) { user { id } } }",
            "mutation { createVillain(input: { fields: { home: 1 } }) { villain { id } } }",
            "{ ... on SecretPla { id } }",
        ] {
            is_silent(&server.anonymous(), query, Value::Null).await;
        }
        let create = "mutation ($input: CreateVillainInput!) { createVillain(input: $input) { villain { id } } }";
        for input in [
            json!({"fields": {"secretPla": 1}}),
            json!({"field": {}}),
            json!(1),
            json!({"fields": {"home": {"lin": "x"}}}),
        ] {
            is_silent(&server.anonymous(), create, json!({"input": input})).await;
        }
    })
    .await;
}
