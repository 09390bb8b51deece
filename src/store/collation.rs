//! Collations that are no order.
//!
//! SQLite can be taught to compare two texts, and a comparison for equality asks for nothing else. So a condition that it has no
//! words for can be put as one: one side is the text of a row, the other a question, and they are "equal" if it holds for the text.

use std::cmp::Ordering;

/// What no text of a row begins with, unless somebody wants to find nothing.
const MARK: char = '\u{1}';

/// Between the name of a collation and what it is asked.
const END_OF_NAME: char = ':';

/// A question for the collation of this name, and for no other.
pub(super) fn question(collation: &str, asked: &str) -> String {
    format!("{MARK}{collation}{END_OF_NAME}{asked}")
}

/// The comparison of the collation of this name: equal if one text is a question to it, and what that asks `holds` for the other.
/// Two questions are never equal, not even the same one twice: a row that contains a question is no answer to it.
pub(super) fn compare(collation: &str, one: &str, other: &str, holds: impl FnOnce(&str, &str) -> bool) -> Ordering {
    let holds = match (asked(collation, one), asked(collation, other)) {
        (Some(asked), None) => holds(asked, other),
        (None, Some(asked)) => holds(asked, one),
        (Some(_), Some(_)) => false,
        (None, None) => return one.cmp(other),
    };
    if holds { Ordering::Equal } else { one.cmp(other).then(Ordering::Less) }
}

fn asked<'t>(collation: &str, text: &'t str) -> Option<&'t str> {
    text.strip_prefix(MARK)?.strip_prefix(collation)?.strip_prefix(END_OF_NAME)
}
