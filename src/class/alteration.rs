//! Changes of classes, checked as a whole before anything is done.

use serde_json::Value as Json;

use super::clp::{ClassDefaults, Clp, Group, Operation};
use super::definition::{Definition, Index};
use super::encoding::value_from_parse;
use super::field::{Field, FieldType};
use super::names::{ClassName, FieldName, MAX_NAME_LENGTH};
use super::system::server_fields;
use crate::fault::{Code, Fault};

/// What becomes of the class-level permissions.
#[derive(Debug, Default)]
pub enum ClpChange {
    /// They stay.
    #[default]
    Keep,
    /// They become those that a new class gets.
    Reset,
    /// They are replaced as a whole.
    Replace(Box<Clp>),
}

/// A change of a class, as it was asked for.
#[derive(Debug, Default)]
pub struct Alteration {
    /// New fields; their names are not checked yet.
    pub add: Vec<Field>,
    /// The names of fields to remove; unknown ones are passed over.
    pub remove: Vec<String>,
    /// The permissions.
    pub clp: ClpChange,
    /// New indexes, by name.
    pub add_indexes: Vec<(String, Index)>,
    /// The names of indexes to drop.
    pub remove_indexes: Vec<String>,
}

/// A change of a class that can be made: what to store, and what differs in the tables.
#[derive(Debug)]
pub struct ClassChange {
    /// The class as it was; a new one had nothing.
    pub before: Definition,
    /// The class as it will be.
    pub definition: Definition,
    /// The fields that are new.
    pub added: Vec<Field>,
    /// The fields that go, with all their values.
    pub removed: Vec<Field>,
    /// The indexes that are new.
    pub added_indexes: Vec<String>,
    /// The indexes that go.
    pub removed_indexes: Vec<String>,
}

impl Alteration {
    /// The new class `name`.
    pub fn create(self, name: &str, defaults: ClassDefaults) -> Result<ClassChange, Fault> {
        let name = ClassName::new_custom(name)?;
        let mut alteration = self;
        if matches!(alteration.clp, ClpChange::Keep) {
            alteration.clp = ClpChange::Reset;
        }
        let server = server_fields(&name);
        if let Some(field) = alteration.added().find(|field| server.iter().any(|own| own.name == field.name)) {
            return Err(Fault::with(Code::ImmutableField, format!("field {} cannot be added", field.name)));
        }
        alteration.apply(&Definition::new(name, Vec::new(), None), defaults)
    }

    /// The fields that are new in the end: one that is to be removed in the same breath is not added.
    fn added(&self) -> impl Iterator<Item = &Field> {
        self.add.iter().filter(|field| !self.remove.iter().any(|name| name == field.name.as_str()))
    }

    /// The class `definition`, changed.
    pub fn apply(self, definition: &Definition, defaults: ClassDefaults) -> Result<ClassChange, Fault> {
        let mut after = definition.clone();
        let removed = remove_fields(&mut after, &self.remove)?;
        let add = self.added().cloned().collect();
        let added = add_fields(&mut after, add)?;
        match self.clp {
            ClpChange::Keep => {}
            ClpChange::Reset => after.clp = default_permissions(&after.name, defaults),
            ClpChange::Replace(clp) => {
                check_permissions(&clp, &after)?;
                after.clp = Some(*clp);
            }
        }
        let mut removed_indexes = remove_indexes(&mut after, &self.remove_indexes)?;
        removed_indexes.extend(drop_indexes_of(&mut after, &removed));
        let added_indexes = add_indexes(&mut after, self.add_indexes)?;
        let before = definition.clone();
        Ok(ClassChange { before, definition: after, added, removed, added_indexes, removed_indexes })
    }
}

fn default_permissions(name: &ClassName, defaults: ClassDefaults) -> Option<Clp> {
    let system = super::system::system_classes(defaults).into_iter().find(|definition| definition.name == *name);
    match (system, defaults) {
        (Some(definition), _) => definition.clp,
        (None, ClassDefaults::Private) => Some(Clp::private()),
        (None, ClassDefaults::Parse) => None,
    }
}

fn remove_fields(definition: &mut Definition, names: &[String]) -> Result<Vec<Field>, Fault> {
    let server = server_fields(&definition.name);
    let mut removed = Vec::new();
    for name in names {
        if server.iter().any(|field| field.name.as_str() == name) {
            return Err(Fault::with(Code::ImmutableField, format!("field {name} cannot be changed")));
        }
        removed.extend(definition.fields.shift_remove(name.as_str()));
    }
    for field in &removed {
        forget_in_permissions(definition, &field.name);
    }
    Ok(removed)
}

/// A permission that names a field ends with the field: otherwise one that is added again under the same name,
/// perhaps with another type, would open rows that nobody meant to open.
fn forget_in_permissions(definition: &mut Definition, name: &FieldName) {
    let Some(clp) = &mut definition.clp else { return };
    for operation in Operation::ALL {
        clp.permission_mut(operation).pointer_fields.retain(|field| field != name);
    }
    clp.read_user_fields.retain(|field| field != name);
    clp.write_user_fields.retain(|field| field != name);
    for (_, fields) in &mut clp.protected {
        fields.retain(|field| field != name);
    }
}

fn add_fields(definition: &mut Definition, fields: Vec<Field>) -> Result<Vec<Field>, Fault> {
    let server = server_fields(&definition.name);
    for field in &fields {
        let name = field.name.as_str();
        let taken = server.iter().any(|own| own.name == field.name) || definition.fields.contains_key(name);
        if taken {
            return Err(Fault::with(Code::InvalidKeyName, format!("Duplicated field name: {name}")));
        }
        FieldName::new_custom(name)?;
        check_field(definition, field)?;
        definition.fields.insert(field.name.clone(), field.clone());
    }
    Ok(fields)
}

fn check_field(definition: &Definition, field: &Field) -> Result<(), Fault> {
    if field.kind.target().is_some_and(|target| target.as_str().is_empty()) {
        let message = format!("type {} needs a class name", field.kind.name());
        return Err(Fault::with(Code::MissingTargetClass, message));
    }
    if let Some(target) = field.kind.target()
        && !super::system::system_classes(ClassDefaults::Parse).iter().any(|system| system.name == *target)
    {
        ClassName::new_custom(target.as_str())?;
    }
    if matches!(field.kind, FieldType::Relation(_)) && (field.required || field.default.is_some()) {
        return Err(Fault::with(
            Code::IncorrectType,
            format!("The relation {} can be neither required nor have a default value.", field.name),
        ));
    }
    if let Some(default) = &field.default {
        value_from_parse(&field.kind, default)?;
    }
    let other_point = definition.fields.values().find(|other| other.kind == FieldType::GeoPoint);
    if let (FieldType::GeoPoint, Some(other)) = (&field.kind, other_point) {
        return Err(Fault::with(
            Code::IncorrectType,
            format!(
                "currently, only one GeoPoint field may exist in an object. Adding {} when {} already exists.",
                field.name, other.name
            ),
        ));
    }
    Ok(())
}

/// Refuses permissions that name fields which cannot mean what they say (107).
fn check_permissions(clp: &Clp, definition: &Definition) -> Result<(), Fault> {
    let class = definition.to_class();
    let invalid = |message: String| Err(Fault::with(Code::InvalidJson, message));
    let user_fields = Operation::ALL
        .iter()
        .flat_map(|operation| &clp.permission(*operation).pointer_fields)
        .chain(&clp.read_user_fields)
        .chain(&clp.write_user_fields)
        .chain(clp.protected.iter().filter_map(|(group, _)| match group {
            Group::UserField(field) => Some(field),
            Group::Public | Group::Authenticated | Group::User(_) | Group::Role(_) => None,
        }));
    for name in user_fields {
        let kind = class.field(name.as_str()).map(|field| &field.kind);
        let points_to_users = match kind {
            Some(FieldType::Pointer(target)) => target.is_user(),
            Some(FieldType::Array) => true,
            _ => false,
        };
        if !points_to_users {
            return invalid(format!("'{name}' is not a valid column for class level pointer permissions"));
        }
    }
    for name in clp.protected.iter().flat_map(|(_, fields)| fields) {
        if class.field(name.as_str()).is_none() {
            return invalid(format!("Field '{name}' in protectedFields does not exist."));
        }
        if ["objectId", "createdAt", "updatedAt", "ACL"].contains(&name.as_str()) {
            return invalid(format!("Default field '{name}' can not be protected"));
        }
    }
    Ok(())
}

fn add_indexes(definition: &mut Definition, indexes: Vec<(String, Index)>) -> Result<Vec<String>, Fault> {
    let class = definition.to_class();
    let invalid = |message| Fault::with(Code::InvalidSchemaOperation, message);
    let mut added = Vec::new();
    for (name, index) in indexes {
        if definition.indexes.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(invalid(format!("Index {name} exists, cannot update.")));
        }
        if name.is_empty() || name.len() > MAX_NAME_LENGTH || FieldName::new_custom(&name).is_err() {
            return Err(invalid(format!("Invalid index name: {name}")));
        }
        if index.0.is_empty() {
            return Err(invalid(format!("Index {name} has no fields.")));
        }
        for (field, direction) in &index.0 {
            match class.field(field).map(|field| &field.kind) {
                None => return Err(invalid(format!("Field {field} does not exist, cannot add index."))),
                Some(FieldType::GeoPoint | FieldType::Polygon) => {
                    return Err(invalid(format!("Field {field} has no order, cannot add index.")));
                }
                Some(kind) if !kind.has_column() => {
                    return Err(invalid(format!("Field {field} has no column, cannot add index.")));
                }
                Some(_) => {}
            }
            if !matches!(direction.as_i64(), Some(1 | -1)) {
                return Err(invalid(format!("Index {name}: a direction is 1 or -1.")));
            }
        }
        definition.indexes.insert(name.clone(), index);
        added.push(name);
    }
    Ok(added)
}

fn remove_indexes(definition: &mut Definition, names: &[String]) -> Result<Vec<String>, Fault> {
    for name in names {
        if definition.indexes.shift_remove(name).is_none() {
            let message = format!("Index {name} does not exist, cannot delete.");
            return Err(Fault::with(Code::InvalidSchemaOperation, message));
        }
    }
    Ok(names.to_vec())
}

/// The indexes that end with their fields, as the database drops them.
fn drop_indexes_of(definition: &mut Definition, removed: &[Field]) -> Vec<String> {
    let concerns =
        |keys: &serde_json::Map<String, Json>| removed.iter().any(|field| keys.contains_key(field.name.as_str()));
    let dropped: Vec<String> =
        definition.indexes.iter().filter(|(_, index)| concerns(&index.0)).map(|(name, _)| name.clone()).collect();
    definition.indexes.retain(|name, _| !dropped.contains(name));
    dropped
}
