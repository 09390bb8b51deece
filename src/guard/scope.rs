//! Which rows a caller may touch, as data that becomes part of the statement.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::auth::Unlocked;
use crate::class::Field;
use crate::value::ObjectId;

/// The rows that a caller may touch.
#[derive(Debug)]
pub enum RowScope {
    /// All of them: the caller holds a master key.
    Every(Unlocked),
    /// Those that meet **all** clauses. Each clause names the rule that opens the row. No clause opens no row.
    Granted(Vec<Clause>),
}

/// A rule that opens rows.
#[derive(Debug, Clone)]
pub enum Clause {
    /// The row's ACL gives one of these principals the right.
    Acl(Right, Arc<[SmolStr]>),
    /// One of these fields, pointers or arrays of pointers, points to the user. Without a field, no row.
    PointsTo(ObjectId, Vec<Arc<Field>>),
    /// No row at all: only users could be pointed to, and nobody is signed in.
    Nobody,
}

/// The two rights of an ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// `_rperm`.
    Read,
    /// `_wperm`.
    Write,
}
