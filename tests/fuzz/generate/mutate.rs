//! Damage: the text and the variables of a request, slightly changed.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

use super::{JSON, TEXTS};
use crate::case::Case;
use crate::dice::Dice;

/// Tokens of GraphQL; whatever else there is, is a token of its own.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)"""(?:.*?)"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\S"#)
        .unwrap()
});

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    TOKEN.find_iter(text).map(|token| token.as_str().to_owned()).collect()
}

/// Changes the text, the variables or both, in a few places.
pub(crate) fn mutate(dice: &mut Dice, case: &mut Case) {
    for _ in 0..=dice.below(3) {
        if dice.percent(60) || case.variables.is_empty() {
            text(dice, &mut case.text);
        } else {
            let mut json = Json::Object(std::mem::take(&mut case.variables));
            json_value(dice, &mut json);
            case.variables = match json {
                Json::Object(members) => members,
                other => Map::from_iter([("v1".to_owned(), other)]),
            };
        }
    }
}

/// What is put in for a token.
const PUT: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "@",
    "...",
    "$",
    "|",
    "&",
    "null",
    "true",
    "on",
    "fragment",
    "query",
    "mutation",
    "subscription",
    "type",
    "extend",
    "{ }",
    "__typename",
    "0",
    "-1",
    "1e999",
    "99999999999999999999",
    "\"\"",
    "\"\\u{110000}\"",
    "\"\\uD800\"",
    "id",
    "$v1",
    "@skip(if: true)",
    "@deprecated",
    "01",
    "1.",
    "\"",
    "objectId",
];

fn text(dice: &mut Dice, text: &mut String) {
    if dice.percent(5) {
        return characters(dice, text);
    }
    let mut tokens = tokens(text);
    if tokens.is_empty() {
        return;
    }
    let (one, other) = (dice.below(tokens.len()), dice.below(tokens.len()));
    match dice.below(6) {
        0 | 1 => drop(tokens.remove(one)),
        2 => tokens.insert(one, tokens[one].clone()),
        3 => tokens.swap(one, other),
        4 => dice.pick(&PUT).clone_into(&mut tokens[one]),
        _ => tokens[one] = tokens[other].clone(),
    }
    *text = tokens.join(" ");
}

fn characters(dice: &mut Dice, text: &mut String) {
    let at = dice.below(text.len() + 1);
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let odd = ['\u{0}', '\u{FEFF}', '"', '#', '{', '}', '\u{1F600}', '$', '&', '\r'];
    match dice.below(3) {
        0 => text.truncate(at),
        1 => text.insert(at, dice.pick(&odd)),
        _ => text.insert_str(at, "\"\"\""),
    }
}

fn json_value(dice: &mut Dice, json: &mut Json) {
    let go_on = dice.percent(75);
    match json {
        Json::Object(members) if go_on && !members.is_empty() => {
            let at = dice.below(members.len());
            let key = members.keys().nth(at).cloned().unwrap_or_default();
            match dice.below(12) {
                0 => drop(members.shift_remove(&key)),
                1 => {
                    let value = members.shift_remove(&key).unwrap_or_default();
                    members.insert(dice.pick(&TEXTS).to_owned(), value);
                }
                _ => members.get_mut(&key).into_iter().for_each(|value| json_value(dice, value)),
            }
        }
        Json::Array(items) if go_on && !items.is_empty() => {
            let at = dice.below(items.len());
            match dice.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => json_value(dice, &mut items[at]),
            }
        }
        other => match dice.below(4) {
            0 => *other = Json::Array(vec![other.take()]),
            1 => *other = Json::from(dice.pick(&TEXTS)),
            _ => *other = serde_json::from_str(dice.pick(&JSON)).unwrap_or_default(),
        },
    }
}
