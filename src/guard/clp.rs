//! Class-level permissions: does the class let the caller in, and to which rows?

use std::sync::Arc;

use super::scope::{Clause, Right, RowScope};
use crate::auth::{Caller, Master, SignedIn, Unlocked};
use crate::class::{Class, Field, FieldName, Operation, Permission};
use crate::fault::{Code, Fault};

/// What the class says to a caller.
#[derive(Debug)]
pub(super) enum Gate {
    /// A master key opens every row.
    Unlocked(Unlocked),
    /// The class lets the caller in; these clauses restrict the rows further.
    Open(Vec<Clause>),
}

impl Gate {
    /// The rows: those that the gate leaves, and of them those that the ACL opens.
    pub(super) fn scope(self, caller: &Caller, class: &Class, right: Right) -> RowScope {
        match self {
            Self::Unlocked(unlocked) => RowScope::Every(unlocked),
            Self::Open(mut clauses) => {
                // Sessions have no ACL: each belongs to its user, which the gate has said already.
                if !class.name.is_session() {
                    clauses.push(Clause::Acl(right, caller.principals()));
                }
                RowScope::Granted(clauses)
            }
        }
    }
}

/// Asks the class whether the caller may do this. Follows §3.4 of Parse's rules:
///
/// - a direct grant (everybody, the user, a role) opens the class without a further condition;
/// - `requiresAuthentication` lets signed-in callers pass, but pointer fields beside it narrow the rows; who is
///   not signed in gets 101;
/// - pointer fields alone open the rows that point to the caller, and never creation;
/// - everything else is 119.
pub(super) fn gate(caller: &Caller, class: &Class, operation: Operation) -> Result<Gate, Fault> {
    let caller = match caller {
        Caller::Master(Master::Full(key), _) => return Ok(Gate::Unlocked((*key).into())),
        Caller::Master(Master::ReadOnly(key), _) if operation.is_read() => {
            return Ok(Gate::Unlocked((*key).into()));
        }
        Caller::Master(Master::ReadOnly(_), _) => return Err(Fault::denied()),
        Caller::User(signed_in) => Some(signed_in),
        Caller::Anonymous => None,
    };
    let mut clauses = Vec::new();
    if class.name.is_session() {
        clauses.push(own_session(caller, class)?);
    } else if class.name.is_user() && matches!(operation, Operation::Update | Operation::Delete) && caller.is_none() {
        return Err(Fault::new(Code::SessionMissing));
    }
    let permission = class.clp.permission(operation);
    if is_granted(permission, caller) {
        return Ok(Gate::Open(clauses));
    }
    if permission.requires_authentication && caller.is_none() {
        return Err(Fault::sign_in_required());
    }
    let user_fields = user_fields(class, operation);
    if !user_fields.is_empty() {
        clauses.push(match caller {
            Some(signed_in) => points_to(signed_in, class, &user_fields),
            None => Clause::Nobody,
        });
    } else if !permission.requires_authentication {
        return Err(Fault::denied());
    }
    Ok(Gate::Open(clauses))
}

/// Everybody, the user or one of the user's roles is named.
fn is_granted(permission: &Permission, caller: Option<&SignedIn>) -> bool {
    permission.public
        || caller.is_some_and(|signed_in| {
            permission.users.contains(signed_in.user())
                || permission.roles.iter().any(|role| signed_in.roles().contains(role))
        })
}

/// True if the rows that somebody may see depend on whom they point to.
pub(super) fn restricts_rows(class: &Class, operation: Operation) -> bool {
    !user_fields(class, operation).is_empty()
}

/// The fields that name the users who may do this. Nobody can be pointed to by an object that does not exist yet.
fn user_fields(class: &Class, operation: Operation) -> Vec<&FieldName> {
    let of_class = match operation {
        Operation::Get | Operation::Find | Operation::Count => &class.clp.read_user_fields,
        Operation::Update | Operation::Delete | Operation::AddField => &class.clp.write_user_fields,
        Operation::Create => return Vec::new(),
    };
    class.clp.permission(operation).pointer_fields.iter().chain(of_class).collect()
}

fn points_to(signed_in: &SignedIn, class: &Class, fields: &[&FieldName]) -> Clause {
    let fields: Vec<Arc<Field>> = fields.iter().filter_map(|name| class.field(name.as_str())).map(Arc::clone).collect();
    Clause::PointsTo(signed_in.user().clone(), fields)
}

/// Users touch their own sessions only; without a session there is nothing to see (209).
fn own_session(caller: Option<&SignedIn>, class: &Class) -> Result<Clause, Fault> {
    let denied = || Fault::with(Code::InvalidSessionToken, Code::OperationForbidden.message());
    let signed_in = caller.ok_or_else(denied)?;
    let user = class.server_field("user")?;
    Ok(Clause::PointsTo(signed_in.user().clone(), vec![Arc::clone(user)]))
}
