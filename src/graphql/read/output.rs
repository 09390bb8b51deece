//! How to write objects: the selection, with every field resolved to a position in the fetched rows.

use std::sync::Arc;

use crate::class::Class;
use crate::graphql::document::SelectedField;

/// How to write an object of one class.
#[derive(Debug)]
pub(in crate::graphql) struct Output<'a> {
    pub(super) class: Arc<Class>,
    pub(super) fields: Vec<OutputField<'a>>,
}

/// How to write one field of an object.
#[derive(Debug)]
pub(super) struct OutputField<'a> {
    /// The response key.
    pub(super) key: &'a str,
    /// True if the field's type is non-null although its column may have no value.
    pub(super) required: bool,
    /// What to write.
    pub(super) content: Content<'a>,
}

/// What to write for a field. Numbers are positions in the [`Level`](super::Level).
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// `__typename`.
    TypeName(String),
    /// The global id.
    GlobalId,
    /// The object id.
    ObjectId,
    /// What providers know of a user, without their secrets.
    Providers(usize),
    /// A column whose type is a scalar.
    Scalar(usize),
    /// A place, or the corners of an area: which of latitude and longitude, under which keys.
    Places(usize, Vec<Part<'a>>),
    /// A file's name and address.
    File(usize, Vec<Part<'a>>),
    /// The access control list.
    Acl(usize, Vec<SelectedField<'a>>),
    /// An array, by column and position.
    Array(usize, usize, ArrayOutput<'a>),
    /// The object that a pointer points to, by position.
    Pointer(usize, usize, Output<'a>),
    /// The objects of a relation, by position.
    Relation(usize, ConnectionOutput<'a>),
    /// The token of the session, if it is the caller's own.
    SessionToken,
    /// Nothing that anybody can read.
    Null,
}

/// A leaf below a composite value: the response key and the field's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) key: &'a str,
    pub(super) name: &'a str,
}

/// How to write the elements of an array.
#[derive(Debug, Default)]
pub(super) struct ArrayOutput<'a> {
    /// Elements that are plain values: `__typename` and `value`.
    pub(super) element: Vec<Part<'a>>,
    /// Elements that point to objects, by the position of their class.
    pub(super) objects: Vec<Output<'a>>,
}

/// How to write a connection.
#[derive(Debug)]
pub(in crate::graphql) struct ConnectionOutput<'a> {
    pub(super) fields: Vec<ConnectionField<'a>>,
}

/// One field of a connection, by response key.
#[derive(Debug)]
pub(super) enum ConnectionField<'a> {
    /// `__typename`.
    TypeName(&'a str, String),
    /// `count`.
    Count(&'a str),
    /// `pageInfo`.
    PageInfo(&'a str, Vec<Part<'a>>),
    /// `edges`.
    Edges(&'a str, Vec<EdgeField<'a>>),
}

/// One field of an edge, by response key.
#[derive(Debug)]
pub(super) enum EdgeField<'a> {
    /// `__typename`.
    TypeName(&'a str, String),
    /// `cursor`.
    Cursor(&'a str),
    /// `node`.
    Node(&'a str, Output<'a>),
}
