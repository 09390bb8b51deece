//! The rules, once more: a brute-force model written from the reference page, which knows nothing of `guard` and `store`.
//!
//! It keeps every row in memory and looks at each of them for every question. It is meant to be obviously right, and
//! slow. **Invariant:** nothing here names the crate under test.

mod acl;
mod clp;
mod filter;
mod page;
mod protect;
mod question;
mod read;
mod roles;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) use acl::{Acl, DefaultAcl, Principal, Rights};
pub(crate) use clp::{Clp, Gate, Group, Operation, Permission};
pub(crate) use filter::{Filter, Subquery, Test};
pub(crate) use question::{Changes, Cursor, LinkChange, List, Page, Pick, Question, Write};
pub(crate) use read::{Answer, normalise};

/// A class, by its position in the model.
pub(crate) type ClassId = usize;

/// The class of users.
pub(crate) const USER: ClassId = 0;
/// The class of roles.
pub(crate) const ROLE: ClassId = 1;

/// A row, whatever id the database gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowId {
    pub(crate) class: ClassId,
    pub(crate) number: usize,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Flag,
    Pointer(ClassId),
    /// Elements are pointers to users, or texts.
    Array,
    Relation(ClassId),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<Field>,
    pub(crate) clp: Clp,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Number(f64),
    Flag(bool),
    Pointer(RowId),
    Array(Vec<Element>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Element {
    /// A pointer to a user.
    User(RowId),
    /// The id of a user as a text, which gives no rights.
    IdOf(RowId),
    Text(String),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) values: BTreeMap<&'static str, Value>,
    /// The members of the relations, deleted ones included.
    pub(crate) links: BTreeMap<&'static str, BTreeSet<RowId>>,
    pub(crate) acl: Acl,
    /// When the server says that it was made.
    pub(crate) created: String,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    User(RowId),
    ReadOnlyMaster,
    Master,
}

/// The error numbers that a refusal may have. Several may apply, and the page does not say which comes first.
pub(crate) type Faults = BTreeSet<i32>;

pub(crate) const NOT_FOUND: i32 = 101;
pub(crate) const BAD_QUERY: i32 = 102;
pub(crate) const DENIED: i32 = 119;
pub(crate) const USER_DENIED: i32 = 206;

/// A database: its classes, and all their rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) classes: Vec<Class>,
    pub(crate) rows: BTreeMap<RowId, Row>,
    /// The ids that the database gave to rows, deleted ones included.
    pub(crate) ids: BTreeMap<RowId, String>,
}

/// A database as one caller may see it.
#[derive(Debug)]
pub(crate) struct View<'m> {
    pub(crate) model: &'m Model,
    pub(crate) caller: Caller,
    /// All roles that the caller has.
    pub(crate) roles: BTreeSet<String>,
}

impl Model {
    /// The database as a caller may see it now.
    pub(crate) fn seen_by(&self, caller: Caller) -> View<'_> {
        let roles = match caller {
            Caller::User(user) => self.roles_of(user),
            Caller::Anonymous | Caller::ReadOnlyMaster | Caller::Master => BTreeSet::new(),
        };
        View { model: self, caller, roles }
    }

    /// The database as the answer to a change shows it, with the roles that the caller had before: what changes them is in
    /// force for the next request.
    pub(crate) fn shown_after(&self, before: &Self, caller: Caller) -> View<'_> {
        View { model: self, caller, roles: before.seen_by(caller).roles }
    }

    pub(crate) fn class(&self, class: ClassId) -> &Class {
        &self.classes[class]
    }

    /// The rows of a class that exist.
    pub(crate) fn rows_of(&self, class: ClassId) -> impl Iterator<Item = RowId> {
        self.rows.keys().copied().filter(move |row| row.class == class)
    }

    /// The id of a row, which may be deleted.
    pub(crate) fn id(&self, row: RowId) -> &str {
        &self.ids[&row]
    }

    /// The id of a row as it is unique among all classes.
    pub(crate) fn global_id(&self, row: RowId) -> String {
        STANDARD.encode(format!("{}:{}", self.class(row.class).name, self.id(row)))
    }

    /// A number for a new row of a class, which no row ever had.
    pub(crate) fn next(&self, class: ClassId) -> RowId {
        let used = self.ids.keys().chain(self.rows.keys()).filter(|row| row.class == class);
        RowId { class, number: used.map(|row| row.number + 1).max().unwrap_or(0) }
    }

    /// The value of a field, or of one of those that every object has.
    pub(crate) fn value(&self, row: RowId, field: &str) -> Value {
        let stored = &self.rows[&row];
        match field {
            "objectId" => Value::Text(self.id(row).to_owned()),
            "createdAt" => Value::Text(stored.created.clone()),
            _ => stored.values.get(field).cloned().unwrap_or(Value::Null),
        }
    }

    /// The members of a relation, deleted ones included.
    pub(crate) fn links(&self, row: RowId, field: &str) -> BTreeSet<RowId> {
        self.rows[&row].links.get(field).cloned().unwrap_or_default()
    }

    /// The class that a pointer or relation leads to.
    pub(crate) fn target(&self, class: ClassId, field: &str) -> ClassId {
        match self.class(class).kind(field) {
            Kind::Pointer(target) | Kind::Relation(target) => target,
            Kind::Text | Kind::Number | Kind::Flag | Kind::Array => panic!("{field} leads nowhere"),
        }
    }

    /// True if a pointer to this user, or an array with one, is in the field.
    pub(crate) fn points_to_user(&self, row: RowId, field: &str, user: RowId) -> bool {
        match self.value(row, field) {
            Value::Pointer(target) => target == user,
            Value::Array(elements) => elements.contains(&Element::User(user)),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Flag(_) => false,
        }
    }
}

impl Class {
    pub(crate) fn kind(&self, field: &str) -> Kind {
        let known = self.fields.iter().find(|known| known.name == field);
        known.map_or(Kind::Text, |known| known.kind)
    }

    /// The fields whose values can give a user rights to a row.
    pub(crate) fn user_fields(&self) -> Vec<&'static str> {
        let points = |field: &&Field| matches!(field.kind, Kind::Pointer(USER) | Kind::Array);
        self.fields.iter().filter(points).map(|field| field.name).collect()
    }

    /// The name of the GraphQL type.
    pub(crate) fn type_name(&self) -> &'static str {
        self.name.trim_start_matches('_')
    }

    /// The name of the query for one object.
    pub(crate) fn singular(&self) -> String {
        self.type_name().to_lowercase()
    }

    /// The name of the query for many objects.
    pub(crate) fn plural(&self) -> String {
        format!("{}s", self.singular())
    }
}

impl View<'_> {
    /// True for those to whom permissions do not apply.
    pub(crate) fn is_privileged(&self) -> bool {
        matches!(self.caller, Caller::ReadOnlyMaster | Caller::Master)
    }

    pub(crate) fn user(&self) -> Option<RowId> {
        match self.caller {
            Caller::User(user) => Some(user),
            Caller::Anonymous | Caller::ReadOnlyMaster | Caller::Master => None,
        }
    }
}
