//! What somebody should look at before the move.

use serde_json::Value as Json;

use super::counts::Duplicates;
use super::layout::{Layout, StoredClass, Table};
use super::survey::{ClassSurvey, Finding, FindingKind, Users};
use super::wanted::{self, FIXED_TABLES};
use crate::class::{FieldType, Operation};

/// Tables that Parse Server makes for features that Portcullis does not have.
const OF_PARSE: [&str; 13] = [
    "_Audience",
    "_Export_Progress",
    "_ExportProgress",
    "_GraphQLConfig",
    "_Hooks",
    "_Idempotency",
    "_Installation",
    "_JobSchedule",
    "_JobStatus",
    "_Join:users:_Installation",
    "_Product",
    "_PushStatus",
    "_dummy",
];

/// Tables of Parse Server that are left alone.
pub(super) fn left_alone(layout: &Layout) -> Vec<String> {
    layout.tables.keys().filter(|name| OF_PARSE.contains(&name.as_str())).cloned().collect()
}

/// What the tables and definitions show.
pub(super) fn of_layout(layout: &Layout) -> Vec<Finding> {
    let mut found = Vec::new();
    if layout.encoding != "UTF8" {
        let text = format!("the database is encoded in {}; Portcullis needs UTF8", layout.encoding);
        found.push(finding(FindingKind::Encoding, "database", text));
    }
    for stored in &layout.classes {
        let name = stored.class.name.as_str();
        found.extend(unknown_types(stored));
        found.extend(open_permissions(stored));
        if let Some(table) = layout.tables.get(name) {
            found.extend(columns(stored, table));
        } else {
            let text = "it is defined, and has no table: every request to it fails".to_owned();
            found.push(finding(FindingKind::ClassWithoutTable, name, text));
        }
    }
    found.extend(tables(layout));
    found
}

/// What the numbers of rows show.
pub(super) fn of_class(layout: &Layout, survey: &ClassSurvey) -> Option<Finding> {
    let class = layout.class(&survey.name)?;
    let open = [Operation::Update, Operation::Delete]
        .into_iter()
        .filter(|operation| class.clp.permission(*operation).public)
        .map(Operation::name);
    let open: Vec<_> = open.collect();
    let counts = survey.changeable_by_everybody > 0 && !open.is_empty();
    counts.then(|| {
        let text = format!(
            "anybody, signed in or not, may {} {} of {} rows",
            open.join(" and "),
            survey.changeable_by_everybody,
            survey.rows
        );
        finding(FindingKind::OpenRows, &survey.name, text)
    })
}

/// What the numbers of users show.
pub(super) fn of_users(users: &Users) -> Vec<Finding> {
    let mut found = Vec::new();
    if users.unknown_hash > 0 {
        let text = format!("{} have a password that is neither bcrypt nor Argon2id", users.unknown_hash);
        found.push(finding(FindingKind::UnknownHashes, "users", text));
    }
    for (provider, count) in users.providers.iter().filter(|(provider, _)| *provider != "anonymous") {
        let text = format!("{count} users are known to {provider}, with which Portcullis does not log in");
        found.push(finding(FindingKind::OtherProviders, provider, text));
    }
    found
}

/// What duplicates there are of one kind; `what` names it.
pub(super) fn of_duplicates(kind: FindingKind, what: &str, duplicates: &Duplicates) -> Option<Finding> {
    let examples: Vec<_> = duplicates.examples.iter().map(|ids| ids.join(" = ")).collect();
    (duplicates.groups > 0).then(|| {
        let text = format!(
            "{} {what}; until there are none, nothing keeps new ones out (for example {})",
            duplicates.groups,
            examples.join(", ")
        );
        finding(kind, what, text)
    })
}

fn finding(kind: FindingKind, subject: &str, text: String) -> Finding {
    Finding { kind, subject: subject.to_owned(), text }
}

fn open_permissions(stored: &StoredClass) -> Option<Finding> {
    let class = &stored.class;
    let is_open = |operation: &Operation| class.clp.permission(*operation).public;
    let open: Vec<_> = Operation::ALL.into_iter().filter(is_open).map(Operation::name).collect();
    // Signing up is for everybody, and reading is decided by each row's list.
    let by_nature: &[&str] = match class.name.as_str() {
        "_User" => &["create"],
        "_Session" => &["find", "count", "get", "create", "update", "delete", "addField"],
        _ => &[],
    };
    let open: Vec<_> = open.into_iter().filter(|name| !by_nature.contains(name)).collect();
    (!open.is_empty()).then(|| {
        let why = match stored.json.get("classLevelPermissions") {
            Some(Json::Object(_)) => "its class-level permissions say so",
            _ => "it has no class-level permissions",
        };
        let text = format!("open to everybody for {}: {why}", open.join(", "));
        finding(FindingKind::OpenPermissions, class.name.as_str(), text)
    })
}

fn unknown_types(stored: &StoredClass) -> Vec<Finding> {
    let fields = stored.json.get("fields").and_then(Json::as_object).into_iter().flatten();
    let unknown = fields.filter(|(name, json)| {
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        let known = text("type").and_then(|kind| FieldType::from_name(kind, text("targetClass")));
        !name.starts_with('_') && known.is_none()
    });
    unknown
        .map(|(name, json)| {
            let kind = json.get("type").unwrap_or(&Json::Null);
            let text = format!("the field {name} has the type {kind}, which Portcullis does not know: it is not shown");
            finding(FindingKind::UnknownFieldType, stored.class.name.as_str(), text)
        })
        .collect()
}

fn columns(stored: &StoredClass, table: &Table) -> Vec<Finding> {
    let name = stored.class.name.as_str();
    let wanted = wanted::columns(&stored.class);
    let mut found = Vec::new();
    for (column, kind) in &table.columns {
        match wanted.get(column) {
            Some(wanted) if !is_same_type(wanted, kind) => {
                let text = format!("the column {column} is {kind}, its field needs {wanted}");
                found.push(finding(FindingKind::ColumnOfAnotherType, name, text));
            }
            None if !column.starts_with('_') && stored.json.pointer(&format!("/fields/{column}")).is_none() => {
                let text = format!("the column {column} belongs to no field: it is not shown");
                found.push(finding(FindingKind::ColumnWithoutField, name, text));
            }
            Some(_) | None => {}
        }
    }
    found
}

fn is_same_type(wanted: &str, there: &str) -> bool {
    wanted == there || wanted == "text" && there.starts_with("character varying")
}

fn tables(layout: &Layout) -> Vec<Finding> {
    let joins = wanted::join_tables(layout);
    let mut found = Vec::new();
    for (name, table) in &layout.tables {
        let is_fixed = FIXED_TABLES.contains(&name.as_str());
        let is_class = layout.class(name).is_some();
        let is_join = joins.contains(name);
        if (is_fixed || is_class || is_join) && !table.owned {
            let text = "this role does not own the table: neither indexes nor columns can be added".to_owned();
            found.push(finding(FindingKind::MissingPrivilege, name, text));
        }
        if !is_fixed && !is_class && !is_join && !OF_PARSE.contains(&name.as_str()) {
            let text = "the table belongs to no class: it is left alone".to_owned();
            found.push(finding(FindingKind::TableWithoutClass, name, text));
        }
    }
    found
}
