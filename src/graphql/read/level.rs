//! What to fetch of the objects of one class, at one level of a query.

use std::sync::Arc;

use super::connection::Connection;
use crate::class::{Class, Field};
use crate::fault::Fault;

/// What to fetch of the objects of one class.
#[derive(Debug)]
pub(in crate::graphql) struct Level {
    /// The class.
    pub(super) class: Arc<Class>,
    /// The columns, each once, however often they are selected.
    pub(super) columns: Vec<Arc<Field>>,
    /// Pointers to follow.
    pub(super) pointers: Vec<PointerLevel>,
    /// Relations to follow, each with its own arguments.
    pub(super) relations: Vec<RelationLevel>,
    /// Arrays whose elements may be pointers to follow.
    pub(super) arrays: Vec<ArrayLevel>,
}

/// A pointer to follow.
#[derive(Debug)]
pub(super) struct PointerLevel {
    /// Which column is the pointer.
    pub(super) column: usize,
    /// What to fetch of the objects that it points to.
    pub(super) target: Level,
}

/// A relation to follow.
#[derive(Debug)]
pub(super) struct RelationLevel {
    /// The relation.
    pub(super) field: Arc<Field>,
    /// What to fetch of the objects that are in it, or why that cannot be asked for.
    pub(super) connection: Result<Connection, Fault>,
}

/// An array whose elements may be pointers.
#[derive(Debug)]
pub(super) struct ArrayLevel {
    /// Which column is the array.
    pub(super) column: usize,
    /// What to fetch of the objects that elements point to, by class.
    pub(super) targets: Vec<Level>,
}

impl Level {
    /// Nothing of a class, so far.
    pub(in crate::graphql) const fn new(class: Arc<Class>) -> Self {
        Self { class, columns: Vec::new(), pointers: Vec::new(), relations: Vec::new(), arrays: Vec::new() }
    }

    /// Why a relation at any depth cannot be asked for, if one cannot.
    pub(in crate::graphql) fn refusal(&self) -> Option<&Fault> {
        let below = self.pointers.iter().map(|pointer| &pointer.target);
        let below = below.chain(self.arrays.iter().flat_map(|array| &array.targets));
        let here = self.relations.iter().find_map(|relation| match &relation.connection {
            Ok(connection) => connection.level.refusal(),
            Err(fault) => Some(fault),
        });
        here.or_else(|| below.into_iter().find_map(Self::refusal))
    }

    /// How many objects there are of it and of what it leads to, at most, for one object: nothing if it leads to lists.
    pub(super) fn single_objects(&self) -> Option<usize> {
        if !self.relations.is_empty() || !self.arrays.is_empty() {
            return None;
        }
        self.pointers.iter().try_fold(1, |sum, pointer| Some(sum + pointer.target.single_objects()?))
    }

    /// The columns to fetch.
    pub(in crate::graphql) fn columns(&self) -> Vec<Arc<Field>> {
        self.columns.clone()
    }

    /// The position of a column, which is added if it is not there yet.
    pub(super) fn column(&mut self, field: &Arc<Field>) -> usize {
        if let Some(known) = self.columns.iter().position(|column| column.name == field.name) {
            return known;
        }
        self.columns.push(Arc::clone(field));
        self.columns.len() - 1
    }

    /// The position of a pointer, which is added if it is not there yet.
    pub(super) fn pointer(&mut self, column: usize, target: &Arc<Class>) -> usize {
        if let Some(known) = self.pointers.iter().position(|pointer| pointer.column == column) {
            return known;
        }
        self.pointers.push(PointerLevel { column, target: Self::new(Arc::clone(target)) });
        self.pointers.len() - 1
    }

    /// The position of an array, which is added if it is not there yet.
    pub(super) fn array(&mut self, column: usize) -> usize {
        if let Some(known) = self.arrays.iter().position(|array| array.column == column) {
            return known;
        }
        self.arrays.push(ArrayLevel { column, targets: Vec::new() });
        self.arrays.len() - 1
    }
}

impl ArrayLevel {
    /// The position of a class, which is added if it is not there yet.
    pub(super) fn target(&mut self, class: &Arc<Class>) -> usize {
        if let Some(known) = self.targets.iter().position(|level| level.class.name == class.name) {
            return known;
        }
        self.targets.push(Level::new(Arc::clone(class)));
        self.targets.len() - 1
    }
}
