//! Plans that write.

use std::sync::Arc;

use crate::auth::{NewPassword, SessionToken};
use crate::class::{Acl, Class, Field, value_from_parse};
use crate::fault::{Code, Fault};
use crate::value::{Date, ObjectId, Value};

/// Making an object.
#[derive(Debug)]
pub struct Create {
    /// The class.
    pub class: Arc<Class>,
    /// The new object's id.
    pub id: ObjectId,
    /// The time of the request.
    pub now: Date,
    /// Its values. Fields that are left out get their default.
    pub changes: Changes,
}

/// Changing an object.
#[derive(Debug)]
pub struct Update {
    /// The class.
    pub class: Arc<Class>,
    /// The object.
    pub id: ObjectId,
    /// The time of the request.
    pub now: Date,
    /// What changes.
    pub changes: Changes,
}

/// Deleting an object.
#[derive(Debug)]
pub struct Delete {
    /// The class.
    pub class: Arc<Class>,
    /// The object.
    pub id: ObjectId,
}

/// New values of an object.
#[derive(Debug, Default)]
pub struct Changes {
    /// Values of fields with a column, each field once; null removes the value.
    pub values: Vec<(Arc<Field>, Value)>,
    /// The access control list, which replaces the old one as a whole.
    pub acl: Option<Acl>,
    /// What is put into relations and taken out of them.
    pub relations: Vec<RelationChange>,
    /// Columns that only the server writes.
    pub internal: Vec<Internal>,
}

/// A change of one relation. What is added twice is in it once.
#[derive(Debug)]
pub struct RelationChange {
    /// The relation.
    pub field: Arc<Field>,
    /// The ids of objects to put in. They need not exist.
    pub add: Vec<ObjectId>,
    /// The ids of objects to take out.
    pub remove: Vec<ObjectId>,
}

/// A column that only the server writes.
#[derive(Debug)]
pub enum Internal {
    /// `_hashed_password` of a user, and what is kept beside it.
    Password(NewPassword),
    /// The user has a name and a password now, so its anonymous id no longer signs anybody in.
    EndAnonymity,
    /// `sessionToken` of a session, and when it ends unless the master key says something else.
    Session {
        /// The token; how it is stored is for the store to know.
        token: SessionToken,
        /// When the session ends.
        expires_at: Option<Date>,
    },
}

impl Changes {
    /// The new value of a field, if it has one here.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name.as_str() == name).map(|(_, value)| value)
    }

    /// Gives a field a value, whatever it had here.
    pub fn set(&mut self, field: &Arc<Field>, value: Value) {
        match self.values.iter_mut().find(|(known, _)| known.name == field.name) {
            Some((_, old)) => *old = value,
            None => self.values.push((Arc::clone(field), value)),
        }
    }

    /// Drops the value of a field, if it has one here.
    pub fn ignore(&mut self, name: &str) {
        self.values.retain(|(field, _)| field.name.as_str() != name);
    }

    /// True if the password changes.
    pub fn sets_password(&self) -> bool {
        self.internal.iter().any(|column| matches!(column, Internal::Password(_)))
    }

    /// Gives the fields of a new object their defaults, and refuses it if a required one has no value (142).
    pub fn complete_create(&mut self, class: &Class) -> Result<(), Fault> {
        for field in class.fields.values() {
            if let Some(default) = &field.default
                && self.value(field.name.as_str()).is_none_or(Value::is_null)
            {
                self.set(field, value_from_parse(&field.kind, default)?);
            }
            if field.required && self.value(field.name.as_str()).is_none_or(is_missing) {
                return Err(missing(field));
            }
        }
        Ok(())
    }

    /// A field that loses its value gets its default back; a required one without a default cannot lose it (142).
    pub fn complete_update(&mut self, class: &Class) -> Result<(), Fault> {
        for field in class.fields.values() {
            if let (Some(default), Some(Value::Null)) = (&field.default, self.value(field.name.as_str())) {
                self.set(field, value_from_parse(&field.kind, default)?);
            }
            if field.required && self.value(field.name.as_str()).is_some_and(is_missing) {
                return Err(missing(field));
            }
        }
        Ok(())
    }
}

/// As in Parse, an empty text counts as missing.
fn is_missing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn missing(field: &Field) -> Fault {
    Fault::with(Code::ValidationError, format!("{} is required", field.name))
}
