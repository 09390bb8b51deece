//! The rules of sessions.

use serde_json::json;

use crate::auth::{Caller, Master};
use crate::class::Class;
use crate::fault::{Code, Fault};
use crate::plan::{Changes, Internal};
use crate::value::{JsonText, Value};

/// What the server keeps to itself: nobody changes it, or only the master key does.
const IMMUTABLE: [&str; 3] = ["user", "installationId", "sessionToken"];
const MASTER_ONLY: [&str; 2] = ["expiresAt", "createdWith"];

/// A session that a user makes is the user's own; whose it is, how long it lasts and how it came about is not for
/// the client to say. The token is always the server's.
pub(super) fn prepare_create(caller: &Caller, class: &Class, changes: &mut Changes) -> Result<(), Fault> {
    refuse_acl(changes)?;
    changes.ignore("sessionToken");
    if !changes.internal.iter().any(|column| matches!(column, Internal::Session { .. })) {
        return Err(Fault::internal("a new session has no token"));
    }
    if let Some(signed_in) = caller.user() {
        for name in MASTER_ONLY {
            changes.ignore(name);
        }
        changes.set(class.server_field("user")?, Value::Pointer(signed_in.user().clone()));
        let created_with = JsonText::new(&json!({"action": "create"}));
        changes.set(class.server_field("createdWith")?, Value::Object(created_with));
    }
    Ok(())
}

/// Refuses to change what the server keeps to itself (105), by the presence of the field, whatever its value.
pub(super) fn check_update(caller: &Caller, changes: &Changes) -> Result<(), Fault> {
    refuse_acl(changes)?;
    let master = matches!(caller, Caller::Master(Master::Full(_), _));
    let kept = IMMUTABLE.iter().chain(if master { &[][..] } else { &MASTER_ONLY[..] });
    match kept.into_iter().find(|name| changes.value(name).is_some()) {
        Some(name) => {
            Err(Fault::with(Code::InvalidKeyName, format!("The field {name} of a session cannot be changed.")))
        }
        None => Ok(()),
    }
}

fn refuse_acl(changes: &Changes) -> Result<(), Fault> {
    match changes.acl {
        Some(_) => Err(Fault::with(Code::InvalidKeyName, "Cannot set ACL on a Session.")),
        None => Ok(()),
    }
}
