//! The classes that every database has, and the fields that every class has.

use super::clp::{ClassDefaults, Clp, Operation, Permission};
use super::definition::Definition;
use super::field::{Field, FieldType};
use super::names::ClassName;

/// The class of users.
pub const USER: &str = "_User";
/// The class of roles.
pub const ROLE: &str = "_Role";
/// The class of sessions.
pub const SESSION: &str = "_Session";

/// True for classes that cannot be deleted, and whose own fields cannot be removed.
pub fn is_system(class: &ClassName) -> bool {
    class.as_str().starts_with('_')
}

/// The fields that the server itself gives to a class; they cannot be added or removed.
pub fn server_fields(class: &ClassName) -> Vec<Field> {
    let field = Field::new;
    let mut fields = vec![
        field("objectId", FieldType::String),
        field("createdAt", FieldType::Date),
        field("updatedAt", FieldType::Date),
    ];
    fields.extend(match class.as_str() {
        USER => vec![
            field("username", FieldType::String),
            field("password", FieldType::Password),
            field("email", FieldType::String),
            field("emailVerified", FieldType::Boolean),
            field("authData", FieldType::Object),
        ],
        ROLE => vec![
            field("name", FieldType::String),
            field("users", FieldType::Relation(ClassName::known(USER))),
            field("roles", FieldType::Relation(ClassName::known(ROLE))),
        ],
        SESSION => vec![
            field("user", FieldType::Pointer(ClassName::known(USER))),
            field("installationId", FieldType::String),
            field("sessionToken", FieldType::String),
            field("expiresAt", FieldType::Date),
            field("createdWith", FieldType::Object),
        ],
        _ => Vec::new(),
    });
    fields.push(field("ACL", FieldType::Acl));
    fields
}

/// The definitions with which an empty database begins.
pub fn system_classes(defaults: ClassDefaults) -> Vec<Definition> {
    [USER, ROLE, SESSION]
        .into_iter()
        .map(|name| Definition::new(ClassName::known(name), Vec::new(), system_permissions(name, defaults)))
        .collect()
}

/// What may be done with users, roles and sessions at first. Sessions have rules of their own, which do not depend on
/// these: see `guard`.
fn system_permissions(name: &str, defaults: ClassDefaults) -> Option<Clp> {
    match (defaults, name) {
        (ClassDefaults::Parse, _) | (ClassDefaults::Private, SESSION) => None,
        (ClassDefaults::Private, ROLE) => {
            let mut clp = Clp::private();
            clp.default_acl = None;
            *clp.permission_mut(Operation::Create) = Permission::default();
            Some(clp)
        }
        (ClassDefaults::Private, _) => {
            let mut clp = Clp::private();
            clp.default_acl = None;
            *clp.permission_mut(Operation::Create) = Permission::everybody();
            Some(clp)
        }
    }
}
