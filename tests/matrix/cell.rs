//! What a request did, in one word.

use serde_json::Value;

use crate::harness::Answer;

/// Behind a word: the data says something else.
pub(crate) const CONTRADICTION: &str = "!";

/// The word for an answer: the codes of its errors, or what stands at a path of its data.
///
/// - `yes`: there is a value, a list with something in it, or a number that is not 0,
/// - `empty`: there is an empty list, 0 or false,
/// - `null`: there is null, without any error.
pub(crate) fn word(answer: &Answer, path: &str) -> String {
    let codes = answer.codes();
    if !codes.is_empty() {
        let codes: Vec<String> = codes.iter().map(code).collect();
        let mark = if leaks(answer, path) { CONTRADICTION } else { "" };
        return codes.join("+") + mark;
    }
    if answer.status != 200 {
        return format!("HTTP {}", answer.status);
    }
    at(answer, path).to_owned()
}

fn code(code: &Value) -> String {
    code.as_str().map_or_else(|| code.to_string(), ToOwned::to_owned)
}

/// Beside an error there must be no value.
fn leaks(answer: &Answer, path: &str) -> bool {
    at(answer, path) == "yes"
}

/// What stands at the path; the first null or empty list on the way to it ends the way.
fn at(answer: &Answer, path: &str) -> &'static str {
    let mut here = answer.json.get("data").unwrap_or(&Value::Null);
    for step in path.split('.') {
        here = match here {
            Value::Null => return "null",
            Value::Array(items) => match items.get(step.parse::<usize>().expect("a number")) {
                Some(item) => item,
                None => return "empty",
            },
            _ => here.get(step).unwrap_or_else(|| panic!("nothing at {path}: {}", answer.body)),
        };
    }
    value(here)
}

fn value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Array(items) if items.is_empty() => "empty",
        Value::Bool(false) => "empty",
        Value::Number(number) if number.as_f64() == Some(0.0) => "empty",
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => "yes",
    }
}

/// The word of a write, marked if it does not say what really happened.
pub(crate) fn checked(word: String, happened: bool) -> String {
    let done = matches!(word.as_str(), "yes" | "null" | "empty");
    if done == happened { word } else { word + CONTRADICTION }
}
