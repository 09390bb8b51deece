//! A mutation is done as a whole or not at all, and its answer shows what the caller may see.

use serde_json::{Value, json};

use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    a_refused_object_leaves_none_of_those_that_were_made_along_with_it,
    objects_that_the_database_refuses_leave_none_of_those_beside_them,
    any_number_of_objects_is_made_along_with_one,
    what_a_request_may_not_read_is_asked_for_before_anything_is_made,
    a_refused_update_leaves_none_of_those_that_were_made_along_with_it,
    a_refused_relation_leaves_the_object_as_it_was,
    who_may_create_but_not_read_gets_the_id_and_nothing_else,
    who_may_update_but_not_read_gets_no_error,
    a_hidden_pointer_shows_nothing_of_what_was_made_behind_it,
    a_nested_list_that_may_not_be_read_is_no_error_for_a_write_that_happened,
    a_mutation_that_fails_leaves_those_before_it,
    an_object_that_is_deleted_while_others_update_it_stays_deleted,
];

async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String"), ("twins", "Relation:City")]).await;
    let fields = [("text", "String"), ("from", "Pointer:City"), ("via", "Relation:City"), ("more", "Object")];
    server.create_class("Trip", &fields).await;
    server
}

async fn count(server: &Server, list: &str) -> Value {
    let answer = server.master().query(&format!("{{ {list} {{ count }} }}"), Value::Null).await;
    answer.data(&format!("{list}.count")).clone()
}

const CREATE: &str =
    "mutation ($fields: CreateTripFieldsInput) { createTrip(input: { fields: $fields }) { trip { objectId } } }";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateTripFieldsInput) {
    updateTrip(input: { id: $id, fields: $fields }) { trip { objectId } }
}";

async fn a_refused_object_leaves_none_of_those_that_were_made_along_with_it(database: &Database) {
    let server = scene(database).await;
    server.set_permissions("Trip", json!({"get": {"public": true}})).await;
    let nested =
        json!({"from": {"createAndLink": {"name": "a"}}, "via": {"createAndAdd": [{"name": "b"}, {"name": "c"}]}});
    let answer = server.anonymous().query(CREATE, json!({"fields": nested})).await;
    assert_eq!(answer.code(), 119, "{}", answer.body);
    assert_eq!(count(&server, "cities").await, 0);

    server.set_permissions("Trip", Value::Null).await;
    let mut invalid = nested;
    invalid["more"] = json!({"$bad": 1});
    let answer = server.anonymous().query(CREATE, json!({"fields": invalid})).await;
    assert_eq!(answer.code(), 121, "{}", answer.body);
    assert_eq!((count(&server, "cities").await, count(&server, "trips").await), (json!(0), json!(0)));
}

async fn objects_that_the_database_refuses_leave_none_of_those_beside_them(database: &Database) {
    let server = scene(database).await;
    database.texts(r#"CREATE UNIQUE INDEX "one_name" ON "City" ("name")"#).await;
    database.texts(r#"CREATE UNIQUE INDEX "one_text" ON "Trip" ("text")"#).await;
    let create = async |text: &str, name: &str| {
        let fields = json!({"text": text, "from": {"createAndLink": {"name": name}}});
        server.anonymous().query(CREATE, json!({"fields": fields})).await
    };
    create("x", "a").await.ok();
    for (text, name) in [("y", "a"), ("x", "b")] {
        let answer = create(text, name).await;
        assert_eq!(answer.code(), 137, "{}", answer.body);
        assert_eq!((count(&server, "cities").await, count(&server, "trips").await), (json!(1), json!(1)));
    }
    create("y", "b").await.ok();
}

async fn any_number_of_objects_is_made_along_with_one(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Step", &[("text", "String"), ("next", "Pointer:Step")]).await;
    let create = "mutation ($fields: CreateStepFieldsInput) { createStep(input: { fields: $fields }) {
        step { text next { text next { text next { text next { text next { text } } } } } }
    } }";
    let mut made = 0;
    for depth in 1..=6 {
        let mut fields = json!({"text": "1"});
        let mut shown = json!({"text": "1", "next": null});
        for number in 2..=depth {
            fields = json!({"text": number.to_string(), "next": {"createAndLink": fields}});
            shown = json!({"text": number.to_string(), "next": shown});
        }
        let answer = server.anonymous().query(create, json!({"fields": fields})).await;
        let expected = serde_json::to_string(&shown).unwrap();
        let seen = serde_json::to_string(answer.data("createStep.step")).unwrap();
        // What is deepest is shown without what would come next.
        assert_eq!(seen, if depth == 6 { expected.replace(r#","next":null"#, "") } else { expected });
        made += depth;
        assert_eq!(count(&server, "steps").await, made);
    }
}

async fn what_a_request_may_not_read_is_asked_for_before_anything_is_made(database: &Database) {
    let server = Server::options(database).flag("--max-objects", "1").start().await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("from", "Pointer:City")]).await;
    let write = |verb: &str, input: &str, shown: &str| {
        format!("mutation ($fields: {verb}TripFieldsInput{input}) {{ trip {{ text {shown} }} }} }}")
    };
    let create = |shown: &str| write("Create", ") { createTrip(input: { fields: $fields }", shown);
    let nested = json!({"fields": {"text": "x", "from": {"createAndLink": {"name": "a"}}}});
    assert_eq!(server.anonymous().query(&create("from { name }"), nested.clone()).await.code(), 102);
    assert_eq!((count(&server, "cities").await, count(&server, "trips").await), (json!(0), json!(0)));
    server.anonymous().query(&create(""), nested).await.ok();

    let trips = server.anonymous().query("{ trips { edges { node { id } } } }", Value::Null).await;
    let update = |shown: &str| write("Update", ", $id: ID!) { updateTrip(input: { id: $id, fields: $fields }", shown);
    let changed = json!({"fields": {"text": "y"}, "id": trips.text("trips.edges.0.node.id")});
    assert_eq!(server.anonymous().query(&update("from { name }"), changed.clone()).await.code(), 102);
    let trips = server.anonymous().query("{ trips { edges { node { text } } } }", Value::Null).await;
    assert_eq!(trips.each("trips", "text"), ["x"]);
    server.anonymous().query(&update(""), changed).await.ok();
}

async fn a_refused_update_leaves_none_of_those_that_were_made_along_with_it(database: &Database) {
    let server = scene(database).await;
    let closed = json!({"public": {"read": true, "write": false}});
    let trip = server.master().create("Trip", json!({"text": "x", "ACL": closed})).await;
    let fields =
        json!({"text": "y", "from": {"createAndLink": {"name": "a"}}, "via": {"createAndAdd": [{"name": "b"}]}});
    let answer = server.anonymous().query(UPDATE, json!({"id": trip, "fields": fields})).await;
    assert_eq!(answer.code(), 101, "{}", answer.body);
    assert_eq!(count(&server, "cities").await, 0);
    let read = "query ($id: ID!) { trip(id: $id) { text from { name } via { count } } }";
    let answer = server.anonymous().query(read, json!({"id": trip})).await;
    assert_eq!(answer.data("trip"), &json!({"text": "x", "from": null, "via": {"count": 0}}));
}

async fn a_refused_relation_leaves_the_object_as_it_was(database: &Database) {
    let server = scene(database).await;
    let trip = server.anonymous().create("Trip", json!({"text": "x"})).await;
    server.set_permissions("City", json!({"get": {"public": true}, "find": {"public": true}})).await;
    let fields = json!({"text": "y", "via": {"createAndAdd": [{"name": "a"}]}});
    let answer = server.anonymous().query(UPDATE, json!({"id": trip, "fields": fields})).await;
    assert_eq!(answer.code(), 119, "{}", answer.body);
    let answer = server.anonymous().query("{ trips { edges { node { text } } } }", Value::Null).await;
    assert_eq!(answer.each("trips", "text"), ["x"]);
}

async fn who_may_create_but_not_read_gets_the_id_and_nothing_else(database: &Database) {
    let server = scene(database).await;
    server.set_permissions("Trip", json!({"create": {"public": true}})).await;
    let create = "mutation { createTrip(input: { fields: { text: \"x\" } }) {
        trip { id objectId createdAt updatedAt text more from { name } via { count edges { node { name } } } } } }";
    let answer = server.anonymous().query(create, Value::Null).await;
    let trip = answer.data("createTrip.trip");
    for known in ["id", "objectId", "createdAt", "updatedAt"] {
        assert!(trip[known].is_string(), "{known}: {}", answer.body);
    }
    for unknown in ["text", "more", "from"] {
        assert!(trip[unknown].is_null(), "{unknown}: {}", answer.body);
    }
    assert_eq!(trip["via"], json!({"count": 0, "edges": []}));
    assert_eq!(count(&server, "trips").await, 1);
}

async fn who_may_update_but_not_read_gets_no_error(database: &Database) {
    let server = scene(database).await;
    let trip =
        server.master().create("Trip", json!({"text": "x", "ACL": {"public": {"read": false, "write": true}}})).await;
    let update = "mutation ($id: ID!) { updateTrip(input: { id: $id, fields: { text: \"y\" } }) { trip { objectId text via { count } } } }";
    let answer = server.anonymous().query(update, json!({"id": trip})).await;
    assert_eq!(answer.data("updateTrip.trip.text"), &Value::Null);
    assert_eq!(answer.data("updateTrip.trip.via.count"), &json!(0));
    let answer = server.master().query("{ trips { edges { node { text } } } }", Value::Null).await;
    assert_eq!(answer.each("trips", "text"), ["y"]);
}

async fn a_hidden_pointer_shows_nothing_of_what_was_made_behind_it(database: &Database) {
    let server = scene(database).await;
    let everybody = json!({"public": true});
    let (protected, open) = (json!([{"public": true, "fields": ["from"]}]), json!([]));
    for (protected, shown) in [(protected, Value::Null), (open, json!({"name": "a"}))] {
        let permissions = json!({"get": everybody, "create": everybody, "protectedFields": protected});
        server.set_permissions("Trip", permissions).await;
        let create = "mutation ($fields: CreateTripFieldsInput) {
            createTrip(input: { fields: $fields }) { trip { text from { name } } }
        }";
        let fields = json!({"text": "x", "from": {"createAndLink": {"name": "a"}}});
        let answer = server.anonymous().query(create, json!({"fields": fields})).await;
        answer.ok();
        assert_eq!(answer.data("createTrip.trip"), &json!({"text": "x", "from": shown}));
    }
    assert_eq!(count(&server, "cities").await, 2);
}

async fn a_nested_list_that_may_not_be_read_is_no_error_for_a_write_that_happened(database: &Database) {
    let server = scene(database).await;
    let trip = server.anonymous().create("Trip", json!({"text": "x"})).await;
    server.set_permissions("City", json!({"create": {"public": true}})).await;
    let update = "mutation ($id: ID!) { updateTrip(input: { id: $id, fields: {
        text: \"y\", via: { createAndAdd: [{ name: \"a\" }] } } }) { trip { text via { edges { node { name } } } } } }";
    let answer = server.anonymous().query(update, json!({"id": trip})).await;
    let happened = count(&server, "cities").await == 1;
    assert_eq!(answer.codes().is_empty(), happened, "happened: {happened}, but: {}", answer.body);
}

async fn a_mutation_that_fails_leaves_those_before_it(database: &Database) {
    let server = scene(database).await;
    let mutation = "mutation {
        a: createTrip(input: { fields: { text: \"a\" } }) { trip { text } }
        b: createTrip(input: { fields: { text: \"b\", via: {} } }) { trip { text } }
        c: createTrip(input: { fields: { text: \"c\" } }) { trip { text } }
    }";
    let answer = server.anonymous().query(mutation, Value::Null).await;
    assert_eq!((answer.partial("a.trip.text"), answer.partial("c.trip.text")), (&json!("a"), &json!("c")));
    assert_eq!((answer.partial("b"), answer.codes().len()), (&Value::Null, 1));
    let answer =
        server.anonymous().query("{ trips(order: [text_ASC]) { edges { node { text } } } }", Value::Null).await;
    assert_eq!(answer.each("trips", "text"), ["a", "c"]);
}

async fn an_object_that_is_deleted_while_others_update_it_stays_deleted(database: &Database) {
    let server = scene(database).await;
    let trip = server.anonymous().create("Trip", json!({"text": "x"})).await;
    let caller = server.anonymous();
    let delete = "mutation ($id: ID!) { deleteTrip(input: { id: $id }) { trip { objectId } } }";
    let update = || caller.query(UPDATE, json!({"id": trip, "fields": {"text": "y"}}));
    let (updates, deleted) =
        tokio::join!(futures::future::join_all((0..10).map(|_| update())), caller.query(delete, json!({"id": trip})));
    deleted.ok();
    assert!(updates.iter().all(|answer| answer.codes().is_empty() || answer.code() == 101));
    assert_eq!(count(&server, "trips").await, 0);
    assert_eq!(caller.query(delete, json!({"id": trip})).await.code(), 101);
}
