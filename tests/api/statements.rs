//! How many statements a request takes, as the log tells: none for a row.

use serde_json::{Value, json};

use super::harness::{Database, Server, on_both_databases};

on_both_databases![
    a_level_takes_as_many_statements_whatever_its_rows,
    objects_that_point_to_each_other_are_made_by_one_statement,
    an_object_takes_as_many_statements_whatever_its_kind
];

const NESTED: &str = "{ posts { edges { node { text author { text } tags { edges { node { text } } } } } } }";
const CREATE: &str =
    "mutation ($fields: CreatePostFieldsInput) { createPost(input: { fields: $fields }) { post { text } } }";

async fn start(database: &Database) -> Server {
    let server = Server::options(database).flag("--log", "info,portcullis::store=debug").start().await;
    for class in ["Author", "Tag"] {
        server.create_class(class, &[("text", "String")]).await;
    }
    let fields = json!({
        "addStrings": [{"name": "text"}],
        "addPointers": [
            {"name": "author", "targetClassName": "Author"},
            {"name": "previous", "targetClassName": "Post"},
        ],
        "addRelations": [{"name": "tags", "targetClassName": "Tag"}],
    });
    let create = "mutation ($fields: SchemaFieldsInput) {
        createClass(input: { name: \"Post\", schemaFields: $fields }) { class { name } }
    }";
    server.master().query(create, json!({"fields": fields})).await.ok();
    server
}

/// How SQLite looks which way to a list is short, unless it has done so a moment ago.
const GLANCE: &str = "SELECT count(*) FROM (SELECT 1 FROM";

/// Stops the server, and counts what the log says of the statements of these requests, glances left out.
async fn counted<const N: usize>(server: Server, requests: [&str; N]) -> [usize; N] {
    let log = server.stop().await.stderr;
    requests.map(|id| {
        let of_request = format!("request.id=\"{id}\"");
        let statement = |line: &&str| line.contains(&of_request) && line.contains("statement sql=");
        log.lines().filter(statement).filter(|line| !line.contains(GLANCE)).count()
    })
}

async fn a_level_takes_as_many_statements_whatever_its_rows(database: &Database) {
    let server = start(database).await;
    let nested = |n: i32| {
        let text = format!("text {n}");
        let part = json!({"text": text});
        json!({"fields": {
            "text": text, "author": {"createAndLink": part}, "tags": {"createAndAdd": [part, part]},
        }})
    };
    let anybody = server.anonymous();
    anybody.query(CREATE, nested(0)).await.ok();
    anybody.with("X-Request-Id", "few").query(NESTED, Value::Null).await.ok();
    for n in 1..20 {
        anybody.query(CREATE, nested(n)).await.ok();
    }
    let many = anybody.with("X-Request-Id", "many").query(NESTED, Value::Null).await;
    assert_eq!(many.data("posts.edges").as_array().unwrap().len(), 20);

    let [few, many] = counted(server, ["few", "many"]).await;
    assert_eq!((few, many), (3, 3));
}

async fn objects_that_point_to_each_other_are_made_by_one_statement(database: &Database) {
    let server = start(database).await;
    let create = "mutation ($fields: CreatePostFieldsInput) {
        createPost(input: { fields: $fields }) { post { text author { text } previous { text author { text } } } }
    }";
    let by = |name: &str| json!({"createAndLink": {"text": name}});
    let previous = json!({"text": "c", "author": by("d")});
    let fields = json!({"text": "a", "author": by("b"), "previous": {"createAndLink": previous}});
    let made = server.anonymous().with("X-Request-Id", "nested").query(create, json!({"fields": fields})).await;
    let earlier = json!({"text": "c", "author": {"text": "d"}});
    assert_eq!(made.data("createPost.post"), &json!({"text": "a", "author": {"text": "b"}, "previous": earlier}));
    let kept = "{ posts(order: text_ASC) { edges { node { text author { text } } } } }";
    let kept = server.anonymous().query(kept, Value::Null).await;
    let first = json!({"node": {"text": "a", "author": {"text": "b"}}});
    assert_eq!(kept.data("posts.edges"), &json!([first, {"node": earlier}]));

    let fields = json!({"text": "e", "author": by("f")});
    let made = server.anonymous().with("X-Request-Id", "author").query(create, json!({"fields": fields})).await;
    assert_eq!(made.data("createPost.post"), &json!({"text": "e", "author": {"text": "f"}, "previous": null}));

    let [nested, author] = counted(server, ["nested", "author"]).await;
    // What the answer shows is read by the same statement; where two of a class are made, by one for each level and class.
    assert_eq!((nested, author), if database.is_postgres() { (4, 1) } else { (8, 4) });
}

async fn an_object_takes_as_many_statements_whatever_its_kind(database: &Database) {
    let server = start(database).await;
    let made = json!({"fields": {"text": "a"}});
    server.anonymous().with("X-Request-Id", "create").query(CREATE, made).await.ok();
    let posts = server.anonymous().query("{ posts { edges { node { id } } } }", Value::Null).await;
    let id = json!({"id": posts.text("posts.edges.0.node.id")});
    let get = "query ($id: ID!) { post(id: $id) { text } }";
    server.anonymous().with("X-Request-Id", "get").query(get, id.clone()).await.ok();
    let update = "mutation ($id: ID!) { updatePost(input: { id: $id, fields: { text: \"b\" } }) { post { text } } }";
    server.anonymous().with("X-Request-Id", "update").query(update, id.clone()).await.ok();
    let count = "{ posts { count } }";
    server.anonymous().with("X-Request-Id", "count").query(count, Value::Null).await.ok();

    let [create, update, get, count] = counted(server, ["create", "update", "get", "count"]).await;
    assert_eq!((create, update, get, count), if database.is_postgres() { (1, 1, 1, 1) } else { (2, 2, 1, 1) });
}
