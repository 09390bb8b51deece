//! The rules: permissions of a class, and the ACL of its rows.

use serde_json::{Value, json};

use crate::cast::Cast;

/// A rule, which has a class of its own.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The class is this with `Note` behind it.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The permissions of the class; null for those that a new class gets.
    pub(crate) permissions: Value,
    pub(crate) row: Row,
}

/// The ACL of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// Everybody reads and writes.
    Public,
    /// Everybody reads.
    Readable,
    /// Only the named user.
    Named,
    /// Only the named user, and only to read.
    NamedReads,
    /// Only the named user, and only to write.
    NamedWrites,
    /// Only the members of Team.
    Team,
    /// Nobody.
    Empty,
    /// There is none in the database, as Parse Server leaves it: everybody.
    Missing,
    /// The request of the master key brings none, so the class decides.
    Default,
}

impl Row {
    /// The `ACLInput`, if the request brings one.
    pub(crate) fn acl(self, cast: &Cast<'_>) -> Option<Value> {
        match self {
            Self::Public | Self::Missing => Some(json!({"public": {"read": true, "write": true}})),
            Self::Readable => Some(json!({"public": {"read": true, "write": false}})),
            Self::Named => Some(cast.only_named(true, true)),
            Self::NamedReads => Some(cast.only_named(true, false)),
            Self::NamedWrites => Some(cast.only_named(false, true)),
            Self::Team => Some(json!({"roles": [{"roleName": cast.team.name, "read": true, "write": true}]})),
            Self::Empty => Some(json!({"public": {"read": false, "write": false}})),
            Self::Default => None,
        }
    }
}

/// Permissions with the same clause for every operation.
pub(crate) fn all(clause: &Value) -> Value {
    let operations = ["get", "find", "count", "create", "update", "delete"];
    operations.iter().map(|operation| ((*operation).to_owned(), clause.clone())).collect()
}

/// The permissions with some replaced.
pub(crate) fn but(mut permissions: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        permissions[name] = value.clone();
    }
    permissions
}

/// All rules without protected fields.
pub(crate) fn rules(cast: &Cast<'_>) -> Vec<Rule> {
    let mut rules = of_classes(cast);
    rules.extend(of_pointer_fields());
    rules.extend(of_rows(cast));
    rules
}

fn of_classes(cast: &Cast<'_>) -> Vec<Rule> {
    let public = all(&json!({"public": true}));
    let rule = |name, title, permissions| Rule { name, title, permissions, row: Row::Public };
    vec![
        rule("Public", "public", public.clone()),
        rule("SignedIn", "requiresAuthentication", all(&json!({"requiresAuthentication": true}))),
        rule("User", "a user is named", all(&json!({"users": [cast.named.id]}))),
        rule("Role", "the role Team is named", all(&json!({"roles": ["Team"]}))),
        rule("Child", "the role Juniors is named, which is in Team", all(&json!({"roles": ["Juniors"]}))),
        rule("Closed", "closed", json!({})),
        rule("GetOnly", "only get is open", json!({"get": {"public": true}})),
        rule("FindOnly", "only find is open", json!({"find": {"public": true}})),
        rule("CountOnly", "only count is open", json!({"count": {"public": true}})),
        rule("CreateOnly", "only create is open", json!({"create": {"public": true}})),
        rule("UpdateOnly", "only update is open", json!({"update": {"public": true}})),
        rule("DeleteOnly", "only delete is open", json!({"delete": {"public": true}})),
        rule("GetClosed", "all but get is open", but(public, &json!({"get": null}))),
    ]
}

fn of_pointer_fields() -> Vec<Rule> {
    let rule = |name, title, permissions| Rule { name, title, permissions, row: Row::Public };
    let owner = json!({"pointerFields": ["owner"]});
    let signed_in = json!({"requiresAuthentication": true, "pointerFields": ["owner"]});
    let user_fields = json!({"readUserFields": ["owner"], "writeUserFields": ["owner"]});
    vec![
        rule("Pointer", "pointerFields", all(&owner)),
        rule("Array", "pointerFields, an array", all(&json!({"pointerFields": ["owners"]}))),
        rule("SignedInPointer", "requiresAuthentication and pointerFields", all(&signed_in)),
        rule("PublicPointer", "public and pointerFields", all(&json!({"public": true, "pointerFields": ["owner"]}))),
        rule(
            "RolePointer",
            "the role Team is named, and pointerFields",
            all(&json!({"roles": ["Team"], "pointerFields": ["owner"]})),
        ),
        rule("UserFields", "readUserFields and writeUserFields", user_fields),
        rule("ReadFields", "readUserFields", json!({"readUserFields": ["owner"]})),
        rule("OpenCount", "find by pointerFields, count is public", json!({"find": owner, "count": {"public": true}})),
        rule(
            "SignedInCount",
            "find by requiresAuthentication and pointerFields, count is public",
            json!({"find": signed_in, "count": {"public": true}}),
        ),
        rule("PointerGet", "get by pointerFields, find is public", json!({"get": owner, "find": {"public": true}})),
    ]
}

fn of_rows(cast: &Cast<'_>) -> Vec<Rule> {
    let public = || all(&json!({"public": true}));
    let rule = |name, title, row| Rule { name, title, permissions: public(), row };
    let owner = all(&json!({"pointerFields": ["owner"]}));
    let with_default = but(
        public(),
        &json!({"defaultACL": {
            "currentUser": {"read": true, "write": true},
            "roles": [{"roleName": cast.team.name, "read": true, "write": false}],
        }}),
    );
    vec![
        rule("Readable", "a public class, a row that everybody may read", Row::Readable),
        rule("Named", "a public class, a row of the named user", Row::Named),
        rule("NamedReads", "a public class, a row that the named user may read", Row::NamedReads),
        rule("NamedWrites", "a public class, a row that the named user may write", Row::NamedWrites),
        rule("Team", "a public class, a row of the role Team", Row::Team),
        rule("Missing", "a public class, a row without an ACL (NULL)", Row::Missing),
        rule("Empty", "a public class, a row with an empty ACL", Row::Empty),
        Rule {
            name: "NewClass",
            title: "a new class, a row of the master key",
            permissions: Value::Null,
            row: Row::Default,
        },
        Rule {
            name: "NewNamed",
            title: "a new class, a row of the named user",
            permissions: Value::Null,
            row: Row::Named,
        },
        Rule {
            name: "DefaultAcl",
            title: "a public class with a default ACL for the creator and Team",
            permissions: with_default,
            row: Row::Default,
        },
        Rule {
            name: "RoleNamed",
            title: "the role Team is named, a row of the named user",
            permissions: all(&json!({"roles": ["Team"]})),
            row: Row::Named,
        },
        Rule {
            name: "PointerNamed",
            title: "pointerFields, a row of the named user",
            permissions: owner,
            row: Row::Named,
        },
        Rule {
            name: "ClosedNamed",
            title: "a closed class, a row of the named user",
            permissions: json!({}),
            row: Row::Named,
        },
    ]
}
