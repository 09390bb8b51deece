//! What can be asked of a database and done to it, by rows of the model.

use super::{Acl, ClassId, Filter, RowId, Value};

/// A question that changes nothing.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// One object by its id; as `node` if `global`.
    Get { row: RowId, global: bool, picks: Vec<Pick> },
    /// Objects of a class.
    List { class: ClassId, list: List },
}

/// A part of an object that is wanted. The id always is.
#[derive(Debug, Clone)]
pub(crate) enum Pick {
    Plain(&'static str),
    Array(&'static str),
    Acl,
    Pointer(&'static str, Vec<Pick>),
    Relation(&'static str, List),
}

/// A list of objects, and what is wanted of it. Only lists of a class itself have cursors, nested ones none.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    pub(crate) filter: Option<Filter>,
    /// Fields, and whether they go down.
    pub(crate) order: Vec<(&'static str, bool)>,
    pub(crate) page: Page,
    pub(crate) edges: Option<Vec<Pick>>,
    pub(crate) count: bool,
    pub(crate) page_info: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Page {
    pub(crate) skip: Option<i32>,
    pub(crate) first: Option<i32>,
    pub(crate) last: Option<i32>,
    pub(crate) after: Option<Cursor>,
    pub(crate) before: Option<Cursor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// At this row, in the order of the list.
    At(RowId),
    /// Not a cursor.
    Nonsense,
}

/// A change.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    Create { row: RowId, changes: Changes },
    Update { row: RowId, changes: Changes },
    Delete { row: RowId },
}

impl Write {
    /// The row that is written, the new one included.
    pub(crate) const fn row(&self) -> RowId {
        match self {
            Self::Create { row, .. } | Self::Update { row, .. } | Self::Delete { row } => *row,
        }
    }
}

/// New values of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    pub(crate) values: Vec<(&'static str, Value)>,
    pub(crate) acl: Option<Acl>,
    pub(crate) links: Vec<(&'static str, LinkChange)>,
    /// Objects that are made for pointers.
    pub(crate) made: Vec<(&'static str, RowId, Changes)>,
}

/// What is put into a relation, taken out of it, and made for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LinkChange {
    pub(crate) add: Vec<RowId>,
    pub(crate) remove: Vec<RowId>,
    pub(crate) make: Vec<(RowId, Changes)>,
}
