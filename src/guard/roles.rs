//! The rules of roles.

use crate::class::RoleName;
use crate::fault::{Code, Fault};
use crate::plan::Changes;
use crate::value::Value;

/// A new role needs a name of letters, digits and few signs, and an ACL: a role that everybody could change
/// by accident would open all that is open to it.
pub(super) fn check_create(changes: &Changes) -> Result<(), Fault> {
    match changes.value("name") {
        Some(Value::String(name)) if !name.is_empty() => RoleName::new(name).map(drop)?,
        _ => return Err(Fault::with(Code::IncorrectType, "name is required.")),
    }
    if changes.acl.is_none() {
        return Err(Fault::with(Code::IncorrectType, "ACL is required."));
    }
    Ok(())
}

/// Grants name roles by their names, so a name never changes.
pub(super) fn check_update(changes: &Changes) -> Result<(), Fault> {
    match changes.value("name") {
        None => Ok(()),
        Some(_) => Err(Fault::with(Code::InvalidRoleName, "The name of a role cannot be changed.")),
    }
}
