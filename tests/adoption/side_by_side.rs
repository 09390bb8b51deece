//! A real Parse Server and Portcullis on one database see what the other does.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::dump::{execute, on_a_parse_database, program, text};
use super::harness::{Answer, Client, Database, Options, Server};
use super::parse::{As, ParseServer};

/// How soon a change of a class is in force on the other server. A second is what is promised; machines of tests are slow.
const SOON: Duration = Duration::from_millis(2500);

/// Asks until the answer is as wanted.
async fn soon<T: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> T, is_wanted: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if is_wanted(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < SOON, "not in time: {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A Portcullis that writes what a Parse Server can read.
fn readable(database: &Database) -> Options {
    Server::options(database).flag("--readable-session-tokens", "true")
}

async fn log_in(client: &Client, name: &str, password: &str) -> String {
    let text = "mutation ($name: String!, $password: String!) {
        logIn(input: { username: $name, password: $password }) { viewer { sessionToken } }
    }";
    client.query(text, json!({"name": name, "password": password})).await.text("logIn.viewer.sessionToken")
}

#[tokio::test]
async fn both_see_what_the_other_does() {
    on_a_parse_database(async |database| {
        let Some(parse) = ParseServer::start(database).await else { return };
        let server = readable(database).start().await;
        users_and_sessions(&server, &parse).await;
        classes_of_parse(&server, &parse).await;
        classes_of_portcullis(&server, &parse).await;
        lists_and_roles(&server, &parse).await;
        pointers_and_relations(&server, &parse).await;
        adopted(database, &server, &parse).await;
    })
    .await;
}

async fn users_and_sessions(server: &Server, parse: &ParseServer) {
    let viewer = "{ viewer { user { username } } }";
    let at_parse =
        parse.ok(As::Nobody, Method::POST, "/login", json!({"username": "alex", "password": "alex-secret-1"})).await;
    let token = at_parse["sessionToken"].as_str().unwrap();
    assert_eq!(server.session(token).query(viewer, Value::Null).await.text("viewer.user.username"), "alex");

    let token = log_in(&server.anonymous(), "erin", "erin-secret-1").await;
    assert_eq!(parse.get(As::Session(&token), "/users/me").await.body["username"], "erin");

    let fields = json!({"username": "nina", "password": "nina-secret"});
    let signed_up = parse.ok(As::Nobody, Method::POST, "/users", fields).await;
    let token = signed_up["sessionToken"].as_str().unwrap();
    assert_eq!(server.session(token).query(viewer, Value::Null).await.text("viewer.user.username"), "nina");
    log_in(&server.anonymous(), "nina", "nina-secret").await;

    let oscar = server.sign_up("oscar").await;
    assert_eq!(parse.get(As::Session(&oscar.token), "/users/me").await.body["username"], "oscar");
    // Who logs out of one is logged out of the other.
    parse.ok(As::Session(&oscar.token), Method::POST, "/logout", json!({})).await;
    assert_eq!(server.user(&oscar).query(viewer, Value::Null).await.code(), 209);
    let again = parse.send(As::Nobody, Method::POST, "/users", json!({"username": "oscar", "password": "x"})).await;
    assert_eq!(again.body["code"], 202);
}

async fn classes_of_parse(server: &Server, parse: &ParseServer) {
    let open = json!({"find": {"*": true}, "count": {"*": true}, "get": {"*": true}, "create": {"*": true}, "update": {"*": true}, "delete": {"*": true}, "addField": {}});
    let class = json!({"className": "Note", "fields": {"text": {"type": "String"}}, "classLevelPermissions": open});
    parse.ok(As::Master, Method::POST, "/schemas/Note", class).await;
    let create = r#"mutation { createNote(input: {fields: {text: "from Portcullis"}}) { note { objectId } } }"#;
    let made =
        soon(async || server.anonymous().query(create, Value::Null).await, |answer| answer.codes().is_empty()).await;
    let id = made.text("createNote.note.objectId");
    assert_eq!(parse.get(As::Nobody, &format!("/classes/Note/{id}")).await.body["text"], "from Portcullis");
    parse.create(As::Nobody, "Note", json!({"text": "from Parse"})).await;
    let notes = "{ notes(order: [createdAt_ASC]) { count edges { node { text } } } }";
    let seen = server.anonymous().query(notes, Value::Null).await;
    assert_eq!(seen.each("notes", "text"), ["from Portcullis", "from Parse"]);

    let field = json!({"className": "Note", "fields": {"stars": {"type": "Number"}}});
    parse.ok(As::Master, Method::PUT, "/schemas/Note", field).await;
    let update =
        format!(r#"mutation {{ updateNote(input: {{id: "{id}", fields: {{stars: 5}}}}) {{ note {{ stars }} }} }}"#);
    soon(async || server.anonymous().query(&update, Value::Null).await, |answer| answer.codes().is_empty()).await;
    assert_eq!(parse.get(As::Nobody, &format!("/classes/Note/{id}")).await.body["stars"], 5);

    let closed = json!({"className": "Note", "classLevelPermissions": {"find": {}, "count": {}, "get": {}, "create": {}, "update": {}, "delete": {}, "addField": {}}});
    parse.ok(As::Master, Method::PUT, "/schemas/Note", closed).await;
    let refused =
        soon(async || server.anonymous().query(notes, Value::Null).await, |answer| !answer.codes().is_empty()).await;
    assert_eq!(refused.code(), 119);

    parse.ok(As::Master, Method::DELETE, "/purge/Note", Value::Null).await;
    parse.ok(As::Master, Method::DELETE, "/schemas/Note", Value::Null).await;
    let unknown = |answer: &Answer| answer.codes() == ["GRAPHQL_VALIDATION_FAILED"];
    soon(async || server.master().query(notes, Value::Null).await, unknown).await;
}

async fn classes_of_portcullis(server: &Server, parse: &ParseServer) {
    server.create_class("Memo", &[("text", "String")]).await;
    let fields = json!({"text": "from Parse"});
    let made = soon(
        async || parse.send(As::Nobody, Method::POST, "/classes/Memo", fields.clone()).await,
        |reply| reply.status == 201,
    )
    .await;
    let id = made.body["objectId"].as_str().unwrap();
    let memos = server.anonymous().query("{ memos { edges { node { objectId text } } } }", Value::Null).await;
    assert_eq!(memos.data("memos.edges.0.node"), &json!({"objectId": id, "text": "from Parse"}));

    let add = r#"mutation { updateClass(input: {name: "Memo", schemaFields: {addNumbers: [{name: "stars"}]}}) { class { name } } }"#;
    server.master().query(add, Value::Null).await.ok();
    let has_field = |reply: &super::parse::Reply| reply.body["fields"]["stars"]["type"] == "Number";
    soon(async || parse.get(As::Master, "/schemas/Memo").await, has_field).await;
    parse.ok(As::Nobody, Method::PUT, &format!("/classes/Memo/{id}"), json!({"stars": 3})).await;
    let stars = server.anonymous().query("{ memos(where: {stars: {equalTo: 3}}) { count } }", Value::Null).await;
    assert_eq!(stars.data("memos.count"), 1);

    server.set_permissions("Memo", json!({"find": {"roles": ["Admin"]}})).await;
    soon(async || parse.get(As::Nobody, "/classes/Memo").await, |reply| reply.body["code"] == 119).await;
    assert_eq!(server.anonymous().query("{ memos { count } }", Value::Null).await.code(), 119);

    parse.ok(As::Master, Method::DELETE, "/purge/Memo", Value::Null).await;
    let delete = r#"mutation { deleteClass(input: {name: "Memo"}) { class { name } } }"#;
    server.master().query(delete, Value::Null).await.ok();
    soon(async || parse.get(As::Master, "/schemas/Memo").await, |reply| reply.body["code"] == 103).await;
}

async fn lists_and_roles(server: &Server, parse: &ParseServer) {
    let mia = server.sign_up("mia").await;
    let noah = server.sign_up("noah").await;
    let users = |id: &str, write| json!([{"userId": id, "read": true, "write": write}]);

    // A row of Portcullis for one user, and the other way round.
    let own = json!({"title": "A", "ACL": {"users": users(&mia.object_id, true)}});
    server.user(&mia).create("Announcement", own).await;
    let find = |title: &str| format!(r#"/classes/Announcement?where={{"title":"{title}"}}"#);
    let count = async |token: &str, title: &str| {
        parse.get(As::Session(token), &find(title)).await.body["results"].as_array().unwrap().len()
    };
    assert_eq!((count(&mia.token, "A").await, count(&noah.token, "A").await), (1, 0));
    let list = json!({ &mia.object_id: {"read": true} });
    parse.create(As::Session(&mia.token), "Announcement", json!({"title": "B", "ACL": list})).await;
    let seen = async |client: Client, title: &str| {
        let text = format!(r#"{{ announcements(where: {{title: {{equalTo: "{title}"}}}}) {{ count }} }}"#);
        client.query(&text, Value::Null).await.data("announcements.count").clone()
    };
    assert_eq!((seen(server.user(&mia), "B").await, seen(server.user(&noah), "B").await), (json!(1), json!(0)));

    // A role of Portcullis opens rows at Parse Server, and a role of Parse Server opens rows here, until its member goes.
    server.create_role("Editors", &[&mia], &[]).await;
    let of_role = json!({"title": "C", "ACL": {"roles": [{"roleName": "Editors", "read": true, "write": true}]}});
    server.master().create("Announcement", of_role).await;
    let lea = server.sign_up("lea").await;
    assert_eq!(count(&lea.token, "C").await, 0);
    let reader = json!({"__type": "Pointer", "className": "_User", "objectId": lea.object_id});
    let role =
        json!({"name": "Readers", "ACL": {"*": {"read": true}}, "users": {"__op": "AddRelation", "objects": [reader]}});
    let made = parse.ok(As::Master, Method::POST, "/roles", role).await;
    let id = made["objectId"].as_str().unwrap();
    parse.create(As::Master, "Announcement", json!({"title": "D", "ACL": {"role:Readers": {"read": true}}})).await;
    assert_eq!((seen(server.user(&lea), "D").await, seen(server.user(&mia), "D").await), (json!(1), json!(0)));
    let remove = json!({"users": {"__op": "RemoveRelation", "objects": [reader]}});
    parse.ok(As::Master, Method::PUT, &format!("/roles/{id}"), remove).await;
    soon(async || seen(server.user(&lea), "D").await, |seen| *seen == 0).await;
    // Parse Server keeps the roles of a user for some seconds: this one has not asked before.
    let zoe = server.sign_up("zoe").await;
    let join = r"mutation ($id: ID!, $user: ID!) { updateRole(input: {id: $id, fields: {users: {add: [$user]}}}) { role { name } } }";
    let editors = server
        .master()
        .query(r#"{ roles(where: {name: {equalTo: "Editors"}}) { edges { node { id } } } }"#, Value::Null)
        .await;
    let variables = json!({"id": editors.text("roles.edges.0.node.id"), "user": zoe.id});
    server.master().query(join, variables).await.ok();
    assert_eq!(count(&zoe.token, "C").await, 1);
}

async fn pointers_and_relations(server: &Server, parse: &ParseServer) {
    let link = r#"mutation { createTrip(input: {fields: {
        notes: "linked", from: {link: "ASnKdIbDnW"}, sharedWith: {add: ["XB6jWnBrLp"]}, ACL: {public: {read: true, write: true}}
    }}) { trip { objectId } } }"#;
    let id = server.master().query(link, Value::Null).await.text("createTrip.trip.objectId");
    let trip = parse.get(As::Master, &format!("/classes/Trip/{id}?include=from")).await.body;
    assert_eq!((&trip["from"]["name"], &trip["notes"]), (&json!("Porto"), &json!("linked")));
    let related = format!(
        r#"/users?where={{"$relatedTo":{{"object":{{"__type":"Pointer","className":"Trip","objectId":"{id}"}},"key":"sharedWith"}}}}"#
    );
    assert_eq!(parse.get(As::Master, &related).await.body["results"][0]["username"], "erin");

    let pointer = |class: &str, id: &str| json!({"__type": "Pointer", "className": class, "objectId": id});
    let change = json!({
        "to": pointer("City", "dX8k9lWFSl"),
        "sharedWith": {"__op": "AddRelation", "objects": [pointer("_User", "FPHZ56w7Hl")]},
        "stops": {"__op": "Add", "objects": [{"__type": "GeoPoint", "latitude": 1, "longitude": 2}]},
    });
    parse.ok(As::Master, Method::PUT, &format!("/classes/Trip/{id}"), change).await;
    let query = format!(
        r#"{{ trip(id: "{id}") {{ to {{ name }} sharedWith(order: [username_ASC]) {{ edges {{ node {{ username }} }} }} }} }}"#
    );
    let seen = server.master().query(&query, Value::Null).await;
    let both = json!({"edges": [{"node": {"username": "erin"}}, {"node": {"username": "faisal"}}]});
    assert_eq!(seen.data("trip"), &json!({"to": {"name": "Lisbon"}, "sharedWith": both}));
}

/// An adoption while both run disturbs neither.
async fn adopted(database: &Database, server: &Server, parse: &ParseServer) {
    let finished = program(database).finish("adopt").await;
    assert!(finished.status.success(), "{finished:?}");
    let title = "/classes/Announcement?where={\"title\":\"News 0\"}";
    assert_eq!(parse.get(As::Nobody, title).await.body["results"].as_array().unwrap().len(), 1);
    parse.create(As::Nobody, "Announcement", json!({"title": "after"})).await;
    let after = r#"{ announcements(where: {title: {equalTo: "after"}}) { count } }"#;
    assert_eq!(server.anonymous().query(after, Value::Null).await.data("announcements.count"), 1);
    parse
        .ok(
            As::Master,
            Method::PUT,
            "/schemas/Trip",
            json!({"className": "Trip", "fields": {"seats": {"type": "Number"}}}),
        )
        .await;
    parse
        .ok(
            As::Master,
            Method::PUT,
            "/schemas/Trip",
            json!({"className": "Trip", "fields": {"seats": {"__op": "Delete"}}}),
        )
        .await;
}

#[tokio::test]
async fn parse_starts_on_a_database_that_portcullis_made() {
    Database::on_postgres(async |database| {
        let server = readable(database).start().await;
        server.create_class("Note", &[("text", "String"), ("owner", "Pointer:_User"), ("likes", "Relation:_User")]).await;
        let ada = server.sign_up("ada").await;
        server.user(&ada).create("Note", json!({"text": "first"})).await;
        let Some(parse) = ParseServer::start(database).await else { return };

        assert_eq!(parse.get(As::Session(&ada.token), "/users/me").await.body["username"], "ada");
        assert_eq!(parse.get(As::Nobody, "/classes/Note").await.body["results"][0]["text"], "first");
        let fields = json!({"username": "bob", "password": "bob-secret"});
        let bob = parse.ok(As::Nobody, Method::POST, "/users", fields).await;
        let token = bob["sessionToken"].as_str().unwrap();
        let owner = json!({"__type": "Pointer", "className": "_User", "objectId": bob["objectId"]});
        let likes = json!({"__op": "AddRelation", "objects": [owner]});
        parse.create(As::Session(token), "Note", json!({"text": "second", "owner": owner, "likes": likes})).await;
        let notes = r#"{ notes(where: {likes: {have: {username: {equalTo: "bob"}}}}) { edges { node { text owner { username } } } } }"#;
        let seen = server.session(token).query(notes, Value::Null).await;
        assert_eq!(seen.data("notes.edges.0.node"), &json!({"text": "second", "owner": {"username": "bob"}}));

        // Both start again on what the other has made of it.
        drop(parse);
        let server = server.restart().await;
        let parse = ParseServer::start(database).await.unwrap();
        assert_eq!(server.session(token).query(notes, Value::Null).await.each("notes", "text"), ["second"]);
        assert_eq!(parse.get(As::Session(token), "/classes/Note").await.body["results"].as_array().unwrap().len(), 2);
        let trigger = "SELECT count(*)::text FROM pg_trigger WHERE tgname = 'portcullis_classes_changed'";
        assert_eq!(text(database, trigger).await, "1");
        execute(database, r#"DELETE FROM "Note""#).await;
    })
    .await;
}
