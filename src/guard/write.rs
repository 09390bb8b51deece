//! Admits plans that write.

use super::admitted::{AdmittedCreate, AdmittedDelete, AdmittedUpdate};
use super::clp::gate;
use super::scope::Right;
use super::{roles, sessions, users};
use crate::auth::Caller;
use crate::class::{Acl, Class, Operation, Principal};
use crate::fault::Fault;
use crate::plan::{Create, Delete, Update};

/// Admits making an object, and gives it the values and the ACL that it does not bring.
pub fn create(caller: &Caller, plan: Create) -> Result<AdmittedCreate, Fault> {
    let Create { class, id, now, mut changes } = plan;
    gate(caller, &class, Operation::Create)?;
    if class.name.is_user() {
        users::check_create(caller, &changes)?;
    } else if class.name.is_role() {
        roles::check_create(&changes)?;
    } else if class.name.is_session() {
        sessions::prepare_create(caller, &class, &mut changes)?;
    }
    changes.complete_create(&class)?;
    let acl = match changes.acl {
        Some(acl) => acl,
        None if class.name.is_user() && class.clp.default_acl.is_none() => Acl::default(),
        None => default_acl(caller, &class),
    };
    let acl = if class.name.is_user() { users::with_own_entry(acl, &id) } else { acl };
    Ok(AdmittedCreate {
        class,
        id,
        now,
        values: changes.values,
        acl,
        relations: changes.relations,
        internal: changes.internal,
    })
}

/// Admits changing an object, if it is in the scope.
pub fn update(caller: &Caller, plan: Update) -> Result<AdmittedUpdate, Fault> {
    let Update { class, id, now, mut changes } = plan;
    let scope = gate(caller, &class, Operation::Update)?.scope(caller, &class, Right::Write);
    if class.name.is_user() {
        users::check_update(caller, &id, &mut changes)?;
    } else if class.name.is_role() {
        roles::check_update(&changes)?;
    } else if class.name.is_session() {
        sessions::check_update(caller, &changes)?;
    }
    changes.complete_update(&class)?;
    Ok(AdmittedUpdate {
        class,
        id,
        now,
        values: changes.values,
        acl: changes.acl,
        relations: changes.relations,
        internal: changes.internal,
        scope,
    })
}

/// Admits deleting an object, if it is in the scope.
pub fn delete(caller: &Caller, plan: Delete) -> Result<AdmittedDelete, Fault> {
    let Delete { class, id } = plan;
    let scope = gate(caller, &class, Operation::Delete)?.scope(caller, &class, Right::Write);
    Ok(AdmittedDelete { class, id, scope })
}

/// The ACL of a new object that brings none: the class's default, in which the creator stands for `currentUser`.
fn default_acl(caller: &Caller, class: &Class) -> Acl {
    let Some(default) = &class.clp.default_acl else { return Acl::public() };
    let mut acl = Acl::default();
    if let Some(signed_in) = caller.user() {
        acl.grant(Principal::User(signed_in.user().clone()), default.current_user);
    }
    for (principal, rights) in &default.others {
        acl.grant(principal.clone(), *rights);
    }
    acl
}
