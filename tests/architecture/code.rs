//! Just enough reading of Rust: what is code, and which names it has.

use std::collections::BTreeSet;

/// The names that follow `crate::` in the code: `crate::{class::Acl, plan}` has `class` and `plan`.
pub(crate) fn names_in_the_crate(code: &str) -> BTreeSet<String> {
    names_after("crate::", code)
}

/// The names that follow at least `depth` times `super::`, which lead to the crate's root from a file that is this deep.
/// From a module within the file they lead to the room, so a name may be of either.
pub(crate) fn names_above(depth: usize, code: &str) -> BTreeSet<String> {
    names_after(&"super::".repeat(depth), code)
}

fn names_after(start: &str, code: &str) -> BTreeSet<String> {
    let packed = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let packed = packed.replace(" ::", "::").replace(":: ", "::");

    let mut names = BTreeSet::new();
    for (at, _) in packed.match_indices(start) {
        let (before, path) = packed.split_at(at);
        if !before.ends_with(is_word_character) && !before.ends_with("super::") {
            names.extend(heads(after(path, start.len()).trim_start_matches("super::")));
        }
    }
    names
}

/// All words of the code: names, keywords and numbers.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word_character(c)).filter(|word| !word.is_empty())
}

/// The text without comments and without literals of strings and characters.
pub(crate) fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let begins_word = !code.ends_with(is_word_character) || code.ends_with('b');
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' if begins_word => raw_string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            code.push(c);
            rest = after(rest, c.len_utf8());
        } else {
            code.push(' ');
            rest = after(rest, length);
        }
    }
    code
}

/// The first names of the rest of a path: one, or those of a group in braces.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else {
        return words(rest).next().filter(|word| rest.starts_with(word)).map(str::to_owned).into_iter().collect();
    };
    let mut nesting = 0;
    let mut items = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => nesting += 1,
            '}' if nesting == 0 => break,
            '}' => nesting -= 1,
            ',' if nesting == 0 => items.push(String::new()),
            _ if nesting == 0 => items.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    items.iter().flat_map(|item| heads(item.trim())).collect()
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn after(text: &str, bytes: usize) -> &str {
    text.split_at(bytes).1
}

// What follows gives the length of the comment or literal that the text begins with.

fn block_comment(text: &str) -> usize {
    let mut nesting = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("/*") {
            nesting += 1;
            rest = inner;
        } else if let Some(outer) = rest.strip_prefix("*/") {
            nesting -= 1;
            rest = outer;
            if nesting == 0 {
                break;
            }
        } else {
            rest = after(rest, rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    text.len() - rest.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// 0 if it is no raw string but a name that begins with `r`.
fn raw_string(text: &str) -> usize {
    let hashes = text.chars().skip(1).take_while(|c| *c == '#').count();
    let start = "r\"".len() + hashes;
    if text.chars().nth(start - 1) != Some('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    after(text, start).find(&end).map_or(text.len(), |at| start + at + end.len())
}

/// 0 if it is no character but a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, c))) => {
            let start = escaped + c.len_utf8();
            after(text, start).find('\'').map_or(0, |at| start + at + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 0,
    }
}
