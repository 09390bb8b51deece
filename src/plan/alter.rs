//! Plans that change classes.

use crate::class::Alteration;

/// Changing the classes themselves.
#[derive(Debug)]
pub enum Alter {
    /// Making a class.
    Create {
        /// Its name, not checked yet.
        name: String,
        /// Its fields and permissions.
        alteration: Alteration,
    },
    /// Changing a class.
    Update {
        /// Its name.
        name: String,
        /// What changes.
        alteration: Alteration,
    },
    /// Deleting a class that has no objects.
    Delete {
        /// Its name.
        name: String,
    },
}
