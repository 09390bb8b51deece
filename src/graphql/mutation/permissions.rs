//! Class-level permissions in the API.

use serde_json::{Value as Json, json};

use crate::class::{
    ClassName, Clp, DefaultAcl, FieldName, Group, Operation, Permission, Principal, Rights, RoleName, USER,
};
use crate::fault::{Code, Fault};
use crate::graphql::{ids, input};
use crate::value::ObjectId;

/// Words that mean something else where the ids of users stand in stored permissions.
const RESERVED: [&str; 4] = ["requiresAuthentication", "pointerFields", "authenticated", "currentUser"];

/// A `ClassLevelPermissionsInput`. An operation that is left out is closed. What is not valid is 107.
pub(super) fn from_input(json: &Json) -> Result<Clp, Fault> {
    let mut clp = Clp::closed();
    for operation in Operation::ALL {
        if let Some(permission) = json.get(operation.name()).filter(|permission| !permission.is_null()) {
            *clp.permission_mut(operation) = permission_from_input(permission)?;
        }
    }
    clp.read_user_fields = field_names(json, "readUserFields");
    clp.write_user_fields = field_names(json, "writeUserFields");
    for item in items(json, "protectedFields") {
        let group = group(item)?;
        if clp.protected.iter().any(|(known, _)| *known == group) {
            return Err(invalid("A group is named twice in protectedFields."));
        }
        clp.protected.push((group, field_names(item, "fields")));
    }
    clp.default_acl = match json.get("defaultACL") {
        None | Some(Json::Null) => None,
        Some(acl) => Some(default_acl(acl)?),
    };
    Ok(clp)
}

fn permission_from_input(json: &Json) -> Result<Permission, Fault> {
    Ok(Permission {
        public: flag(json, "public"),
        requires_authentication: flag(json, "requiresAuthentication"),
        users: texts(json, "users").map(user).collect::<Result<_, _>>()?,
        roles: texts(json, "roles").map(role).collect::<Result<_, _>>()?,
        pointer_fields: field_names(json, "pointerFields"),
    })
}

fn group(json: &Json) -> Result<Group, Fault> {
    let mut groups = Vec::new();
    if flag(json, "public") {
        groups.push(Group::Public);
    }
    if flag(json, "authenticated") {
        groups.push(Group::Authenticated);
    }
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    if let Some(id) = text("user") {
        groups.push(Group::User(user(id)?));
    }
    if let Some(name) = text("role") {
        groups.push(Group::Role(role(name)?));
    }
    if let Some(field) = text("userField") {
        groups.push(Group::UserField(FieldName::known(field)));
    }
    match (groups.pop(), groups.is_empty()) {
        (Some(group), true) => Ok(group),
        _ => Err(invalid("An entry of protectedFields names exactly one group.")),
    }
}

fn default_acl(json: &Json) -> Result<DefaultAcl, Fault> {
    let mut acl = DefaultAcl::default();
    if let Some(rights) = json.get("currentUser") {
        acl.current_user = input::rights(rights);
    }
    let mut grant = |principal: Principal, rights: Rights| acl.others.push((principal, rights));
    if let Some(public) = json.get("public").filter(|public| !public.is_null()) {
        grant(Principal::Public, input::rights(public));
    }
    for item in items(json, "users") {
        let id = item.get("userId").and_then(Json::as_str).unwrap_or_default();
        grant(Principal::User(user(id)?), input::rights(item));
    }
    for item in items(json, "roles") {
        let name = item.get("roleName").and_then(Json::as_str).unwrap_or_default();
        grant(Principal::Role(role(name)?), input::rights(item));
    }
    Ok(acl)
}

/// The tree of `ClassLevelPermissions`.
pub(super) fn to_json(clp: &Clp) -> Json {
    let mut json = json!({
        "__typename": "ClassLevelPermissions",
        "readUserFields": names(&clp.read_user_fields),
        "writeUserFields": names(&clp.write_user_fields),
        "protectedFields": clp.protected.iter().map(protected_to_json).collect::<Vec<_>>(),
        "defaultACL": clp.default_acl.as_ref().map(default_acl_to_json),
    });
    if let Some(members) = json.as_object_mut() {
        for operation in Operation::ALL {
            members.insert(operation.name().to_owned(), permission_to_json(clp.permission(operation)));
        }
    }
    json
}

fn permission_to_json(permission: &Permission) -> Json {
    json!({
        "__typename": "OperationPermission",
        "public": permission.public,
        "requiresAuthentication": permission.requires_authentication,
        "users": permission.users.iter().map(global_user).collect::<Vec<_>>(),
        "roles": permission.roles.iter().map(RoleName::as_str).collect::<Vec<_>>(),
        "pointerFields": names(&permission.pointer_fields),
    })
}

fn protected_to_json((group, fields): &(Group, Vec<FieldName>)) -> Json {
    let mut json = json!({"__typename": "ProtectedFields", "fields": names(fields)});
    let (key, value) = match group {
        Group::Public => ("public", json!(true)),
        Group::Authenticated => ("authenticated", json!(true)),
        Group::User(user) => ("user", json!(global_user(user))),
        Group::Role(role) => ("role", json!(role.as_str())),
        Group::UserField(field) => ("userField", json!(field.as_str())),
    };
    if let Some(members) = json.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
    json
}

fn default_acl_to_json(acl: &DefaultAcl) -> Json {
    let mut public = Json::Null;
    let (mut users, mut roles) = (Vec::new(), Vec::new());
    for (principal, rights) in &acl.others {
        let (read, write) = (rights.read, rights.write);
        match principal {
            Principal::Public => public = public_acl(*rights),
            Principal::User(id) => {
                let id = global_user(id);
                users.push(json!({"__typename": "UserACL", "userId": id, "read": read, "write": write}));
            }
            Principal::Role(name) => {
                let name = name.as_str();
                roles.push(json!({"__typename": "RoleACL", "roleName": name, "read": read, "write": write}));
            }
        }
    }
    let current_user = if acl.current_user.is_none() { Json::Null } else { public_acl(acl.current_user) };
    json!({
        "__typename": "DefaultACL",
        "public": public,
        "currentUser": current_user,
        "users": users,
        "roles": roles,
    })
}

fn public_acl(rights: Rights) -> Json {
    json!({"__typename": "PublicACL", "read": rights.read, "write": rights.write})
}

/// Users are named by their global ids, as in ACLs.
fn global_user(id: &ObjectId) -> String {
    ids::global(&ClassName::known(USER), id)
}

fn user(given: &str) -> Result<ObjectId, Fault> {
    let id = ids::local(&ClassName::known(USER), given);
    let is_id = !id.as_str().is_empty() && id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id || RESERVED.contains(&id.as_str()) {
        return Err(invalid("A user in class level permissions is named by its id."));
    }
    Ok(id)
}

fn role(name: &str) -> Result<RoleName, Fault> {
    if name.contains('\0') || name.is_empty() {
        return Err(invalid("A role in class level permissions needs a name."));
    }
    Ok(RoleName::known(name))
}

fn invalid(message: &'static str) -> Fault {
    Fault::with(Code::InvalidJson, message)
}

fn flag(json: &Json, name: &str) -> bool {
    json.get(name) == Some(&Json::Bool(true))
}

fn items<'j>(json: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> {
    json.get(name).and_then(Json::as_array).into_iter().flatten()
}

fn texts<'j>(json: &'j Json, name: &str) -> impl Iterator<Item = &'j str> {
    items(json, name).filter_map(Json::as_str)
}

fn field_names(json: &Json, name: &str) -> Vec<FieldName> {
    texts(json, name).map(FieldName::known).collect()
}

fn names(fields: &[FieldName]) -> Vec<&str> {
    fields.iter().map(FieldName::as_str).collect()
}
