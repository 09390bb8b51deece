//! How much one request may read and answer.
//!
//! A small document can ask for a huge answer: relations of relations multiply, and a value can be selected again and
//! again under other names. So the rows that a request reads are counted as they come, and the bytes of its answer as they
//! are written; what would go beyond ends the request, long before memory or a time limit does.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::{Code, Fault};

/// The most that one request may read and answer.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many objects, of all levels together.
    pub objects: u64,
    /// How many bytes of JSON.
    pub bytes: usize,
}

/// What a request may still read.
#[derive(Debug)]
pub(in crate::graphql) struct Budget {
    objects: u64,
    left: AtomicU64,
}

impl Budget {
    /// All that the limits allow.
    pub(in crate::graphql) const fn new(limits: Limits) -> Self {
        Self { objects: limits.objects, left: AtomicU64::new(limits.objects) }
    }

    /// How many rows a statement needs to read at most: with one more than is left, the budget is overdrawn.
    pub(super) fn rows(&self) -> u64 {
        self.left.load(Ordering::Relaxed).saturating_add(1)
    }

    /// True if so many rows can still be paid for.
    pub(super) fn allows(&self, rows: usize) -> bool {
        u64::try_from(rows).is_ok_and(|rows| rows <= self.left.load(Ordering::Relaxed))
    }

    /// Pays for rows that were read; 102 if that is more than is left.
    pub(super) fn spend(&self, rows: usize) -> Result<(), Fault> {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(rows));
        spent.map(drop).map_err(|_left| {
            let message = format!("A request may read {} objects at once; ask for smaller pages.", self.objects);
            Fault::with(Code::InvalidQuery, message)
        })
    }
}

/// What is said of an answer that would be longer than it may be.
pub(super) fn too_long(bytes: usize) -> Fault {
    let message = format!("The answer would have more than {bytes} bytes; ask for smaller pages or fewer fields.");
    Fault::with(Code::InvalidQuery, message)
}

#[cfg(test)]
mod tests {
    use super::{Budget, Limits};

    #[test]
    fn what_is_spent_is_gone() {
        let budget = Budget::new(Limits { objects: 10, bytes: 0 });
        assert_eq!(budget.rows(), 11);
        assert!(budget.spend(4).is_ok());
        assert_eq!(budget.rows(), 7);
        assert!(budget.allows(6) && !budget.allows(7));
        assert!(budget.spend(7).is_err());
        assert!(budget.spend(6).is_ok());
        assert!(budget.spend(1).is_err());
    }
}
