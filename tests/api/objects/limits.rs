//! How much one request may read and answer.

use serde_json::json;

use crate::harness::{Client, Database, Server, on_both_databases};

on_both_databases![
    relations_of_relations_do_not_multiply_without_end,
    a_value_cannot_be_asked_for_without_end,
    a_page_has_as_many_objects_as_a_request_may_read,
    an_answer_that_would_be_too_long_undoes_no_write,
];

/// Some objects, each of which is related to all of them.
async fn everybody_knows_everybody(server: &Server, count: usize) {
    server.create_class("Person", &[("name", "String"), ("friends", "Relation:Person")]).await;
    let mut ids: Vec<String> = Vec::new();
    for number in 0..count {
        ids.push(server.master().create("Person", json!({"name": format!("person {number}")})).await);
    }
    let befriend = "mutation ($id: ID!, $fields: UpdatePersonFieldsInput!) {
        updatePerson(input: { id: $id, fields: $fields }) { person { id } }
    }";
    for id in &ids {
        let fields = json!({"friends": {"add": ids}});
        server.master().query(befriend, json!({"id": id, "fields": fields})).await.ok();
    }
}

/// A query of so many levels of friends.
fn friends(levels: usize) -> String {
    let inner =
        (0..levels).fold("name".to_owned(), |inner, _| format!("name friends {{ edges {{ node {{ {inner} }} }} }}"));
    format!("{{ people {{ edges {{ node {{ {inner} }} }} }} }}")
}

async fn refused(client: &Client, query: &str, variables: serde_json::Value) -> String {
    let answer = client.query(query, variables).await;
    assert_eq!(answer.code(), 102);
    assert!(answer.json["data"].is_null());
    answer.messages().remove(0)
}

async fn relations_of_relations_do_not_multiply_without_end(database: &Database) {
    let server = Server::options(database).flag("--max-response-size", "1mb").start().await;
    everybody_knows_everybody(&server, 12).await;
    let anybody = server.anonymous();
    anybody.query(&friends(2), json!({})).await.ok();
    let message = refused(&anybody, &friends(12), json!({})).await;
    assert!(message.starts_with("The answer would have more than 1048576 bytes"), "{message}");
    anybody.query("{ health }", json!({})).await.ok();
}

async fn a_value_cannot_be_asked_for_without_end(database: &Database) {
    let server = Server::options(database).flag("--max-response-size", "1mb").start().await;
    server.create_class("Note", &[("text", "String")]).await;
    let id = server.master().create("Note", json!({"text": "x".repeat(100_000)})).await;
    let again: Vec<String> = (0..50).map(|number| format!("again{number}: text")).collect();
    let query = format!("query ($id: ID!) {{ note(id: $id) {{ {} }} }}", again.join(" "));
    refused(&server.anonymous(), &query, json!({"id": id})).await;
}

async fn a_page_has_as_many_objects_as_a_request_may_read(database: &Database) {
    let server = Server::options(database).flag("--max-objects", "20").start().await;
    everybody_knows_everybody(&server, 6).await;
    let anybody = server.anonymous();
    anybody.query("{ people(first: 1000) { edges { node { name } } } }", json!({})).await.ok();
    let twice = "{ people { edges { node { friends(first: 2) { edges { node { name } } } } } } }";
    let pages = anybody.query(twice, json!({})).await;
    pages.ok();
    for number in 0..6 {
        // What is read of each to see whether there is more counts for nobody.
        assert_eq!(pages.each(&format!("people.edges.{number}.node.friends"), "name").len(), 2, "{number}");
    }
    let message = refused(&anybody, &friends(1), json!({})).await;
    assert_eq!(message, "A request may read 20 objects at once; ask for smaller pages.");
    let lists: Vec<String> =
        (0..4).map(|number| format!("l{number}: people {{ edges {{ node {{ name }} }} }}")).collect();
    assert_eq!(anybody.query(&format!("{{ {} }}", lists.join(" ")), json!({})).await.code(), 102);
}

async fn an_answer_that_would_be_too_long_undoes_no_write(database: &Database) {
    let server = Server::options(database).flag("--max-objects", "20").start().await;
    everybody_knows_everybody(&server, 6).await;
    let change = |inner: &str| {
        format!(
            "mutation ($id: ID!) {{ updatePerson(input: {{ id: $id, fields: {{ name: \"new\" }} }}) {{ person {{ {inner} }} }} }}"
        )
    };
    let first = server.master().query("{ people(first: 1) { edges { node { id } } } }", json!({})).await;
    let id = first.text("people.edges.0.node.id");
    let deep = "friends { edges { node { friends { edges { node { name } } } } } }";
    assert_eq!(server.master().query(&change(deep), json!({"id": id})).await.code(), 102);
    // What it answers is read in the transaction of the write, which has therefore not happened.
    let renamed = "{ people(where: { name: { equalTo: \"new\" } }) { count } }";
    assert_eq!(*server.master().query(renamed, json!({})).await.data("people.count"), json!(0));
}
