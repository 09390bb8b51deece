//! Conditions: every field that they mention, and every query inside them, is admitted.

use super::admitted::AdmittedFind;
use super::columns::Protection;
use super::read::find;
use crate::auth::Caller;
use crate::fault::Fault;
use crate::plan::{Filter, Find};

/// Refuses a condition that mentions a field which the caller may not see in every row.
pub(super) fn check_fields(protection: &Protection<'_>, filter: &Filter<Find>) -> Result<(), Fault> {
    let mut refused = None;
    filter.visit_fields(&mut |field| {
        if let Err(fault) = protection.check_usable(field) {
            refused.get_or_insert(fault);
        }
    });
    refused.map_or(Ok(()), Err)
}

/// Admits the queries inside a condition.
pub(super) fn admit(caller: &Caller, filter: Filter<Find>) -> Result<Filter<AdmittedFind>, Fault> {
    filter.try_map(&mut |query: Find| {
        // The values of these columns take part in the condition, so they must be visible in every row.
        let protection = Protection::new(caller, &query.class);
        query.columns.iter().try_for_each(|field| protection.check_usable(field))?;
        drop(protection);
        find(caller, query)
    })
}
