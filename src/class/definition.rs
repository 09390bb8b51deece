//! The definition of a class, and how the database keeps it.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

use super::clp::{Clp, Group};
use super::field::{Field, FieldType};
use super::names::{ClassName, FieldName};
use super::system::server_fields;
use crate::fault::Fault;

/// The fields in the order of their creation: neither database keeps the order of the members of an object. Parse
/// Server passes it over.
const FIELD_ORDER: &str = "fieldOrder";

/// A class, ready for use.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: ClassName,
    /// Its fields: the server's first, then its own in the order of their creation, then `ACL`.
    pub fields: IndexMap<FieldName, Arc<Field>>,
    /// Its permissions.
    pub clp: Clp,
    /// Which fields are hidden from whom: those of the permissions, and the e-mail address of users.
    pub protected: Vec<(Group, Vec<FieldName>)>,
    /// Its indexes, by name.
    pub indexes: IndexMap<String, Index>,
}

/// An index: the indexed fields and their directions, in Parse's JSON (`{"score": -1}`).
#[derive(Debug, Clone, PartialEq)]
pub struct Index(pub Map<String, Json>);

impl Class {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.get(name)
    }

    /// The field of this name, which every class or this system class has.
    pub fn server_field(&self, name: &str) -> Result<&Arc<Field>, Fault> {
        self.field(name).ok_or_else(|| Fault::internal(format!("class {} lacks the field {name}", self.name)))
    }

    /// The name of the table that keeps a relation of this class.
    pub fn join_table(&self, relation: &FieldName) -> String {
        format!("_Join:{relation}:{}", self.name)
    }
}

/// A class as it stands in `_SCHEMA`. What Portcullis does not know in it is kept as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The class's name.
    pub name: ClassName,
    /// The fields that somebody added, without those of [`server_fields`].
    pub fields: IndexMap<FieldName, Field>,
    /// The permissions, if any were ever set; open if not.
    pub clp: Option<Clp>,
    /// The indexes that somebody added.
    pub indexes: IndexMap<String, Index>,
    /// Internal columns (`_rperm`, `_hashed_password` …) and fields of types that are not known.
    other_fields: Map<String, Json>,
    /// Members that Portcullis does not know.
    other_members: Map<String, Json>,
}

impl Definition {
    /// True if another one makes the same class. Equality is not enough: it passes over the order of fields.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self == other && self.fields.keys().eq(other.fields.keys()) && self.indexes.keys().eq(other.indexes.keys())
    }

    /// A new definition.
    pub fn new(name: ClassName, fields: Vec<Field>, clp: Option<Clp>) -> Self {
        let fields = fields.into_iter().map(|field| (field.name.clone(), field)).collect();
        let strings = json!({"type": "Array", "contents": {"type": "String"}});
        let mut other_fields = Map::new();
        other_fields.insert("_rperm".into(), strings.clone());
        other_fields.insert("_wperm".into(), strings);
        if name.is_user() {
            other_fields.insert("_hashed_password".into(), json!({"type": "String"}));
        }
        Self { name, fields, clp, indexes: IndexMap::new(), other_fields, other_members: Map::new() }
    }

    /// The definition that `_SCHEMA` holds for a class.
    pub fn from_json(name: ClassName, json: &Json) -> Self {
        let mut members = json.as_object().cloned().unwrap_or_default();
        let order = members.shift_remove(FIELD_ORDER).unwrap_or_default();
        let server = server_fields(&name);
        let mut definition = Self::new(name, Vec::new(), None);
        for (key, value) in members {
            match key.as_str() {
                "fields" => {
                    for (field, stored) in value.as_object().into_iter().flatten() {
                        match field_from_json(field, stored) {
                            Some(known) if !server.iter().any(|own| own.name == known.name) => {
                                definition.fields.insert(known.name.clone(), known);
                            }
                            Some(_) => {}
                            None => {
                                definition.other_fields.insert(field.clone(), stored.clone());
                            }
                        }
                    }
                }
                "classLevelPermissions" => definition.clp = value.is_object().then(|| Clp::from_json(&value)),
                "indexes" => {
                    for (index, keys) in value.as_object().into_iter().flatten() {
                        let keys = keys.as_object().cloned().unwrap_or_default();
                        definition.indexes.insert(index.clone(), Index(keys));
                    }
                }
                "className" => {}
                _ => {
                    definition.other_members.insert(key, value);
                }
            }
        }
        let order: Vec<&str> = order.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let place = |name: &FieldName| order.iter().position(|known| *known == name.as_str()).unwrap_or(usize::MAX);
        definition.fields.sort_by_cached_key(|name, _| place(name));
        definition
    }

    /// What `_SCHEMA` holds for the class.
    pub fn to_json(&self) -> Json {
        let mut fields = Map::new();
        for field in server_fields(&self.name) {
            if field.kind.has_column() || matches!(field.kind, FieldType::Relation(_)) {
                fields.insert(field.name.to_string(), field_to_json(&field));
            }
        }
        for field in self.fields.values() {
            fields.insert(field.name.to_string(), field_to_json(field));
        }
        fields.extend(self.other_fields.clone());
        let mut json = Map::new();
        json.insert("className".into(), self.name.as_str().into());
        json.insert("fields".into(), fields.into());
        if let Some(clp) = &self.clp {
            json.insert("classLevelPermissions".into(), clp.to_json());
        }
        if !self.indexes.is_empty() {
            let indexes: Map<_, _> =
                self.indexes.iter().map(|(name, index)| (name.clone(), Json::Object(index.0.clone()))).collect();
            json.insert("indexes".into(), indexes.into());
        }
        if self.fields.len() > 1 {
            let order: Vec<Json> = self.fields.keys().map(|name| name.as_str().into()).collect();
            json.insert(FIELD_ORDER.into(), order.into());
        }
        json.extend(self.other_members.clone());
        Json::Object(json)
    }

    /// The class that this definition describes.
    pub fn to_class(&self) -> Class {
        let mut server = server_fields(&self.name);
        let acl = server.pop();
        let fields = server
            .into_iter()
            .chain(self.fields.values().cloned())
            .chain(acl)
            .map(|field| (field.name.clone(), Arc::new(field)))
            .collect();
        let clp = self.clp.clone().unwrap_or_else(Clp::open);
        let mut protected = clp.protected.clone();
        if self.name.is_user() {
            let email = FieldName::known("email");
            match protected.iter_mut().find(|(group, _)| *group == Group::Public) {
                Some((_, hidden)) if hidden.contains(&email) => {}
                Some((_, hidden)) => hidden.push(email),
                None => protected.push((Group::Public, vec![email])),
            }
        }
        Class { name: self.name.clone(), fields, clp, protected, indexes: self.indexes.clone() }
    }
}

fn field_from_json(name: &str, json: &Json) -> Option<Field> {
    if name.starts_with('_') {
        return None;
    }
    let text = |key| json.get(key).and_then(Json::as_str);
    let kind = FieldType::from_name(text("type")?, text("targetClass"))?;
    Some(Field {
        name: FieldName::known(name),
        kind,
        required: json.get("required") == Some(&Json::Bool(true)),
        default: json.get("defaultValue").filter(|default| !default.is_null()).cloned(),
    })
}

fn field_to_json(field: &Field) -> Json {
    let mut json = Map::new();
    json.insert("type".into(), field.kind.name().into());
    if let Some(target) = field.kind.target() {
        json.insert("targetClass".into(), target.as_str().into());
    }
    if field.required {
        json.insert("required".into(), true.into());
    }
    if let Some(default) = &field.default {
        json.insert("defaultValue".into(), default.clone());
    }
    Json::Object(json)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Definition;
    use crate::class::names::ClassName;

    #[test]
    fn a_definition_of_parse_keeps_everything() {
        let stored = json!({
            "fields": {
                "to": {"type": "Pointer", "targetClass": "City"},
                "fare": {"type": "Number", "required": true, "defaultValue": 0},
                "_rperm": {"type": "Array", "contents": {"type": "String"}},
                "_wperm": {"type": "Array", "contents": {"type": "String"}},
                "_secret": {"type": "String"},
                "objectId": {"type": "String"},
                "createdAt": {"type": "Date"},
                "updatedAt": {"type": "Date"},
                "shared": {"type": "Relation", "targetClass": "_User"}
            },
            "className": "Trip",
            "indexes": {"byFare": {"fare": -1}},
            "somethingNew": {"a": 1},
            "fieldOrder": ["to", "fare", "shared"]
        });
        let definition = Definition::from_json(ClassName::known("Trip"), &stored);
        assert_eq!(definition.to_json(), stored);
        let class = definition.to_class();
        let names: Vec<_> = class.fields.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["objectId", "createdAt", "updatedAt", "to", "fare", "shared", "ACL"]);
    }
}
