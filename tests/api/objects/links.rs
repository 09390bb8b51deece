//! Links to other objects, and objects that are made with those that link to them.

use serde_json::{Value, json};

use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    a_pointer_needs_one_object,
    objects_made_together_come_in_the_order_in_which_they_were_given,
    objects_of_one_request_come_in_the_order_in_which_they_were_made,
];

const CREATE: &str =
    "mutation ($fields: CreateTripFieldsInput) { createTrip(input: { fields: $fields }) { trip { from { name } } } }";

async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("from", "Pointer:City"), ("via", "Relation:City")]).await;
    server
}

async fn a_pointer_needs_one_object(database: &Database) {
    let server = scene(database).await;
    let city = server.master().create("City", json!({"name": "Berlin"})).await;
    let new = json!({"name": "Rome"});
    for fields in [
        json!({"from": {"link": ""}}),
        json!({"from": {}}),
        json!({"from": {"link": city, "createAndLink": new}}),
        json!({"from": {"link": "", "createAndLink": new}}),
        json!({"from": {"createAndLink": null}}),
        json!({"via": {"add": [""]}}),
        json!({"via": {"add": [city], "remove": [""]}}),
    ] {
        let answer = server.master().query(CREATE, json!({"fields": fields})).await;
        assert_eq!(answer.code(), 106, "{fields}: {}", answer.body);
    }
    let counts = server.master().query("{ trips { count } cities { count } }", Value::Null).await;
    assert_eq!((counts.data("trips.count"), counts.data("cities.count")), (&json!(0), &json!(1)));

    for (from, name) in [
        (json!({"link": city}), json!("Berlin")),
        (json!({"link": city, "createAndLink": null}), json!("Berlin")),
        (json!({"link": null, "createAndLink": new}), json!("Rome")),
        (json!({"link": null}), Value::Null),
        (Value::Null, Value::Null),
    ] {
        let answer = server.master().query(CREATE, json!({"fields": {"from": from}})).await;
        assert_eq!(answer.data("createTrip.trip.from.name"), &name, "{from}");
    }
}

async fn objects_made_together_come_in_the_order_in_which_they_were_given(database: &Database) {
    let server = scene(database).await;
    let names: Vec<_> = (0..20).map(|number| json!({"name": format!("{number:02}")})).collect();
    let expected: Vec<_> = names.iter().map(|city| city["name"].clone()).collect();
    let create = "mutation ($fields: CreateTripFieldsInput) {
        createTrip(input: { fields: $fields }) { trip { via { edges { node { name } } } } }
    }";
    let answer = server.master().query(create, json!({"fields": {"via": {"createAndAdd": names}}})).await;
    assert_eq!(answer.each("createTrip.trip.via", "name"), expected);
    let answer = server.master().query("{ cities { edges { node { name } } } }", Value::Null).await;
    assert_eq!(answer.each("cities", "name"), expected);
}

async fn objects_of_one_request_come_in_the_order_in_which_they_were_made(database: &Database) {
    let server = scene(database).await;
    let made: Vec<_> = (0..10)
        .map(|number| {
            format!("a{number}: createCity(input: {{ fields: {{ name: \"{number}\" }} }}) {{ city {{ id }} }}")
        })
        .collect();
    server.master().query(&format!("mutation {{ {} }}", made.join(" ")), Value::Null).await.ok();
    let answer = server.master().query("{ cities { edges { node { name } } } }", Value::Null).await;
    let expected: Vec<_> = (0..10).map(|number| json!(number.to_string())).collect();
    assert_eq!(answer.each("cities", "name"), expected);
}
