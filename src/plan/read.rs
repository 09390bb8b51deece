//! Plans that read.

use std::sync::Arc;

use super::filter::Filter;
use super::page::{Order, Page};
use crate::class::{Class, Field, Operation};
use crate::value::ObjectId;

/// Reading objects of one class.
#[derive(Debug, Clone)]
pub struct Find {
    /// The class.
    pub class: Arc<Class>,
    /// Which permission it is judged by: [`Operation::Get`] for objects by id and through pointers,
    /// [`Operation::Find`] for everything else.
    pub operation: Operation,
    /// Which objects.
    pub filter: Filter<Find>,
    /// In which order. The object id is always the last key; it need not be given.
    pub order: Vec<Order>,
    /// Which part of them.
    pub page: Page,
    /// The fields whose values are wanted, each once. Relations are further plans.
    pub columns: Vec<Arc<Field>>,
    /// True if the rows' cursors are wanted.
    pub cursors: bool,
    /// Only objects in this relation of these objects, page by page for each of them.
    pub related: Option<Related>,
}

/// Restricts a plan to the objects that are in a relation.
#[derive(Debug, Clone)]
pub struct Related {
    /// The class that has the relation.
    pub class: Arc<Class>,
    /// The relation.
    pub field: Arc<Field>,
    /// The objects that have it. Whoever asks has read them under the caller's rights.
    pub owners: Vec<ObjectId>,
}

/// Counting objects of one class.
#[derive(Debug, Clone)]
pub struct Count {
    /// The class.
    pub class: Arc<Class>,
    /// Which objects.
    pub filter: Filter<Find>,
    /// The order that was given beside it. It changes no number, but may not name what the caller may not see.
    pub order: Vec<Order>,
    /// Only objects in this relation of these objects, each counted by itself.
    pub related: Option<Related>,
}

impl Find {
    /// All objects of a class, in the default order, without any column.
    pub fn all(class: Arc<Class>) -> Self {
        Self {
            class,
            operation: Operation::Find,
            filter: Filter::Always,
            order: Vec::new(),
            page: Page::default(),
            columns: Vec::new(),
            cursors: false,
            related: None,
        }
    }

    /// The objects with these ids.
    pub fn by_ids(class: Arc<Class>, ids: Vec<ObjectId>, columns: Vec<Arc<Field>>) -> Self {
        Self { operation: Operation::Get, filter: Filter::Ids(ids), columns, ..Self::all(class) }
    }
}
