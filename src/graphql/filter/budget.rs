//! How much one filter may ask for.
//!
//! A database looks at every condition for every row, and a short request can hold many conditions. So the conditions
//! of a find are counted, together with those of its sub-queries.

use serde_json::Value as Json;

use super::invalid;
use crate::fault::Fault;

/// How many conditions there may be. SQLite takes 1,000 in a row.
const MAX_CONDITIONS: usize = 800;

/// How many of them may be of the kinds that cost much: a look into another class, or into a text, or a distance.
const MAX_COSTLY: usize = 20;

/// What is left to ask for.
#[derive(Debug)]
pub(super) struct Budget {
    conditions: usize,
    costly: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { conditions: MAX_CONDITIONS, costly: MAX_COSTLY }
    }

    /// Counts so many conditions.
    pub(super) fn spend(&mut self, conditions: usize) -> Result<(), Fault> {
        let left = self.conditions.checked_sub(conditions);
        self.conditions =
            left.ok_or_else(|| invalid(format!("A query may have {MAX_CONDITIONS} conditions in all.")))?;
        Ok(())
    }

    /// Counts an operator. A list of values is one condition where the database takes it as one value.
    pub(super) fn spend_on(&mut self, operator: &str, operand: &Json) -> Result<(), Fault> {
        let each = match (operator, operand) {
            ("contains", Json::Array(items)) => items.len(),
            ("in" | "notIn", Json::Array(items)) => items.iter().filter(|item| item.is_object()).count(),
            _ => 1,
        };
        self.spend(each.max(1))?;
        if is_costly(operator) {
            let left = self.costly.checked_sub(1);
            self.costly = left.ok_or_else(|| {
                let kinds = "sub-queries, regular expressions, searches and conditions on places";
                invalid(format!("A query may have {MAX_COSTLY} {kinds} in all."))
            })?;
        }
        Ok(())
    }
}

fn is_costly(operator: &str) -> bool {
    const COSTLY: &[&str] = &[
        "have",
        "haveNot",
        "inQueryKey",
        "notInQueryKey",
        "matchesRegex",
        "text",
        "nearSphere",
        "within",
        "geoWithin",
        "geoIntersects",
    ];
    COSTLY.contains(&operator)
}
