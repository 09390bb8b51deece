//! Admits plans that read.

use std::sync::Arc;

use super::admitted::{AdmittedCount, AdmittedFind};
use super::clp::{Gate, gate, restricts_rows};
use super::columns::Protection;
use super::filter;
use super::scope::{Clause, Right};
use crate::auth::Caller;
use crate::class::Operation;
use crate::fault::Fault;
use crate::plan::{Count, Find, Order, Related};

/// Admits reading objects, by the permission that the plan names.
pub fn find(caller: &Caller, plan: Find) -> Result<AdmittedFind, Fault> {
    let Find { class, operation, filter, order, page, columns, cursors, related } = plan;
    let protection = Protection::new(caller, &class);
    filter::check_fields(&protection, &filter)?;
    order.iter().try_for_each(|key| protection.check_usable(key.field()))?;
    check_relation(caller, related.as_ref())?;
    let scope = gate(caller, &class, operation)?.scope(caller, &class, Right::Read);
    let filter = filter::admit(caller, filter)?;
    let order =
        if order.is_empty() { vec![Order::ascending(Arc::clone(class.server_field("createdAt")?))] } else { order };
    let columns = columns.into_iter().map(|field| protection.column(field)).collect();
    drop(protection);
    Ok(AdmittedFind { class, filter, order, page, columns, cursors, related, scope })
}

/// Admits counting objects.
///
/// A count tells about rows, so it sees no row that `find` would not show: where pointer fields restrict `find`, they
/// restrict the count as well, and who may not find at all may count, but ask for nothing in particular: counts under
/// chosen conditions would tell every value, and counts in a relation, into which anything can be put, whether an object is there. In Parse
/// Server they do.
pub fn count(caller: &Caller, plan: Count) -> Result<AdmittedCount, Fault> {
    let Count { class, filter, order, related } = plan;
    let protection = Protection::new(caller, &class);
    filter::check_fields(&protection, &filter)?;
    order.iter().try_for_each(|key| protection.check_usable(key.field()))?;
    drop(protection);
    check_relation(caller, related.as_ref())?;
    let mut gate_of_count = gate(caller, &class, Operation::Count)?;
    if let Gate::Open(clauses) = &mut gate_of_count {
        match gate(caller, &class, Operation::Find) {
            Ok(Gate::Open(of_find)) => clauses.extend(of_find),
            // Who would have to sign in to see the rows that point to oneself has none to count.
            Err(_) if restricts_rows(&class, Operation::Find) => clauses.push(Clause::Nobody),
            Err(fault) if !filter.asks_nothing() || related.is_some() => return Err(fault),
            Ok(Gate::Unlocked(_)) | Err(_) => {}
        }
    }
    let scope = gate_of_count.scope(caller, &class, Right::Read);
    let filter = filter::admit(caller, filter)?;
    Ok(AdmittedCount { class, filter, related, scope })
}

/// What is in a protected relation shows through its objects, so it is refused.
fn check_relation(caller: &Caller, related: Option<&Related>) -> Result<(), Fault> {
    related.map_or(Ok(()), |related| Protection::new(caller, &related.class).check_usable(&related.field))
}
