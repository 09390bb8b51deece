//! What differs between the two databases.
//!
//! Everything else in the store is the same for both: a function here writes one thing in the words of one database, and
//! both must give the same answers.

mod postgres;
mod sqlite;

use sea_orm::DbBackend;
use serde_json::Value as Json;

use super::sql::{Place, Sql};
use crate::class::FieldType;
use crate::plan::{Comparison, Direction, Pattern, TextSearch};
use crate::value::{GeoPoint, Polygon, Value};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL, in the layout of Parse Server.
    Postgres,
    /// SQLite: the same tables, with JSON text for arrays, points and areas, and milliseconds for dates.
    Sqlite,
}

/// Declares functions that write SQL, each with an implementation for either database.
macro_rules! written {
    ($($(#[doc = $doc:literal])+ fn $name:ident($($arg:ident: $type:ty),*);)+) => {
        impl Sql {
            $($(#[doc = $doc])+
            pub(super) fn $name(&mut self, $($arg: $type),*) -> &mut Self {
                match self.dialect() {
                    Dialect::Postgres => postgres::$name(self, $($arg),*),
                    Dialect::Sqlite => sqlite::$name(self, $($arg),*),
                }
                self
            }
            )+
        }
    };
}

written! {
    /// Adds a column as it is read.
    fn read_column(column: Place<'_>, kind: &FieldType);
    /// Adds a value as it is stored.
    fn stored(value: &Value);
    /// Adds what an order compares: text by bytes.
    fn sortable(column: Place<'_>, kind: &FieldType);
    /// Adds the direction of an order's key: missing values are the greatest.
    fn direction(direction: Direction);
    /// Adds the principals of a permission column.
    fn principals(principals: &[smol_str::SmolStr]);
    /// Adds the condition that a permission column names one of these, or is public.
    fn permits(column: Place<'_>, principals: &[smol_str::SmolStr]);
    /// Adds the condition that an array contains a pointer to this user.
    fn array_points_to(column: Place<'_>, class: &str, id: &str);
    /// Adds the condition that an array contains a pointer to one of the ids that the closure selects.
    fn array_points_into(column: Place<'_>, class: &str, ids: &mut dyn FnMut(&mut Sql));
    /// Adds the condition that an array contains at least one of these.
    fn contains_any(column: Place<'_>, items: &[Json]);
    /// Adds the condition that an array contains nothing but these.
    fn contained_by(column: Place<'_>, items: &[Json]);
    /// Adds the condition that an array contains a value that the closure selects as JSON.
    fn contains_selected(column: Place<'_>, kind: &FieldType, values: &mut dyn FnMut(&mut Sql));
    /// Adds a value of a column as one of the selected values that an array can contain.
    fn as_item(column: Place<'_>, kind: &FieldType);
    /// Adds the condition that a member of an object compares so.
    fn member(column: Place<'_>, path: &[String], comparison: Comparison, value: &Json);
    /// Adds the condition that a member of an object is one of these.
    fn member_in(column: Place<'_>, path: &[String], values: &[Json]);
    /// Adds the condition that text matches an expression.
    fn matches(column: Place<'_>, pattern: &Pattern);
    /// Adds the condition that text contains words.
    fn contains_words(column: Place<'_>, search: &TextSearch);
    /// Adds the latitude of a place.
    fn latitude(column: Place<'_>);
    /// Adds the longitude of a place.
    fn longitude(column: Place<'_>);
    /// Adds the condition that a place lies inside an area or on its border.
    fn is_inside(column: Place<'_>, area: &Polygon);
    /// Adds the condition that an area contains a place, or has it on its border.
    fn surrounds(column: Place<'_>, point: GeoPoint);
    /// Adds the condition that an area is this one.
    fn is_area(column: Place<'_>, area: &Polygon);
    /// Adds a table of one column `id` with these rows.
    fn rows_of(ids: &[&str]);
    /// Adds all texts of a column as one list.
    fn collected(name: &str);
    /// Begins the condition that a selection finds a row; what follows is what it selects from.
    fn exists();
    /// Adds the JSON object in a column without one of its members.
    fn without_member(column: &str, member: &str);
    /// Adds to a condition that the statement is planned for its values each time.
    fn and_planned_for_its_values();
    /// Ends a selection whose rows stay locked until the transaction ends.
    fn for_update();
    /// Adds the smaller of two numbers.
    fn smaller(one: &mut dyn FnMut(&mut Sql), other: &mut dyn FnMut(&mut Sql));
}

impl Dialect {
    pub(super) const fn backend(self) -> DbBackend {
        match self {
            Self::Postgres => DbBackend::Postgres,
            Self::Sqlite => DbBackend::Sqlite,
        }
    }

    /// The type of a column in the table of a class, for fields that have one.
    pub(super) const fn column_type(self, kind: &FieldType) -> Option<&'static str> {
        match self {
            Self::Postgres => postgres::column_type(kind),
            Self::Sqlite => sqlite::column_type(kind),
        }
    }
}

/// The sign of a comparison.
pub(super) const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}

/// The JSON of a pointer in an array.
fn pointer(class: &str, id: &str) -> Json {
    serde_json::json!({"__type": "Pointer", "className": class, "objectId": id})
}
