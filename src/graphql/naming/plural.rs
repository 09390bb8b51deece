//! English plurals, exactly as the npm package `pluralize` 8.0.0 makes them.
//!
//! The names of find queries are made of them, so generated clients depend on every quirk: the plural of `sem_A` is
//! `sem_AS`, because an ending takes the case of what it replaces or follows. The crate `pluralizer` follows later
//! rules (`canvas`, `species`) and keeps the case of the word, so it would name some queries differently.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use super::words::{IRREGULAR, RULES, UNCOUNTABLE};

/// The rules, the one that counts first.
#[expect(clippy::expect_used, reason = "literal patterns, compiled by every test run")]
static COMPILED: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compile = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).build().expect("a valid pattern");
    RULES.iter().rev().map(|(pattern, replacement)| (compile(pattern), *replacement)).collect()
});

/// The plural of a word; what is a plural already stays.
pub(super) fn plural(word: &str) -> String {
    let same = |other: &str| other.eq_ignore_ascii_case(word);
    if let Some((_, kept)) = IRREGULAR.iter().find(|(_, plural)| same(plural)) {
        return restore_case(word, kept);
    }
    if let Some((_, plural)) = IRREGULAR.iter().rev().find(|(singular, _)| same(singular)) {
        return restore_case(word, plural);
    }
    if UNCOUNTABLE.iter().any(|uncountable| same(uncountable)) {
        return word.to_owned();
    }
    match COMPILED.iter().find(|(pattern, _)| pattern.is_match(word)) {
        Some((pattern, replacement)) => {
            pattern.replace(word, |found: &Captures<'_>| replaced(word, found, replacement)).into_owned()
        }
        None => word.to_owned(),
    }
}

/// What stands for the matched text, in its case; for an empty match, in the case of the letter before it.
fn replaced(word: &str, found: &Captures<'_>, replacement: &str) -> String {
    let mut text = String::new();
    let mut signs = replacement.chars();
    while let Some(sign) = signs.next() {
        match (sign, sign == '$') {
            (_, true) => {
                let group =
                    signs.next().and_then(|digit| digit.to_digit(10)).and_then(|digit| usize::try_from(digit).ok());
                text.push_str(group.and_then(|group| found.get(group)).map_or("", |group| group.as_str()));
            }
            (other, false) => text.push(other),
        }
    }
    let matched = found.get(0).map_or("", |whole| whole.as_str());
    if !matched.is_empty() {
        return restore_case(matched, &text);
    }
    let before = word.chars().next_back().map(String::from).unwrap_or_default();
    restore_case(&before, &text)
}

fn restore_case(word: &str, token: &str) -> String {
    if word == token {
        return token.to_owned();
    }
    let (lower, upper) = (word.to_lowercase(), word.to_uppercase());
    if word == lower {
        return token.to_lowercase();
    }
    if word == upper {
        return token.to_uppercase();
    }
    if word.chars().next().is_some_and(|first| first.to_uppercase().eq([first])) {
        let mut letters = token.chars();
        let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
        return first.unwrap_or_default() + &letters.as_str().to_lowercase();
    }
    token.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::plural;

    /// Words and their plurals, written down by `pluralize` 8.0.0 itself.
    const RECORDED: &str = include_str!("plurals.tsv");

    #[test]
    fn plurals_are_those_of_npm() {
        for line in RECORDED.lines() {
            let (word, expected) = line.split_once('\t').unwrap();
            assert_eq!(plural(word), expected, "{word}");
        }
    }
}
