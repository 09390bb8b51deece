//! Quoted parts of regular expressions: what stands between `\Q` and `\E` is text, whatever it contains.
//!
//! Parse's clients quote so what they search for, in `startsWith` and the like. Neither database understands it, so the text
//! is written with an escape before each sign that would mean something.

use std::fmt::Write as _;

/// The same expression without quotes. A quote that does not end goes on to the end.
pub(super) fn without_quotes(expression: &str) -> String {
    let mut plain = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some((before, at)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut behind = at.chars();
        match behind.next() {
            Some('Q') => {
                let (text, after) = behind.as_str().split_once("\\E").unwrap_or((behind.as_str(), ""));
                escape(text, &mut plain);
                rest = after;
            }
            // It ends no quote.
            Some('E') => rest = behind.as_str(),
            Some(escaped) => {
                plain.extend(['\\', escaped]);
                rest = behind.as_str();
            }
            None => {
                plain.push('\\');
                rest = "";
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// White space is escaped as well: an option has it passed over.
fn escape(text: &str, plain: &mut String) {
    for character in text.chars() {
        if character.is_whitespace() {
            // Writing to a string cannot fail.
            let _ = write!(plain, "\\x{{{:x}}}", u32::from(character));
        } else {
            plain.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_quotes;

    #[test]
    fn what_is_quoted_is_text() {
        for (expression, expected) in [
            ("", ""),
            ("a.c", "a.c"),
            (r"^\Qa.c\E", r"^a\.c"),
            (r"^\Qa.c", r"^a\.c"),
            (r"\Q(\E|\Q)\E", r"\(|\)"),
            (r"\Qa\b\E\b", r"a\\b\b"),
            (r"\Qa b#\E", r"a\x{20}b\#"),
            (r"\\Qa.c\\E", r"\\Qa.c\\E"),
            (r"a\E.", "a."),
            (r"\Q\E", ""),
            (r"é\Qé.\Eé", r"éé\.é"),
            ("a\\", "a\\"),
            (r"\Qa\", r"a\\"),
        ] {
            assert_eq!(without_quotes(expression), expected, "{expression}");
            let valid = regex::Regex::new(&without_quotes(expression)).is_ok();
            assert_eq!(valid, expression != "a\\", "{expression}");
        }
    }
}
