//! What a field can hold.
//!
//! [`Value`] is one cell of a row in memory: typed, compact, and independent of GraphQL and of SQL.
//! A pointer is only an id, because its class stands in the field; objects and arrays stay JSON text
//! ([`JsonText`]), because most of them travel from the database to the socket without being looked at.

mod date;
mod geo;
mod id;
mod json;

pub use date::Date;
pub use geo::{EARTH_RADIUS_KM, GeoPoint, MILES_PER_KM, Polygon};
pub use id::ObjectId;
pub use json::{JsonText, MAX_DEPTH};

use smol_str::SmolStr;

/// One cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Text.
    String(String),
    /// A double.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// An instant, to the millisecond.
    Date(Date),
    /// A JSON object.
    Object(JsonText),
    /// A JSON array.
    Array(JsonText),
    /// Bytes, kept as their Base64 text.
    Bytes(String),
    /// The name of a stored file, or the address of one that is stored elsewhere.
    File(String),
    /// A place on earth.
    GeoPoint(GeoPoint),
    /// An area on earth.
    Polygon(Polygon),
    /// The id of an object of the field's target class.
    Pointer(ObjectId),
    /// The two permission columns of a row: who may read it and who may write it. `None` is everybody.
    Permissions {
        /// `_rperm`.
        read: Option<Vec<SmolStr>>,
        /// `_wperm`.
        write: Option<Vec<SmolStr>>,
    },
}

impl Value {
    /// True if there is no value.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
