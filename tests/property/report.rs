//! What is said of a case that failed.

use std::fmt::Write as _;

use crate::model::{Caller, ClassId, Element, Model, Operation, Permission, Principal, Question, RowId, USER, Value};
use crate::render::Document;

/// A document and its variables.
pub(crate) fn document(document: &Document) -> String {
    let variables = serde_json::to_string(&document.variables).unwrap_or_default();
    format!("{}\nvariables: {variables}", document.text)
}

/// Who asked what, and the world as far as it is about it.
pub(crate) fn question(model: &Model, caller: Caller, question: &Question) -> String {
    format!("{question:?}\n\n{}", world(model, caller))
}

/// The world in words.
pub(crate) fn world(model: &Model, caller: Caller) -> String {
    let mut text = String::new();
    let roles = model.seen_by(caller).roles;
    let user = match caller {
        Caller::User(user) => name(model, user),
        Caller::Anonymous | Caller::ReadOnlyMaster | Caller::Master => String::new(),
    };
    let mut line = |line: String| writeln!(text, "{line}").unwrap_or_default();
    line(format!("caller: {caller:?} {user}, roles {roles:?}"));
    for class in 0..model.classes.len() {
        line(format!("\n{}: {}", model.class(class).name, permissions(model, class)));
        for row in model.rows_of(class) {
            line(format!("  {}", describe(model, class, row)));
        }
    }
    text
}

/// The permissions of a class, as far as there is something to say.
fn permissions(model: &Model, class: ClassId) -> String {
    let clp = &model.class(class).clp;
    let mut parts = Vec::new();
    for operation in Operation::ALL {
        let granted = clp.permissions.get(&operation).map_or_else(Vec::new, |permission| grants(model, permission));
        parts.push(format!("{}:{}", operation.name(), granted.join("+")));
    }
    for (title, fields) in [("readUserFields", &clp.read_user_fields), ("writeUserFields", &clp.write_user_fields)] {
        if !fields.is_empty() {
            parts.push(format!("{title}{fields:?}"));
        }
    }
    parts.extend(clp.protected.iter().map(|(group, fields)| format!("protected {group:?}{fields:?}")));
    parts.extend(clp.default_acl.as_ref().map(|acl| format!("{acl:?}")));
    parts.join(" ")
}

fn grants(model: &Model, permission: &Permission) -> Vec<String> {
    let mut grants = Vec::new();
    if permission.public {
        grants.push("*".to_owned());
    }
    if permission.requires_authentication {
        grants.push("signed-in".to_owned());
    }
    grants.extend(permission.users.iter().map(|user| name(model, *user)));
    grants.extend(permission.roles.iter().map(|role| format!("role:{role}")));
    if !permission.pointer_fields.is_empty() {
        grants.push(format!("pointers{:?}", permission.pointer_fields));
    }
    grants
}

fn describe(model: &Model, class: ClassId, row: RowId) -> String {
    let stored = &model.rows[&row];
    let id = model.ids.get(&row).map_or("?", String::as_str);
    let mut parts = vec![format!("{} {id}:", name(model, row))];
    for field in &model.class(class).fields {
        let links: Vec<_> = model.links(row, field.name).into_iter().map(|link| name(model, link)).collect();
        let value = stored.values.get(field.name).filter(|value| **value != Value::Null);
        parts.extend(value.map(|value| format!("{}={}", field.name, value_text(model, value))));
        if !links.is_empty() {
            parts.push(format!("{}={links:?}", field.name));
        }
    }
    let principals = stored.acl.entries().into_iter().map(|(who, rights)| {
        let who = match who {
            Principal::Public => "*".to_owned(),
            Principal::User(user) => name(model, *user),
            Principal::Role(role) => format!("role:{role}"),
        };
        format!("{who} {}{}", if rights.read { "r" } else { "" }, if rights.write { "w" } else { "" })
    });
    parts.push(format!("ACL[{}]", principals.collect::<Vec<_>>().join(", ")));
    parts.join(" ")
}

fn value_text(model: &Model, value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Pointer(row) => name(model, *row),
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| match element {
                Element::User(user) => name(model, *user),
                Element::IdOf(user) => format!("id of {}", name(model, *user)),
                Element::Text(text) => format!("{text:?}"),
            });
            format!("[{}]", elements.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A short name of a row, such as `Apple3`.
fn name(model: &Model, row: RowId) -> String {
    let class = if row.class == USER { "user" } else { model.class(row.class).type_name() };
    let gone = if model.rows.contains_key(&row) { "" } else { " (deleted)" };
    format!("{class}{}{gone}", row.number)
}
