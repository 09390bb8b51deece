//! What a rule is tried on: a class of its own with two rows, and a holder that leads to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::cast::Cast;
use crate::harness::File;
use crate::rules::{Row, Rule};

/// The rows of one rule, and how to name them in queries.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) title: &'static str,
    pub(crate) row: Row,
    /// `PublicNote`.
    pub(crate) class: String,
    /// `publicNote`.
    pub(crate) get: String,
    /// `publicNotes`.
    pub(crate) find: String,
    /// The class of the holder: `Holder`.
    pub(crate) holder_class: String,
    /// `holder`; its plural has an `s`.
    pub(crate) holder: String,
    /// The field of the holder that points to row b.
    pub(crate) one: String,
    /// The field of the holder that has both rows.
    pub(crate) many: String,
    /// The field of the holder that is an array of pointers to both rows.
    pub(crate) array: String,
    /// Row b, by its global id.
    pub(crate) b: String,
    pub(crate) holder_id: String,
    /// What `friend`, `friends` and `things` lead to: an object that everybody may read.
    pub(crate) thing: Thing,
    /// The name of the file that every row has.
    pub(crate) file: String,
}

/// An object, by its class and its global id, and as a pointer in an array.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) class: String,
    pub(crate) id: String,
    pub(crate) pointer: Value,
}

const CREATE_CLASS: &str = "mutation ($input: CreateClassInput!) { createClass(input: $input) { class { name } } }";

/// Sets up all rules. They share the class of holders, which everybody may read and write.
pub(crate) async fn stage(cast: &Cast<'_>, holder_class: &str, rules: &[Rule]) -> Vec<Scene> {
    let open = crate::rules::all(&json!({"public": true}));
    let things = format!("{holder_class}Thing");
    create_class(cast, &things, json!({"addStrings": [{"name": "text"}]}), &open).await;
    for rule in rules {
        let fields = json!({
            "addStrings": [{"name": "text"}, {"name": "secret"}],
            "addFiles": [{"name": "file"}],
            "addArrays": [{"name": "owners"}, {"name": "things"}],
            "addPointers": [{"name": "owner", "targetClassName": "_User"}, {"name": "friend", "targetClassName": things}],
            "addRelations": [{"name": "friends", "targetClassName": things}],
        });
        create_class(cast, &class_of(rule), fields, &rule.permissions).await;
    }
    let target = |name: String, rule| json!({"name": name, "targetClassName": class_of(rule)});
    let pointers: Vec<Value> = rules.iter().map(|rule| target(format!("one{}", rule.name), rule)).collect();
    let relations: Vec<Value> = rules.iter().map(|rule| target(format!("many{}", rule.name), rule)).collect();
    let arrays: Vec<Value> = rules.iter().map(|rule| json!({"name": format!("array{}", rule.name)})).collect();
    let fields = json!({
        "addStrings": [{"name": "text"}],
        "addArrays": arrays,
        "addPointers": pointers,
        "addRelations": relations,
    });
    create_class(cast, holder_class, fields, &open).await;

    let everybody = json!({"public": {"read": true, "write": true}});
    let id = cast.master.create(&things, json!({"text": "thing", "ACL": everybody})).await;
    let thing = Thing { pointer: pointer(&things, &id), class: things, id };
    let file = File { place: "variables.upload", name: "a.txt", content_type: "text/plain", content: b"content" };
    let (file, _) = cast.master.create_file(&file).await;
    let mut scenes = Vec::new();
    for rule in rules {
        let mut scene = Scene::new(rule, holder_class, &thing, &file);
        let a = scene.create_row(cast, "a").await;
        scene.b = scene.create_row(cast, "b").await;
        let mut holder = Map::new();
        holder.insert("text".to_owned(), json!("b"));
        holder.insert("ACL".to_owned(), everybody.clone());
        holder.insert(scene.one.clone(), json!({"link": scene.b}));
        holder.insert(scene.many.clone(), json!({"add": [a, scene.b]}));
        let pointers = [&a, &scene.b].map(|row| pointer(&scene.class, row));
        holder.insert(scene.array.clone(), json!(pointers));
        scene.holder_id = cast.master.create(holder_class, Value::Object(holder)).await;
        scenes.push(scene);
    }
    scenes
}

async fn create_class(cast: &Cast<'_>, name: &str, fields: Value, permissions: &Value) {
    let input = json!({"name": name, "schemaFields": fields, "classLevelPermissions": permissions});
    cast.must(CREATE_CLASS, json!({"input": input})).await;
}

/// A pointer as an element of an array. Global ids are the base64 of a class and an id.
fn pointer(class: &str, global_id: &str) -> Value {
    let global = String::from_utf8(STANDARD.decode(global_id).unwrap()).unwrap();
    let (_, id) = global.split_once(':').unwrap();
    json!({"__type": "Pointer", "className": class, "objectId": id})
}

fn class_of(rule: &Rule) -> String {
    format!("{}Note", rule.name)
}

impl Scene {
    fn new(rule: &Rule, holder_class: &str, thing: &Thing, file: &str) -> Self {
        let class = class_of(rule);
        let lower = |name: &str| {
            let (first, rest) = name.split_at(1);
            first.to_lowercase() + rest
        };
        Self {
            title: rule.title,
            row: rule.row,
            get: lower(&class),
            find: format!("{}s", lower(&class)),
            holder: lower(holder_class),
            holder_class: holder_class.to_owned(),
            one: format!("one{}", rule.name),
            many: format!("many{}", rule.name),
            array: format!("array{}", rule.name),
            thing: thing.clone(),
            file: file.to_owned(),
            b: String::new(),
            holder_id: String::new(),
            class,
        }
    }

    /// Makes a row of the rule's kind with the master key.
    pub(crate) async fn create_row(&self, cast: &Cast<'_>, text: &str) -> String {
        let pointer = json!({"__type": "Pointer", "className": "_User", "objectId": cast.pointed.object_id});
        let mut fields = json!({
            "text": text,
            "secret": format!("secret {text}"),
            "owner": {"link": cast.pointed.id},
            "owners": [pointer],
            "file": {"file": self.file},
            "friend": {"link": self.thing.id},
            "friends": {"add": [self.thing.id]},
            "things": [self.thing.pointer],
        });
        if let Some(acl) = self.row.acl(cast) {
            fields["ACL"] = acl;
        }
        let id = cast.master.create(&self.class, fields).await;
        if self.row == Row::Missing {
            let class = &self.class;
            let sql = format!(r#"UPDATE "{class}" SET "_rperm" = NULL, "_wperm" = NULL RETURNING "objectId""#);
            assert!(!cast.database.texts(&sql).await.is_empty());
        }
        id
    }

    /// The texts and secrets of the rule's rows, for the master key.
    pub(crate) async fn rows(&self, cast: &Cast<'_>) -> Vec<(Value, Value)> {
        let find = &self.find;
        let query = format!("{{ {find}(order: [text_ASC]) {{ edges {{ node {{ text secret }} }} }} }}");
        let answer = cast.must(&query, Value::Null).await;
        answer.each(find, "text").into_iter().zip(answer.each(find, "secret")).collect()
    }

    /// Removes all rows but a and b, and holders that somebody made, and resets what was changed.
    pub(crate) async fn reset(&self, cast: &Cast<'_>) {
        let Self { class, find, holder, holder_class, one, .. } = self;
        let query = format!(
            "{{ rows: {find}(where: {{ text: {{ notIn: [\"a\", \"b\"] }} }}) {{ edges {{ node {{ id }} }} }}
                holders: {holder}s(where: {{ text: {{ equalTo: \"new {one}\" }} }}) {{ edges {{ node {{ id }} }} }} }}"
        );
        let answer = cast.must(&query, Value::Null).await;
        for (connection, class) in [("rows", class), ("holders", holder_class)] {
            let delete =
                format!("mutation ($id: ID!) {{ delete{class}(input: {{ id: $id }}) {{ clientMutationId }} }}");
            for id in answer.each(connection, "id") {
                cast.must(&delete, json!({"id": id})).await;
            }
        }
        let update = format!(
            "mutation ($id: ID!, $fields: Update{class}FieldsInput) {{
                update{class}(input: {{ id: $id, fields: $fields }}) {{ clientMutationId }} }}"
        );
        cast.must(&update, json!({"id": self.b, "fields": {"secret": "secret b"}})).await;
    }
}
