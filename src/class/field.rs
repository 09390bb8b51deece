//! Fields and their types.

use serde_json::Value as Json;

use super::names::{ClassName, FieldName};

/// What kind of value a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// A double.
    Number,
    /// True or false.
    Boolean,
    /// An instant, to the millisecond.
    Date,
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
    /// Bytes.
    Bytes,
    /// A stored file.
    File,
    /// A place on earth.
    GeoPoint,
    /// An area on earth.
    Polygon,
    /// One object of another class.
    Pointer(ClassName),
    /// Any number of objects of another class, kept in a join table.
    Relation(ClassName),
    /// The access control list: two columns, `_rperm` and `_wperm`.
    Acl,
    /// The password of a user: written as a hash, never read.
    Password,
}

impl FieldType {
    /// The class that a pointer or relation leads to.
    pub const fn target(&self) -> Option<&ClassName> {
        match self {
            Self::Pointer(class) | Self::Relation(class) => Some(class),
            Self::String
            | Self::Number
            | Self::Boolean
            | Self::Date
            | Self::Object
            | Self::Array
            | Self::Bytes
            | Self::File
            | Self::GeoPoint
            | Self::Polygon
            | Self::Acl
            | Self::Password => None,
        }
    }

    /// The type's name in class definitions.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::String | Self::Password => "String",
            Self::Number => "Number",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::Object => "Object",
            Self::Array => "Array",
            Self::Bytes => "Bytes",
            Self::File => "File",
            Self::GeoPoint => "GeoPoint",
            Self::Polygon => "Polygon",
            Self::Pointer(_) => "Pointer",
            Self::Relation(_) => "Relation",
            Self::Acl => "ACL",
        }
    }

    /// The type of this name; `target` is for pointers and relations.
    pub fn from_name(name: &str, target: Option<&str>) -> Option<Self> {
        Some(match (name, target) {
            ("String", _) => Self::String,
            ("Number", _) => Self::Number,
            ("Boolean", _) => Self::Boolean,
            ("Date", _) => Self::Date,
            ("Object", _) => Self::Object,
            ("Array", _) => Self::Array,
            ("Bytes", _) => Self::Bytes,
            ("File", _) => Self::File,
            ("GeoPoint", _) => Self::GeoPoint,
            ("Polygon", _) => Self::Polygon,
            ("ACL", _) => Self::Acl,
            ("Pointer", Some(class)) => Self::Pointer(ClassName::known(class)),
            ("Relation", Some(class)) => Self::Relation(ClassName::known(class)),
            _ => return None,
        })
    }

    /// True if a row of the class's own table has a column of the field's name.
    pub const fn has_column(&self) -> bool {
        !matches!(self, Self::Relation(_) | Self::Acl | Self::Password)
    }
}

/// A field of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name, which is its column's name as well.
    pub name: FieldName,
    /// What it holds.
    pub kind: FieldType,
    /// True if every new object needs a value.
    pub required: bool,
    /// The value for new objects that bring none, in Parse's JSON.
    pub default: Option<Json>,
}

impl Field {
    /// A field without options.
    pub fn new(name: impl AsRef<str>, kind: FieldType) -> Self {
        Self { name: FieldName::known(name), kind, required: false, default: None }
    }
}
