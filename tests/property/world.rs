//! A world in a database: made by requests of the master, and read back.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::generate::CALLERS;
use crate::model::{Caller, Changes, ClassId, Kind, LinkChange, List, Model, Pick, Question, ROLE, RowId, USER, Write};
use crate::render::{self, Document};
use crate::server::{Reply, Server};

/// Makes the classes, rows and permissions of a model, which learns the ids.
pub(crate) async fn install(server: &mut Server, model: &mut Model) {
    let rows: Vec<RowId> = model.rows.keys().copied().collect();
    for row in rows.iter().filter(|row| row.class == USER) {
        sign_up(server, model, *row).await;
    }
    for class in 0..model.classes.len() {
        if class != ROLE {
            server.master(&class_document(model, class)).await;
        }
    }
    for row in rows.iter().filter(|row| row.class != USER) {
        let made = server.master(&empty_row(model, *row)).await;
        learn(model, *row, &made[model.class(row.class).singular()]);
    }
    for row in rows {
        let update = Write::Update { row, changes: content(model, row) };
        server.master(&render::write(model, &update, &[])).await;
    }
    for class in 0..model.classes.len() {
        server.master(&render::permissions(model, class, &model.class(class).clp)).await;
    }
}

async fn sign_up(server: &mut Server, model: &mut Model, row: RowId) {
    let text = "mutation ($input: SignUpInput!) { signUp(input: $input) { viewer { sessionToken user { objectId createdAt } } } }";
    let name = format!("user{}", row.number);
    let fields = json!({"username": name, "email": format!("{name}@example.org"), "password": "secret"});
    let document = document(text, "signUp", &json!({"input": {"fields": fields}}));
    let Reply::Data(viewer) = server.ask(Caller::Anonymous, &document).await else {
        panic!("nobody can sign up");
    };
    learn(model, row, &viewer["viewer"]["user"]);
    if row.number < CALLERS {
        server.tokens.insert(row, viewer["viewer"]["sessionToken"].as_str().unwrap().to_owned());
    }
}

fn learn(model: &mut Model, row: RowId, made: &Json) {
    let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("no {name} in {made}")).to_owned();
    model.ids.insert(row, text("objectId"));
    model.rows.get_mut(&row).unwrap().created = text("createdAt");
}

/// Makes a class, or gives the class of users its further fields.
fn class_document(model: &Model, class: ClassId) -> Document {
    let own = model.class(class);
    let mut added: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for field in own.fields.iter().filter(|field| !matches!(field.name, "username" | "email")) {
        let target = |target: ClassId| json!({"name": field.name, "targetClassName": model.class(target).name});
        let plain = json!({"name": field.name});
        let (key, field) = match field.kind {
            Kind::Text => ("addStrings", plain),
            Kind::Number => ("addNumbers", plain),
            Kind::Flag => ("addBooleans", plain),
            Kind::Array => ("addArrays", plain),
            Kind::Pointer(class) => ("addPointers", target(class)),
            Kind::Relation(class) => ("addRelations", target(class)),
        };
        added.entry(key).or_default().push(field);
    }
    let verb = if class == USER { "update" } else { "create" };
    let kind = if class == USER { "UpdateClassInput!" } else { "CreateClassInput!" };
    let text = format!("mutation ($input: {kind}) {{ {verb}Class(input: $input) {{ class {{ name }} }} }}");
    document(&text, &format!("{verb}Class"), &json!({"input": {"name": own.name, "schemaFields": added}}))
}

/// A row without anything that needs other rows.
fn empty_row(model: &Model, row: RowId) -> Document {
    let class = model.class(row.class);
    let (name, singular) = (class.type_name(), class.singular());
    let text = format!(
        "mutation ($input: Create{name}Input!) {{ create{name}(input: $input) {{ {singular} {{ objectId createdAt }} }} }}"
    );
    let mut fields = Map::new();
    if row.class == ROLE {
        fields.insert("name".to_owned(), format!("R{}", row.number).into());
        fields.insert("ACL".to_owned(), json!({}));
    }
    document(&text, &format!("create{name}"), &json!({"input": {"fields": fields}}))
}

/// What a row gets once all rows are there.
fn content(model: &Model, row: RowId) -> Changes {
    let content = &model.rows[&row];
    let fixed = |field: &&'static str| matches!(*field, "username" | "email" | "name");
    let values = content.values.iter().filter(|(field, _)| !fixed(field));
    let links = content.links.iter().map(|(field, members)| {
        let add = members.iter().copied().collect();
        (*field, LinkChange { add, ..LinkChange::default() })
    });
    Changes {
        values: values.map(|(field, value)| (*field, value.clone())).collect(),
        acl: Some(content.acl.clone()),
        links: links.collect(),
        made: Vec::new(),
    }
}

/// Finds the ids of rows that have just been made, at most one in each class. False if a row is missing or there are others.
pub(crate) async fn discover(server: &Server, model: &mut Model) -> bool {
    for class in 0..model.classes.len() {
        let new: Vec<RowId> = model.rows_of(class).filter(|row| !model.ids.contains_key(row)).collect();
        if new.is_empty() {
            continue;
        }
        let plural = model.class(class).plural();
        let text = format!("query {{ {plural}(first: 1000) {{ edges {{ node {{ objectId createdAt }} }} }} }}");
        let all = server.master(&document(&text, &plural, &json!({}))).await;
        let known: Vec<&String> = model.ids.values().collect();
        let nodes = all["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone());
        let unknown: Vec<Json> = nodes.filter(|node| !known.iter().any(|id| node["objectId"] == id.as_str())).collect();
        let ([row], [node]) = (new.as_slice(), unknown.as_slice()) else { return false };
        learn(model, *row, node);
    }
    true
}

/// The question for all there is of a class.
pub(crate) fn everything(model: &Model, class: ClassId) -> Question {
    let pick = |field: &crate::model::Field| match field.kind {
        Kind::Text | Kind::Number | Kind::Flag => Pick::Plain(field.name),
        Kind::Array => Pick::Array(field.name),
        Kind::Pointer(_) => Pick::Pointer(field.name, Vec::new()),
        Kind::Relation(_) => Pick::Relation(field.name, List { edges: Some(Vec::new()), ..List::default() }),
    };
    let picks = model.class(class).fields.iter().map(pick).chain([Pick::Acl]).collect();
    let page = crate::model::Page { first: Some(1000), ..crate::model::Page::default() };
    Question::List { class, list: List { edges: Some(picks), count: true, page, ..List::default() } }
}

pub(crate) fn document(text: &str, root: &str, variables: &Json) -> Document {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Document { text: text.to_owned(), variables, root: root.to_owned() }
}
