//! Class-level permissions: who may do what with the rows of a class.

use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use super::acl::{Principal, Rights, RoleName};
use super::names::FieldName;
use crate::value::ObjectId;

/// What a class-level permission is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Reading one object by its id, or through a pointer.
    Get,
    /// Reading objects by a filter, or through a relation.
    Find,
    /// Counting objects.
    Count,
    /// Making an object.
    Create,
    /// Changing an object.
    Update,
    /// Deleting an object.
    Delete,
    /// Writing to a field that the class does not have yet. No request of the GraphQL API does; kept for Parse.
    AddField,
}

impl Operation {
    /// All of them, in Parse's order.
    pub const ALL: [Self; 7] =
        [Self::Find, Self::Count, Self::Get, Self::Create, Self::Update, Self::Delete, Self::AddField];

    /// The operation's name in class definitions and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Find => "find",
            Self::Count => "count",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::AddField => "addField",
        }
    }

    /// True for get, find and count, which `readUserFields` opens.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::Find | Self::Count)
    }
}

/// Who may do one operation. Nothing set means nobody but the master key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permission {
    /// Everybody.
    pub public: bool,
    /// Everybody who is signed in.
    pub requires_authentication: bool,
    /// These users.
    pub users: Vec<ObjectId>,
    /// The members of these roles.
    pub roles: Vec<RoleName>,
    /// Users to whom one of these fields of the row points.
    pub pointer_fields: Vec<FieldName>,
}

impl Permission {
    /// Open to everybody.
    pub fn everybody() -> Self {
        Self { public: true, ..Self::default() }
    }

    /// Open to everybody who is signed in.
    pub fn signed_in() -> Self {
        Self { requires_authentication: true, ..Self::default() }
    }

    fn from_json(json: &Json) -> Self {
        let mut permission = Self::default();
        for (key, value) in json.as_object().into_iter().flatten() {
            match key.as_str() {
                "pointerFields" => permission.pointer_fields = field_names(value),
                _ if *value != Json::Bool(true) => {}
                "*" => permission.public = true,
                "requiresAuthentication" => permission.requires_authentication = true,
                _ => match Principal::from_stored(key) {
                    Principal::Role(role) => permission.roles.push(role),
                    Principal::User(user) => permission.users.push(user),
                    Principal::Public => permission.public = true,
                },
            }
        }
        permission
    }

    fn to_json(&self) -> Json {
        let mut map = Map::new();
        if self.public {
            map.insert("*".into(), json!(true));
        }
        if self.requires_authentication {
            map.insert("requiresAuthentication".into(), json!(true));
        }
        for user in &self.users {
            map.insert(user.to_string(), json!(true));
        }
        for role in &self.roles {
            map.insert(Principal::Role(role.clone()).to_stored().into(), json!(true));
        }
        if !self.pointer_fields.is_empty() {
            map.insert("pointerFields".into(), names_json(&self.pointer_fields));
        }
        Json::Object(map)
    }
}

/// Whom a list of protected fields applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// Everybody.
    Public,
    /// Everybody who is signed in.
    Authenticated,
    /// One user.
    User(ObjectId),
    /// The members of a role.
    Role(RoleName),
    /// Users to whom this field of the row points.
    UserField(FieldName),
}

impl Group {
    fn from_stored(key: &str) -> Self {
        if key == "authenticated" {
            return Self::Authenticated;
        }
        if let Some(field) = key.strip_prefix("userField:") {
            return Self::UserField(FieldName::known(field));
        }
        match Principal::from_stored(key) {
            Principal::Public => Self::Public,
            Principal::User(user) => Self::User(user),
            Principal::Role(role) => Self::Role(role),
        }
    }

    fn to_stored(&self) -> SmolStr {
        match self {
            Self::Public => Principal::Public.to_stored(),
            Self::Authenticated => SmolStr::new_static("authenticated"),
            Self::User(user) => user.to_smol(),
            Self::Role(role) => Principal::Role(role.clone()).to_stored(),
            Self::UserField(field) => smol_str::format_smolstr!("userField:{field}"),
        }
    }
}

/// The ACL of a new object that brings none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DefaultAcl {
    /// What the creator gets; nothing if nobody is signed in.
    pub current_user: Rights,
    /// What others get.
    pub others: Vec<(Principal, Rights)>,
}

impl DefaultAcl {
    const CURRENT_USER: &'static str = "currentUser";

    fn from_json(json: &Json) -> Self {
        let mut acl = Self::default();
        for (key, value) in json.as_object().into_iter().flatten() {
            let right = |name| value.get(name) == Some(&Json::Bool(true));
            let rights = Rights { read: right("read"), write: right("write") };
            if key == Self::CURRENT_USER {
                acl.current_user = rights;
            } else {
                acl.others.push((Principal::from_stored(key), rights));
            }
        }
        acl
    }

    fn to_json(&self) -> Json {
        let mut map = Map::new();
        let mut add = |key: SmolStr, rights: Rights| {
            let mut entry = Map::new();
            if rights.read {
                entry.insert("read".into(), json!(true));
            }
            if rights.write {
                entry.insert("write".into(), json!(true));
            }
            map.insert(key.into(), Json::Object(entry));
        };
        if !self.current_user.is_none() {
            add(SmolStr::new_static(Self::CURRENT_USER), self.current_user);
        }
        for (principal, rights) in &self.others {
            add(principal.to_stored(), *rights);
        }
        Json::Object(map)
    }
}

/// The permissions that a new class gets when it brings none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClassDefaults {
    /// Only signed-in users, objects belong to their creators, and only the master key makes roles.
    #[default]
    Private,
    /// Parse's: everybody may do everything.
    Parse,
}

/// The class-level permissions of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clp {
    operations: [Permission; Operation::ALL.len()],
    /// Fields that point to users who may get, find and count the row.
    pub read_user_fields: Vec<FieldName>,
    /// Fields that point to users who may update and delete the row.
    pub write_user_fields: Vec<FieldName>,
    /// Which fields are hidden from whom.
    pub protected: Vec<(Group, Vec<FieldName>)>,
    /// The ACL of new objects that bring none; `None` is public.
    pub default_acl: Option<DefaultAcl>,
}

impl Clp {
    /// Nobody but the master key may do anything.
    pub fn closed() -> Self {
        Self {
            operations: Default::default(),
            read_user_fields: Vec::new(),
            write_user_fields: Vec::new(),
            protected: Vec::new(),
            default_acl: None,
        }
    }

    /// Everybody may do everything: Parse's default.
    pub fn open() -> Self {
        Self { operations: std::array::from_fn(|_| Permission::everybody()), ..Self::closed() }
    }

    /// Whoever is signed in may do everything but add fields, and a new object belongs to its creator.
    pub fn private() -> Self {
        let mut clp = Self { operations: std::array::from_fn(|_| Permission::signed_in()), ..Self::closed() };
        *clp.permission_mut(Operation::AddField) = Permission::default();
        clp.default_acl = Some(DefaultAcl { current_user: Rights::ALL, others: Vec::new() });
        clp
    }

    /// Who may do this.
    pub fn permission(&self, operation: Operation) -> &Permission {
        let [get, find, count, create, update, delete, add_field] = &self.operations;
        match operation {
            Operation::Get => get,
            Operation::Find => find,
            Operation::Count => count,
            Operation::Create => create,
            Operation::Update => update,
            Operation::Delete => delete,
            Operation::AddField => add_field,
        }
    }

    /// Who may do this, to be changed.
    pub fn permission_mut(&mut self, operation: Operation) -> &mut Permission {
        let [get, find, count, create, update, delete, add_field] = &mut self.operations;
        match operation {
            Operation::Get => get,
            Operation::Find => find,
            Operation::Count => count,
            Operation::Create => create,
            Operation::Update => update,
            Operation::Delete => delete,
            Operation::AddField => add_field,
        }
    }

    /// The permissions that are stored so. What is absent is open, because only rows that Parse wrote long ago lack
    /// an operation.
    pub fn from_json(json: &Json) -> Self {
        let Some(map) = json.as_object() else { return Self::open() };
        let mut clp = Self::closed();
        for operation in Operation::ALL {
            *clp.permission_mut(operation) =
                map.get(operation.name()).map_or_else(Permission::everybody, Permission::from_json);
        }
        clp.read_user_fields = map.get("readUserFields").map(field_names).unwrap_or_default();
        clp.write_user_fields = map.get("writeUserFields").map(field_names).unwrap_or_default();
        for (group, fields) in map.get("protectedFields").and_then(Json::as_object).into_iter().flatten() {
            clp.protected.push((Group::from_stored(group), field_names(fields)));
        }
        clp.default_acl = map.get("ACL").map(DefaultAcl::from_json);
        clp
    }

    /// How the permissions are stored: Parse's JSON, with every operation.
    pub fn to_json(&self) -> Json {
        let mut map = Map::new();
        for operation in Operation::ALL {
            map.insert(operation.name().into(), self.permission(operation).to_json());
        }
        if !self.read_user_fields.is_empty() {
            map.insert("readUserFields".into(), names_json(&self.read_user_fields));
        }
        if !self.write_user_fields.is_empty() {
            map.insert("writeUserFields".into(), names_json(&self.write_user_fields));
        }
        let protected: Map<String, Json> =
            self.protected.iter().map(|(group, fields)| (group.to_stored().into(), names_json(fields))).collect();
        map.insert("protectedFields".into(), Json::Object(protected));
        if let Some(acl) = &self.default_acl {
            map.insert("ACL".into(), acl.to_json());
        }
        Json::Object(map)
    }
}

fn field_names(json: &Json) -> Vec<FieldName> {
    json.as_array().into_iter().flatten().filter_map(Json::as_str).map(FieldName::known).collect()
}

fn names_json(names: &[FieldName]) -> Json {
    names.iter().map(|name| Json::from(name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Clp, Operation};

    #[test]
    fn what_is_stored_reads_back() {
        let stored = json!({
            "find": {"requiresAuthentication": true},
            "count": {"role:Admin": true},
            "get": {"*": true},
            "create": {"u1": true},
            "update": {"pointerFields": ["owner"]},
            "delete": {},
            "addField": {},
            "readUserFields": ["owner"],
            "writeUserFields": ["driver"],
            "protectedFields": {"*": ["fare"], "role:Admin": [], "userField:owner": [], "authenticated": ["x"], "u1": []},
            "ACL": {"currentUser": {"read": true, "write": true}, "role:Admin": {"read": true}},
        });
        assert_eq!(Clp::from_json(&stored).to_json(), stored);
    }

    #[test]
    fn what_is_absent_is_open_but_empty_is_closed() {
        let clp = Clp::from_json(&json!({"find": {}}));
        assert!(!clp.permission(Operation::Find).public);
        assert!(clp.permission(Operation::Get).public);
        assert_eq!(Clp::from_json(&json!(null)), Clp::open());
    }
}
