//! Regular expressions in the words of either database.
//!
//! SQLite runs Rust's `regex`, by which the planner has checked them. PostgreSQL's expressions look much the same but mean other
//! things: what `.`, `\b` and `\w` match, where options can stand, how often something can be repeated. So an expression is
//! parsed, and what it means is written down anew in the few words that both share.

use std::fmt::Write as _;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use crate::plan::Pattern;

/// How often PostgreSQL repeats something at most.
const MOST: u32 = 255;

/// The expression for SQLite, with its options in front.
pub(super) fn sqlite(pattern: &Pattern) -> String {
    let options = [
        (pattern.ignore_case, 'i'),
        (pattern.multi_line, 'm'),
        (pattern.dot_matches_new_line, 's'),
        (pattern.ignore_white_space, 'x'),
    ];
    let set: String = options.iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect();
    let expression = &pattern.expression;
    if set.is_empty() { expression.clone() } else { format!("(?{set}){expression}") }
}

/// The expression for PostgreSQL. What is no expression matches nothing.
pub(super) fn postgres(pattern: &Pattern) -> String {
    let parsed = ParserBuilder::new()
        .case_insensitive(pattern.ignore_case)
        .multi_line(pattern.multi_line)
        .dot_matches_new_line(pattern.dot_matches_new_line)
        .ignore_whitespace(pattern.ignore_white_space)
        .build()
        .parse(&pattern.expression);
    // `^` and `$` stand for the ends of lines, and nothing else minds line breaks.
    let mut text = String::from("(?w)");
    match parsed {
        Ok(meaning) => write_hir(&mut text, &meaning),
        Err(_) => write_nothing(&mut text),
    }
    text
}

fn write_hir(text: &mut String, hir: &Hir) {
    match hir.kind() {
        HirKind::Empty => text.push_str("(?:)"),
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().for_each(|one| write_char(text, one)),
        HirKind::Class(class) => write_class(text, class),
        HirKind::Look(look) => text.push_str(boundary(*look)),
        HirKind::Repetition(repetition) => write_repetition(text, repetition),
        HirKind::Capture(capture) => group(text, |text| write_hir(text, &capture.sub)),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write_hir(text, part)),
        HirKind::Alternation(choices) => group(text, |text| {
            for (number, choice) in choices.iter().enumerate() {
                if number > 0 {
                    text.push('|');
                }
                write_hir(text, choice);
            }
        }),
    }
}

fn group(text: &mut String, inner: impl FnOnce(&mut String)) {
    text.push_str("(?:");
    inner(text);
    text.push(')');
}

fn write_char(text: &mut String, character: char) {
    if character.is_ascii_alphanumeric() {
        text.push(character);
        return;
    }
    // Writing to a string cannot fail.
    let _ = match u32::from(character) {
        code @ 0..=0xFFFF => write!(text, "\\u{code:04x}"),
        code => write!(text, "\\U{code:08x}"),
    };
}

fn write_class(text: &mut String, class: &Class) {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    // No text has the character NUL, and PostgreSQL has no word for it.
    let ranges = ranges.into_iter().filter(|(_, end)| *end != '\0').map(|(start, end)| (start.max('\u{1}'), end));
    let mut ranges = ranges.peekable();
    if ranges.peek().is_none() {
        write_nothing(text);
        return;
    }
    text.push('[');
    for (start, end) in ranges {
        write_char(text, start);
        if start != end {
            text.push('-');
            write_char(text, end);
        }
    }
    text.push(']');
}

/// What never matches.
fn write_nothing(text: &mut String) {
    text.push_str("(?!)");
}

const fn boundary(look: Look) -> &'static str {
    match look {
        Look::Start => "\\A",
        Look::End => "\\Z",
        Look::StartLF | Look::StartCRLF => "^",
        Look::EndLF | Look::EndCRLF => "$",
        Look::WordAscii | Look::WordUnicode => "\\y",
        Look::WordAsciiNegate | Look::WordUnicodeNegate => "\\Y",
        Look::WordStartAscii | Look::WordStartUnicode => "\\m",
        Look::WordEndAscii | Look::WordEndUnicode => "\\M",
        Look::WordStartHalfAscii | Look::WordStartHalfUnicode => "(?<!\\w)",
        Look::WordEndHalfAscii | Look::WordEndHalfUnicode => "(?!\\w)",
    }
}

/// Whether much or little is taken does not matter to whether there is a match, so all are greedy.
fn write_repetition(text: &mut String, repetition: &Repetition) {
    let mut again = |count: &str| {
        group(text, |text| write_hir(text, &repetition.sub));
        text.push_str(count);
    };
    let in_parts = |again: &mut dyn FnMut(&str), mut count: u32, from: &str| {
        while count > 0 {
            let part = count.min(MOST);
            again(&format!("{{{from}{part}}}"));
            count -= part;
        }
    };
    match (repetition.min, repetition.max) {
        (0, None) => again("*"),
        (1, None) => again("+"),
        (0, Some(1)) => again("?"),
        (least, None) => {
            in_parts(&mut again, least, "");
            again("*");
        }
        (least, Some(most)) => {
            in_parts(&mut again, least, "");
            in_parts(&mut again, most.saturating_sub(least), "0,");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{postgres, sqlite};
    use crate::plan::Pattern;

    fn pattern(expression: &str, options: &str) -> Pattern {
        Pattern {
            expression: expression.to_owned(),
            ignore_case: options.contains('i'),
            multi_line: options.contains('m'),
            dot_matches_new_line: options.contains('s'),
            ignore_white_space: options.contains('x'),
        }
    }

    #[test]
    fn each_database_gets_its_own_words() {
        let any = r"[\u0001-\u0009\u000b-\U0010ffff]";
        let cases = [
            ("^a.b$", "", "^a.b$", format!(r"(?w)\Aa{any}b\Z")),
            ("a.b", "s", "(?s)a.b", r"(?w)a[\u0001-\U0010ffff]b".to_owned()),
            ("^a$", "im", "(?im)^a$", r"(?w)^[Aa]$".to_owned()),
            (r"\bfoo\.\B[.\]]", "", r"\bfoo\.\B[.\]]", r"(?w)\yfoo\u002e\Y[\u002e\u005d]".to_owned()),
            ("(a|bc)+?é", "", "(a|bc)+?é", r"(?w)(?:(?:(?:a|bc)))+\u00e9".to_owned()),
            ("a b # c.\n", "x", "(?x)a b # c.\n", "(?w)ab".to_owned()),
            ("a{2,300}b{2,}", "", "a{2,300}b{2,}", "(?w)(?:a){2}(?:a){0,255}(?:a){0,43}(?:b){2}(?:b)*".to_owned()),
            ("(?i:k)x", "", "(?i:k)x", r"(?w)[Kk\u212a]x".to_owned()),
            ("a\\", "", "a\\", "(?w)(?!)".to_owned()),
            ("[^\\x00-\\x{10FFFF}]", "", "[^\\x00-\\x{10FFFF}]", "(?w)(?!)".to_owned()),
            ("", "", "", "(?w)(?:)".to_owned()),
        ];
        for (expression, options, for_sqlite, for_postgres) in cases {
            let pattern = pattern(expression, options);
            assert_eq!(sqlite(&pattern), for_sqlite, "{expression}");
            assert_eq!(postgres(&pattern), for_postgres, "{expression}");
        }
    }
}
