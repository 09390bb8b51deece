//! Equal data on each database, and the schema that describes it.

use std::time::Duration;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use serde_json::{Value as Json, json};

use crate::case::Caller;
use crate::names::{Kind, Names};
use crate::server::Server;

/// The servers, the schema that they have in common, and the names that they have for things.
pub(crate) struct World {
    pub(crate) servers: Vec<Server>,
    pub(crate) names: Names,
    pub(crate) sdl: String,
    pub(crate) schema: Valid<Schema>,
}

/// The user whose session the callers have.
pub(crate) const USER: &str = "ann";
pub(crate) const PASSWORD: &str = "secret";

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: {fields: $fields}) { viewer { sessionToken user { id objectId } } } }";
const CREATE_ROLE: &str = "mutation ($fields: CreateRoleFieldsInput!) {
    createRole(input: {fields: $fields}) { role { id objectId } } }";
const CREATE_CLASS: &str = "mutation ($input: CreateClassInput!) { createClass(input: $input) { class { name } } }";
const CREATE_THING: &str = "mutation ($fields: CreateThingFieldsInput) {
    createThing(input: {fields: $fields}) { thing { id objectId } } }";
const CREATE_OTHER: &str = "mutation ($fields: CreateOtherFieldsInput) {
    createOther(input: {fields: $fields}) { other { id objectId } } }";

impl World {
    pub(crate) async fn new(servers: Vec<Server>) -> Self {
        let mut scene = Scene { servers, names: Names::default() };
        for name in [USER, "bob"] {
            let fields = json!({"username": name, "password": PASSWORD, "email": format!("{name}@example.org")});
            let made = scene.set(Caller::Anonymous, SIGN_UP, json!({"fields": fields})).await;
            for (server, made) in scene.servers.iter_mut().zip(&made).filter(|(server, _)| server.token.is_empty()) {
                server.token = made.pointer("/signUp/viewer/sessionToken").unwrap().as_str().unwrap().to_owned();
            }
        }
        for input in classes() {
            scene.set(Caller::Master, CREATE_CLASS, json!({"input": input})).await;
        }
        let users = scene.names.of(|kind| *kind == Kind::Global("_User".to_owned()));
        let fields =
            json!({"name": "crew", "users": {"add": users[..1]}, "ACL": {"public": {"read": true, "write": false}}});
        scene.set(Caller::Master, CREATE_ROLE, json!({"fields": fields})).await;
        for number in 0..8 {
            scene.set(Caller::Master, CREATE_OTHER, json!({"fields": other(number)})).await;
        }
        let others = scene.names.of(|kind| *kind == Kind::Global("Other".to_owned()));
        for number in 0..12 {
            let fields = thing(number, &others);
            scene.set(Caller::Master, CREATE_THING, json!({"fields": fields})).await;
        }
        let Scene { servers, names } = scene;
        let sdl = servers[0].sdl();
        let schema = Schema::parse_and_validate(sdl.clone(), "schema.graphql").expect("the schema is valid");
        Self { servers, names, sdl, schema }
    }

    /// Takes the schema as it is now. An error if the databases have come to differ, or it is none.
    pub(crate) fn refresh(&mut self) -> Result<(), String> {
        let all: Vec<String> = self.servers.iter().map(Server::sdl).collect();
        if let Some(other) = all.iter().find(|sdl| **sdl != all[0]) {
            let differ = all[0].lines().zip(other.lines()).find(|(one, other)| one != other);
            return Err(format!("the schemas differ: {differ:?}"));
        }
        if all[0] != self.sdl {
            let schema = Schema::parse_and_validate(all[0].clone(), "schema.graphql");
            self.schema = schema.map_err(|error| format!("the schema is not valid: {}", error.errors))?;
            self.sdl.clone_from(&all[0]);
        }
        Ok(())
    }
}

/// A world while it is being made.
struct Scene {
    servers: Vec<Server>,
    names: Names,
}

impl Scene {
    /// Does the same on all databases, and learns the names of what was made.
    async fn set(&mut self, caller: Caller, text: &str, variables: Json) -> Vec<Json> {
        // No two things are of one millisecond, so that their order is the same everywhere.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut made = Vec::new();
        for (database, server) in self.servers.iter().enumerate() {
            made.push(server.must(caller, text, self.names.json(&variables, database)).await);
        }
        self.names.learn_all(&made, |_| true);
        made
    }
}

fn classes() -> [Json; 3] {
    let plain = |name: &str| json!({"name": name});
    let to = |name: &str, class: &str| json!({"name": name, "targetClassName": class});
    [
        json!({"name": "Other", "schemaFields": {
            "addStrings": [plain("text"), {"name": "given", "defaultValue": "x"}],
            "addNumbers": [plain("number")],
            "addArrays": [plain("array")],
            "addPointers": [to("owner", "_User")],
        }}),
        json!({"name": "Thing", "schemaFields": {
            "addStrings": [plain("text"), plain("more")],
            "addNumbers": [plain("number"), {"name": "count", "defaultValue": 1}],
            "addBooleans": [plain("flag")],
            "addDates": [plain("date")],
            "addObjects": [plain("object")],
            "addArrays": [plain("array")],
            "addBytes": [plain("bytes")],
            "addFiles": [plain("file")],
            "addGeoPoint": plain("place"),
            "addPolygons": [plain("area")],
            "addPointers": [to("link", "Other"), to("owner", "_User"), to("next", "Thing")],
            "addRelations": [to("many", "Other"), to("users", "_User"), to("parts", "Thing")],
            "addIndexes": [{"name": "by_number", "keys": [{"field": "number"}, {"field": "text"}]}],
        }}),
        json!({"name": "empty_class", "schemaFields": {
            "addStrings": [{"name": "must", "required": true, "defaultValue": "x"}],
            "addPointers": [to("thing", "Thing")]}}),
    ]
}

fn other(number: usize) -> Json {
    let texts = ["", "a", "The quick brown fox", "Ünï \u{1F600}", "100%_", "a\\b", "'\"", "zz"];
    json!({
        "text": texts[number % texts.len()],
        "number": number % 3,
        "array": [number, "a", {"b": [null]}],
    })
}

fn thing(number: usize, others: &[String]) -> Json {
    let texts = ["", "a", "foxes running", "Straße", "100%_", "a\\b", "'\"", "\u{FFFF}", "line\nline", "A"];
    let numbers = [json!(0), json!(-0.0), json!(1.5), json!(1e308), json!(-7), json!(9_007_199_254_740_993_i64)];
    if number == 11 {
        return json!({});
    }
    json!({
        "text": texts[number % texts.len()],
        "number": numbers[number % numbers.len()],
        "flag": (!number.is_multiple_of(3)).then_some(number.is_multiple_of(2)),
        "date": format!("20{number:02}-02-28T23:59:59.{number:03}Z"),
        "object": {"a": number, "b": {"c": [1, "x", null]}, "key with space": "v", "n": null},
        "array": [number, "a", null, [1], {"k": "v"}, true],
        "bytes": "AAECAw==",
        "file": number.is_multiple_of(2).then(|| json!({"file": {"__type": "File", "name": "a.txt"}})),
        "place": {"latitude": number * 8, "longitude": number * 15 },
        "area": [{"latitude": 0, "longitude": 0}, {"latitude": 0, "longitude": number + 1}, {"latitude": 1, "longitude": 1}],
        "link": number.is_multiple_of(2).then(|| json!({"link": others[number % others.len()]})),
        "many": {"add": [others[number % others.len()], others[number / 2]]},
    })
}
