//! Admitted plans as SQL.
//!
//! Rendering is pure: a plan and a dialect give a text and its parameters. The scope of each plan is rendered here and
//! nowhere else, together with the plan itself, sub-queries included.

mod filter;
mod geo;
mod order;
mod scope;
mod select;
#[cfg(test)]
mod tests;

pub(super) use scope::{readers, scope};
pub(super) use select::{CellAt, KeyAt, Layout, Ways, add_find, count, find};

use super::sql::{Alias, Sql};
use crate::class::{Class, Field};

/// A table of a statement, and the class whose rows it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    /// The class.
    pub(super) class: &'a Class,
    /// The table's short name.
    pub(super) alias: Alias,
}

impl<'a> Table<'a> {
    /// A table of this class.
    pub(super) const fn new(sql: &mut Sql, class: &'a Class) -> Self {
        Self { class, alias: sql.alias() }
    }

    /// Adds `"Class" AS t0`.
    fn named(self, sql: &mut Sql) -> &mut Sql {
        sql.named(self.class.name.as_str(), self.alias)
    }

    /// Adds the id of the row.
    fn id(self, sql: &mut Sql) -> &mut Sql {
        sql.column(self.alias, "objectId")
    }

    /// The column of a field.
    fn place(self, field: &Field) -> super::sql::Place<'_> {
        self.alias.place(field.name.as_str())
    }
}

/// Adds the condition that a field of the row, a pointer or an array of pointers, points to a user.
fn points_to<'a>(sql: &'a mut Sql, table: Table<'_>, field: &Field, user: &str) -> &'a mut Sql {
    use crate::class::{FieldType, USER};
    match &field.kind {
        FieldType::Pointer(class) if class.is_user() => sql.place(table.place(field)).push(" = ").text(user),
        FieldType::Array => sql.array_points_to(table.place(field), USER, user),
        FieldType::String
        | FieldType::Number
        | FieldType::Boolean
        | FieldType::Date
        | FieldType::Object
        | FieldType::Bytes
        | FieldType::File
        | FieldType::GeoPoint
        | FieldType::Polygon
        | FieldType::Pointer(_)
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => sql.push("FALSE"),
    }
}
