//! Steps that set a scene, and must work: users, classes, permissions, roles.
//!
//! They send what the set-up steps of the conformance scenarios send, see `tests/conformance/lib/steps.mjs`.

use serde_json::{Map, Value, json};

use super::scan;
use super::server::Server;

/// A user who has signed up.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// The global id.
    pub(crate) id: String,
    pub(crate) object_id: String,
    /// Of the session that signing up began.
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

/// A role.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    /// The global id.
    pub(crate) id: String,
    pub(crate) object_id: String,
    pub(crate) name: String,
}

const SIGN_UP: &str = "mutation ($fields: CreateUserFieldsInput) {
    signUp(input: { fields: $fields }) { viewer { sessionToken user { id objectId } } }
}";

const CREATE_CLASS: &str = "mutation ($name: String!, $schemaFields: SchemaFieldsInput) {
    createClass(input: { name: $name, schemaFields: $schemaFields }) { class { name } }
}";

const SET_PERMISSIONS: &str = "mutation ($name: String!, $permissions: ClassLevelPermissionsInput) {
    updateClass(input: { name: $name, classLevelPermissions: $permissions }) { class { name } }
}";

const CREATE_ROLE: &str = "mutation ($fields: CreateRoleFieldsInput) {
    createRole(input: { fields: $fields }) { role { id objectId name } }
}";

impl Server {
    /// Signs up a user, whose password is `NAME-secret`.
    pub(crate) async fn sign_up(&self, name: &str) -> User {
        let password = format!("{name}-secret");
        scan::plant(&password);
        let fields = json!({"username": name, "password": password});
        let answer = self.anonymous().query(SIGN_UP, json!({"fields": fields})).await;
        User {
            id: answer.text("signUp.viewer.user.id"),
            object_id: answer.text("signUp.viewer.user.objectId"),
            token: answer.text("signUp.viewer.sessionToken"),
            username: name.to_owned(),
            password,
        }
    }

    /// Creates a class with fields by name and type: `("score", "Number")`, `("owner", "Pointer:_User")`.
    pub(crate) async fn create_class(&self, name: &str, fields: &[(&str, &str)]) {
        let variables = json!({"name": name, "schemaFields": schema_fields(fields)});
        self.master().query(CREATE_CLASS, variables).await.ok();
    }

    /// Replaces the class-level permissions by a `ClassLevelPermissionsInput`; null resets them.
    pub(crate) async fn set_permissions(&self, class: &str, permissions: Value) {
        let variables = json!({"name": class, "permissions": permissions});
        self.master().query(SET_PERMISSIONS, variables).await.ok();
    }

    /// Creates a role that everybody may read and nobody change.
    pub(crate) async fn create_role(&self, name: &str, users: &[&User], roles: &[&Role]) -> Role {
        self.create_role_with(name, users, roles, json!({"public": {"read": true, "write": false}})).await
    }

    /// Creates a role with an ACL, an `ACLInput`. The members of the child roles are members.
    pub(crate) async fn create_role_with(&self, name: &str, users: &[&User], roles: &[&Role], acl: Value) -> Role {
        let mut fields = json!({"name": name, "ACL": acl});
        if !users.is_empty() {
            fields["users"] = json!({"add": users.iter().map(|user| &user.id).collect::<Vec<_>>()});
        }
        if !roles.is_empty() {
            fields["roles"] = json!({"add": roles.iter().map(|role| &role.id).collect::<Vec<_>>()});
        }
        let answer = self.master().query(CREATE_ROLE, json!({"fields": fields})).await;
        Role {
            id: answer.text("createRole.role.id"),
            object_id: answer.text("createRole.role.objectId"),
            name: answer.text("createRole.role.name"),
        }
    }
}

/// The `SchemaFieldsInput` that adds these fields.
fn schema_fields(fields: &[(&str, &str)]) -> Value {
    let mut input = Map::new();
    for (name, spec) in fields {
        let (kind, target) = spec.split_once(':').unzip();
        let kind = kind.unwrap_or(spec);
        if kind == "GeoPoint" {
            input.insert("addGeoPoint".to_owned(), json!({"name": name})); // a class has at most one
            continue;
        }
        let field = match target {
            Some(target) => json!({"name": name, "targetClassName": target}),
            None => json!({"name": name}),
        };
        let list = input.entry(list_of(kind)).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(field);
    }
    Value::Object(input)
}

fn list_of(kind: &str) -> &'static str {
    match kind {
        "String" => "addStrings",
        "Number" => "addNumbers",
        "Boolean" => "addBooleans",
        "Array" => "addArrays",
        "Object" => "addObjects",
        "Date" => "addDates",
        "File" => "addFiles",
        "Polygon" => "addPolygons",
        "Bytes" => "addBytes",
        "Pointer" => "addPointers",
        "Relation" => "addRelations",
        _ => panic!("there is no field type {kind:?}"),
    }
}

#[test]
fn fields_are_sorted_into_the_lists_of_their_types() {
    let fields = schema_fields(&[("a", "String"), ("b", "Pointer:_User"), ("c", "GeoPoint"), ("d", "String")]);
    let expected = json!({
        "addStrings": [{"name": "a"}, {"name": "d"}],
        "addPointers": [{"name": "b", "targetClassName": "_User"}],
        "addGeoPoint": {"name": "c"},
    });
    assert_eq!(fields, expected);
}
