//! Names of classes and fields, checked once.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use smol_str::SmolStr;

use super::system;
use crate::fault::{Code, Fault};

/// The longest name of a class or a field, in bytes: `_Join:<field>:<Class>` and the names of indexes must
/// stay below the 63 bytes of a PostgreSQL identifier.
pub const MAX_NAME_LENGTH: usize = 50;

#[expect(clippy::expect_used, reason = "a literal pattern, compiled by every test run")]
static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Za-z][A-Za-z0-9_]*$").expect("a valid pattern"));

/// Words that mean something else in the API, or in the languages of its clients.
const RESERVED_FIELDS: &[&str] = &[
    "length",
    "className",
    "id",
    "OR",
    "AND",
    "NOR",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "toString",
    "toLocaleString",
    "valueOf",
    "propertyIsEnumerable",
];

macro_rules! name_type {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(SmolStr);

        impl $name {
            /// A name that is already known to the database.
            pub fn known(text: impl AsRef<str>) -> Self {
                Self(SmolStr::new(text))
            }

            /// The name's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type! {
    /// The name of a class.
    ClassName
}

name_type! {
    /// The name of a field.
    FieldName
}

impl ClassName {
    /// The name for a new class: letters, digits and `_`, beginning with a letter (103 otherwise).
    pub fn new_custom(text: &str) -> Result<Self, Fault> {
        if text == "length" || text == "className" || !is_plain(text) {
            return Err(Fault::with(
                Code::InvalidClassName,
                format!(
                    "Invalid classname: {text}, classnames can only have alphanumeric characters and _, must start with an \
                     alpha character, and have at most {MAX_NAME_LENGTH} characters."
                ),
            ));
        }
        Ok(Self::known(text))
    }

    /// The name of the class as a GraphQL type: without a leading `_`, and with an upper-case first letter.
    pub fn type_name(&self) -> String {
        let text = self.as_str();
        let plain = text.strip_prefix('_').unwrap_or(text);
        let mut letters = plain.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    }

    /// True for `_User`.
    pub fn is_user(&self) -> bool {
        self.as_str() == system::USER
    }

    /// True for `_Role`.
    pub fn is_role(&self) -> bool {
        self.as_str() == system::ROLE
    }

    /// True for `_Session`.
    pub fn is_session(&self) -> bool {
        self.as_str() == system::SESSION
    }
}

impl FieldName {
    /// The name for a new field: letters, digits and `_`, beginning with a letter, and not reserved (105 otherwise).
    pub fn new_custom(text: &str) -> Result<Self, Fault> {
        if RESERVED_FIELDS.contains(&text) || !is_plain(text) {
            return Err(Fault::with(Code::InvalidKeyName, format!("Invalid field name: {text}")));
        }
        Ok(Self::known(text))
    }
}

fn is_plain(text: &str) -> bool {
    text.len() <= MAX_NAME_LENGTH && NAME.is_match(text) && !text.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::{ClassName, FieldName};

    #[test]
    fn class_names_are_letters_digits_and_underscores() {
        for good in ["GameScore", "a", "sem_lower_x", "A1"] {
            assert!(ClassName::new_custom(good).is_ok(), "{good}");
        }
        let long = "x".repeat(51);
        for bad in ["", "_User", "1a", "a b", "a:b", "_Join:users:_Role", "é", "length", long.as_str(), "a\n"] {
            assert!(ClassName::new_custom(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn field_names_are_not_reserved_words() {
        for good in ["title", "n1", "is_open"] {
            assert!(FieldName::new_custom(good).is_ok(), "{good}");
        }
        for bad in ["", "_rperm", "__proto__", "constructor", "id", "OR", "length", "a.b", "a-b"] {
            assert!(FieldName::new_custom(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn type_names_begin_with_a_capital() {
        for (class, expected) in [("_User", "User"), ("gameScore", "GameScore"), ("sem_lower_x", "Sem_lower_x")] {
            assert_eq!(ClassName::known(class).type_name(), expected);
        }
    }
}
