//! No condition sees an object that the caller cannot read, whichever way leads to it.

use serde_json::{Value, json};

use crate::harness::{Client, Database, Server, on_both_databases};

on_both_databases![
    a_relation_with_hidden_objects_is_like_an_empty_one,
    a_relation_into_a_closed_class_cannot_be_asked,
    no_condition_sees_an_element_that_leads_to_a_hidden_object,
    an_element_of_a_closed_class_cannot_be_asked,
    a_key_that_leads_to_a_hidden_object_is_no_value,
    a_condition_on_a_protected_array_is_refused_whatever_it_asks,
];

const FIND: &str = "query ($where: TripWhereInput) {
    trips(where: $where, order: [text_ASC]) { count edges { node { text } } }
}";

fn private() -> Value {
    json!({"public": {"read": false, "write": false}})
}

/// Finds trips by a condition, and counts as many.
async fn found(caller: &Client, condition: &Value) -> Vec<Value> {
    let answer = caller.query(FIND, json!({"where": condition})).await;
    let texts = answer.each("trips", "text");
    assert_eq!(answer.data("trips.count"), texts.len(), "{condition}");
    texts
}

async fn a_relation_with_hidden_objects_is_like_an_empty_one(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("via", "Relation:City")]).await;
    let master = server.master();
    let seen = master.create("City", json!({"name": "Berlin"})).await;
    let hidden = master.create("City", json!({"name": "Rome", "ACL": private()})).await;
    let gone = master.create("City", json!({"name": "Troy"})).await;
    for (text, via) in
        [("both", vec![&seen, &hidden]), ("gone", vec![&gone]), ("hidden", vec![&hidden]), ("seen", vec![&seen])]
    {
        master.create("Trip", json!({"text": text, "via": {"add": via}})).await;
    }
    master.create("Trip", json!({"text": "without"})).await;
    let delete = "mutation ($id: ID!) { deleteCity(input: { id: $id }) { city { id } } }";
    master.query(delete, json!({"id": gone})).await.ok();

    for (caller, with) in [(server.anonymous(), vec!["both", "seen"]), (master, vec!["both", "hidden", "seen"])] {
        let all = ["both", "gone", "hidden", "seen", "without"];
        let without: Vec<_> = all.into_iter().filter(|text| !with.contains(text)).collect();
        assert_eq!(found(&caller, &json!({"via": {"exists": true}})).await, with);
        assert_eq!(found(&caller, &json!({"via": {"have": {}}})).await, with);
        assert_eq!(found(&caller, &json!({"via": {"exists": false}})).await, without);
        assert_eq!(found(&caller, &json!({"NOR": [{"via": {"exists": true}}]})).await, without);
    }
}

async fn a_relation_into_a_closed_class_cannot_be_asked(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("via", "Relation:City")]).await;
    server.set_permissions("City", json!({"get": {"public": true}})).await;
    for condition in [json!({"exists": true}), json!({"exists": false}), json!({"have": {}})] {
        let answer = server.anonymous().query(FIND, json!({"where": {"via": condition}})).await;
        assert_eq!(answer.code(), 119, "{condition}: {}", answer.body);
    }
}

/// A pointer as an element of an array.
fn pointer(class: &str, id: &str) -> Value {
    json!({"__type": "Pointer", "className": class, "objectId": id})
}

async fn no_condition_sees_an_element_that_leads_to_a_hidden_object(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("stops", "Array")]).await;
    let master = server.master();
    let city = async |fields: Value| {
        let create = "mutation ($fields: CreateCityFieldsInput) {
            createCity(input: { fields: $fields }) { city { objectId } }
        }";
        let answer = master.query(create, json!({"fields": fields})).await;
        pointer("City", &answer.text("createCity.city.objectId"))
    };
    let (seen, hidden) = (city(json!({})).await, city(json!({"ACL": private()})).await);
    let (nothing, unknown) = (pointer("City", "nothing"), pointer("Town", "nothing"));
    for (text, stops) in [
        ("both", json!([seen, hidden, 1])),
        ("empty", json!([])),
        ("hidden", json!([hidden])),
        ("nested", json!([[hidden]])),
        ("nothing", json!([nothing, unknown])),
        ("plain", json!([1, "x"])),
        ("seen", json!([seen])),
    ] {
        master.create("Trip", json!({"text": text, "stops": stops})).await;
    }
    for (condition, anonymous, with_key) in [
        (json!({"contains": [hidden]}), vec![], vec!["both", "hidden"]),
        (json!({"contains": [seen]}), vec!["both", "seen"], vec!["both", "seen"]),
        (json!({"contains": [seen, hidden]}), vec![], vec!["both"]),
        (json!({"contains": [seen, 1]}), vec!["both"], vec!["both"]),
        (json!({"contains": [nothing]}), vec![], vec![]),
        (json!({"contains": [unknown]}), vec![], vec![]),
        (json!({"in": [hidden]}), vec![], vec!["both", "hidden"]),
        (json!({"in": [hidden, 1]}), vec!["both", "plain"], vec!["both", "hidden", "plain"]),
        (json!({"in": [hidden, seen, unknown]}), vec!["both", "seen"], vec!["both", "hidden", "seen"]),
        (json!({"in": [[hidden]]}), vec!["nested"], vec!["nested"]),
        (
            json!({"notIn": [hidden, seen]}),
            vec!["empty", "hidden", "nested", "nothing", "plain"],
            vec!["empty", "nested", "nothing", "plain"],
        ),
        (json!({"equalTo": hidden}), vec![], vec!["both", "hidden"]),
        (json!({"equalTo": [hidden]}), vec![], vec!["hidden"]),
        (json!({"equalTo": [seen]}), vec!["seen"], vec!["seen"]),
        (
            json!({"notEqualTo": [hidden], "in": [hidden, 1, seen]}),
            vec!["both", "plain", "seen"],
            vec!["both", "plain", "seen"],
        ),
        (json!({"containedBy": [hidden, 1]}), vec!["empty"], vec!["empty", "hidden"]),
        (json!({"containedBy": [seen, hidden, 1]}), vec!["empty", "seen"], vec!["both", "empty", "hidden", "seen"]),
        (json!({"containedBy": [nothing, unknown]}), vec!["empty"], vec!["empty"]),
    ] {
        let condition = json!({"stops": condition});
        assert_eq!(found(&server.anonymous(), &condition).await, anonymous, "{condition}, anonymous");
        assert_eq!(found(&master, &condition).await, with_key, "{condition}, master");
    }
}

async fn an_element_of_a_closed_class_cannot_be_asked(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Trip", &[("text", "String"), ("stops", "Array")]).await;
    server.set_permissions("City", json!({"find": {"public": true}})).await;
    let pointer = |class: &str| json!({"__type": "Pointer", "className": class, "objectId": "any"});
    for (element, code) in [(pointer("City"), 119), (pointer("_Session"), 209)] {
        for condition in
            [json!({"contains": [element]}), json!({"notIn": [element]}), json!({"containedBy": [element]})]
        {
            let answer = server.anonymous().query(FIND, json!({"where": {"stops": condition}})).await;
            assert_eq!(answer.code(), code, "{condition}: {}", answer.body);
        }
    }
    assert_eq!(found(&server.anonymous(), &json!({"stops": {"contains": [1]}})).await, Vec::<Value>::new());
}

async fn a_key_that_leads_to_a_hidden_object_is_no_value(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("City", &[("name", "String")]).await;
    server.create_class("Visit", &[("city", "Pointer:City")]).await;
    server.create_class("Trip", &[("text", "String"), ("stops", "Array")]).await;
    let master = server.master();
    let create = "mutation ($acl: ACLInput) {
        createCity(input: { fields: { ACL: $acl } }) { city { objectId } }
    }";
    let id = async |acl: Value| master.query(create, json!({"acl": acl})).await.text("createCity.city.objectId");
    let open = json!({"public": {"read": true, "write": true}});
    for (text, id) in [("hidden", id(private()).await), ("seen", id(open).await)] {
        master.create("Visit", json!({"city": {"link": id}})).await;
        let stop = json!({"__type": "Pointer", "className": "City", "objectId": id});
        master.create("Trip", json!({"text": text, "stops": [stop]})).await;
    }
    let visited = json!({"stops": {"inQueryKey": {"query": {"className": "Visit", "where": {}}, "key": "city"}}});
    assert_eq!(found(&server.anonymous(), &visited).await, ["seen"]);
    assert_eq!(found(&master, &visited).await, ["hidden", "seen"]);
}

async fn a_condition_on_a_protected_array_is_refused_whatever_it_asks(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Trip", &[("text", "String"), ("stops", "Array")]).await;
    let everybody = json!({"public": true});
    let hiding =
        json!({"find": everybody, "count": everybody, "protectedFields": [{"public": true, "fields": ["stops"]}]});
    server.set_permissions("Trip", hiding).await;
    let unknown = pointer("Town", "any");
    for operand in [json!([]), json!([null]), json!([1]), json!([unknown]), json!([1, unknown])] {
        for operator in ["in", "notIn", "contains", "containedBy", "equalTo", "notEqualTo"] {
            let condition = json!({"stops": {operator: operand}});
            let answer = server.anonymous().query(FIND, json!({"where": condition})).await;
            assert_eq!(answer.code(), 119, "{condition}: {}", answer.body);
        }
    }
}
