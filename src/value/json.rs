//! JSON that is carried as text.

use serde_json::Value as Json;

use crate::fault::{Code, Fault};

/// How deep objects and arrays of a field may be nested.
pub const MAX_DEPTH: usize = 64;

/// The text of a valid JSON value.
///
/// It is made from a parsed value, or taken from a JSON column of the database, so it can be written into an
/// answer as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonText(Box<str>);

impl JsonText {
    /// The text of a value.
    pub fn new(value: &Json) -> Self {
        Self(value.to_string().into_boxed_str())
    }

    /// The text of a JSON column, which the database keeps valid.
    pub fn from_database(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value that the text stands for.
    pub fn parse(&self) -> Json {
        serde_json::from_str(&self.0).unwrap_or(Json::Null)
    }

    /// Refuses what no database can keep or no query can reach: keys with `$` or `.` (121), the
    /// character NUL, and nesting beyond [`MAX_DEPTH`] (111).
    pub fn check(value: &Json) -> Result<(), Fault> {
        check_at(value, 0)
    }
}

fn check_at(value: &Json, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::with(Code::IncorrectType, format!("Values can be nested {MAX_DEPTH} levels deep.")));
    }
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
        Json::String(text) => check_text(text),
        Json::Array(items) => items.iter().try_for_each(|item| check_at(item, depth + 1)),
        Json::Object(members) => members.iter().try_for_each(|(key, member)| {
            if key.contains(['$', '.']) {
                return Err(Fault::new(Code::InvalidNestedKey));
            }
            check_text(key)?;
            check_at(member, depth + 1)
        }),
    }
}

fn check_text(text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(Fault::with(Code::IncorrectType, "Text cannot contain the character NUL."));
    }
    Ok(())
}
