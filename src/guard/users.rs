//! The rules of users.

use crate::auth::Caller;
use crate::class::{Acl, Principal, Rights};
use crate::fault::{Code, Fault};
use crate::plan::{Changes, Internal};
use crate::value::{ObjectId, Value};

/// A new user needs a name and a password; whether the e-mail address is verified is for the master key to say.
pub(super) fn check_create(caller: &Caller, changes: &Changes) -> Result<(), Fault> {
    check_email_verified(caller, changes)?;
    match changes.value("username") {
        Some(Value::String(name)) if !name.is_empty() => {}
        _ => return Err(Fault::new(Code::UsernameMissing)),
    }
    let signs_in_otherwise = changes.value("authData").is_some_and(|data| !data.is_null());
    if !changes.sets_password() && !signs_in_otherwise {
        return Err(Fault::new(Code::PasswordMissing));
    }
    check_email(changes)
}

/// A user keeps a name, and the access to the own row.
pub(super) fn check_update(caller: &Caller, id: &ObjectId, changes: &mut Changes) -> Result<(), Fault> {
    check_email_verified(caller, changes)?;
    match changes.value("username") {
        None => {}
        Some(Value::String(name)) if !name.is_empty() => {}
        Some(_) => return Err(Fault::new(Code::UsernameMissing)),
    }
    check_email(changes)?;
    check_auth_data(caller, id, changes)?;
    if caller.user().is_some_and(|signed_in| signed_in.user() == id) {
        changes.acl = changes.acl.take().map(|acl| with_own_entry(acl, id));
    }
    Ok(())
}

/// How a user signs in is for the user to change, whoever else may write the row: it would be a way to take the
/// account over.
fn check_auth_data(caller: &Caller, id: &ObjectId, changes: &Changes) -> Result<(), Fault> {
    // A new password ends the anonymous id, whoever may set it.
    let ends_anonymity = changes.internal.iter().any(|column| matches!(column, Internal::EndAnonymity));
    let concerned = changes.value("authData").is_some() || (ends_anonymity && !changes.sets_password());
    match caller.user() {
        Some(signed_in) if concerned && signed_in.user() != id => Err(Fault::new(Code::SessionMissing)),
        _ => Ok(()),
    }
}

/// The ACL with both rights for the user itself.
pub(super) fn with_own_entry(mut acl: Acl, id: &ObjectId) -> Acl {
    acl.grant(Principal::User(id.clone()), Rights::ALL);
    acl
}

fn check_email_verified(caller: &Caller, changes: &Changes) -> Result<(), Fault> {
    match (caller, changes.value("emailVerified")) {
        (Caller::Master(..), _) | (_, None) => Ok(()),
        (Caller::User(_) | Caller::Anonymous, Some(_)) => Err(Fault::denied()),
    }
}

/// Something, an `@`, and something.
fn check_email(changes: &Changes) -> Result<(), Fault> {
    let Some(Value::String(email)) = changes.value("email") else { return Ok(()) };
    match email.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() => Ok(()),
        _ => Err(Fault::new(Code::InvalidEmailAddress)),
    }
}
