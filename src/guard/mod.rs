//! May they?
//!
//! The guard turns a plan and a [`Caller`](crate::auth::Caller) into an admitted plan, or refuses it. It is pure and
//! synchronous: it knows permissions, not rows. What depends on the row becomes a [`RowScope`], which `store`
//! renders into the statement itself.
//!
//! **Invariant:** admitted plans are made here and nowhere else. They contain the plan that was admitted, so a
//! proof cannot be used with another plan; they are taken by value, so it cannot be used twice.

// A new operation, caller or rule must be met everywhere.
#![warn(clippy::wildcard_enum_match_arm)]

mod admitted;
mod alter;
mod clp;
mod columns;
mod config;
mod filter;
mod read;
mod roles;
mod scope;
mod sessions;
#[cfg(test)]
mod tests;
mod upload;
mod users;
mod write;

pub use admitted::{
    AdmittedAlter, AdmittedCount, AdmittedCreate, AdmittedDelete, AdmittedFind, AdmittedParameter,
    AdmittedParameterName, AdmittedUpdate, AdmittedUpload, Column, Shown,
};
pub use alter::{alter, read_classes};
pub use config::{read_config, write_config};
pub use read::{count, find};
pub use scope::{Clause, Right, RowScope};
pub use upload::{Uploaders, upload};
pub use write::{create, delete, update};
