//! What every answer must be, whatever was asked.

use std::sync::LazyLock;
use std::time::Duration;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use portcullis::fault::Code;
use portcullis::graphql::Outcome;
use regex::Regex;
use serde_json::Value as Json;

use crate::case::Case;
use crate::server::Reply;
use crate::shape;

/// Longer than an answer may take, even on a busy machine.
const SLOW: Duration = Duration::from_secs(10);

/// What no message may have in it: words of databases, of this server's own tables, and of Rust.
const INNARDS: [&str; 16] = [
    "sqlx",
    "sqlite",
    "postgres",
    "syntax error at",
    "_rperm",
    "_wperm",
    "select ",
    "insert into",
    "_hashed",
    "$argon2",
    "unwrap()",
    "panicked",
    "src/",
    "error returned from",
    "relation \"",
    "no such column",
];

/// What is wrong with an answer: a word for the kind of it, and the details.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) kind: String,
    pub(crate) detail: String,
}

/// Checks an answer, and gives its JSON. `log` is what the server said about it.
pub(crate) fn check(schema: &Valid<Schema>, case: &Case, reply: &Reply, log: &str) -> Result<Json, Wrong> {
    let wrong = |kind: String, detail: &str| Err(Wrong { kind, detail: detail.to_owned() });
    let (outcome, body, time) = match reply {
        Reply::Panic(text) => return wrong(format!("panic: {}", general(text)), text),
        Reply::Hang => return wrong("hang".to_owned(), "no answer"),
        Reply::NotLetIn => return Ok(Json::Null),
        Reply::Answer { outcome, body, time } => (*outcome, body, *time),
    };
    if time > SLOW {
        return wrong("slow".to_owned(), &format!("{time:?}"));
    }
    let Ok(json) = serde_json::from_str::<Json>(body) else {
        // Numbers beyond those of JSON in Rust are no fault of the body's.
        return wrong("the body is not JSON".to_owned(), body);
    };
    if let Some(failure) = failure(&json) {
        return wrong(format!("{failure}: {}", general(log)), &format!("{log}\n{body}"));
    }
    if let Err(reason) = response(outcome, case, &json) {
        return wrong(general(&reason), &format!("{reason}\n{body}"));
    }
    if body.contains("$argon2") {
        return wrong("a hash is shown".to_owned(), body);
    }
    if outcome == Outcome::Executed
        && let Err(reason) = shape::check(schema, case, &json)
    {
        return wrong(general(&reason), &format!("{reason}\n{body}"));
    }
    if !log.trim().is_empty() {
        return wrong(format!("logged: {}", general(log)), log);
    }
    Ok(json)
}

fn errors(json: &Json) -> impl Iterator<Item = &Json> {
    json.get("errors").and_then(Json::as_array).into_iter().flatten()
}

/// The code of an error that is the server's fault.
fn failure(json: &Json) -> Option<String> {
    let mut codes = errors(json).filter_map(|error| error.pointer("/extensions/code")?.as_i64());
    codes.find(|code| matches!(code, 1 | 100 | 124)).map(|code| format!("code {code}"))
}

/// Checks what the response says about itself.
fn response(outcome: Outcome, case: &Case, json: &Json) -> Result<(), String> {
    let members = json.as_object().ok_or("the response is no object")?;
    if let Some(other) = members.keys().find(|key| !matches!(key.as_str(), "data" | "errors")) {
        return Err(format!("the response has a member {other}"));
    }
    if let Some(errors) = members.get("errors")
        && errors.as_array().is_none_or(Vec::is_empty)
    {
        return Err("errors is no list with errors".to_owned());
    }
    match outcome {
        Outcome::Executed => {
            let data = members.get("data").ok_or("executed without data")?;
            if data.is_null() && errors(json).next().is_none() {
                return Err("no data, and no errors".to_owned());
            }
        }
        Outcome::Refused | Outcome::MutationByGet => {
            if members.contains_key("data") || errors(json).next().is_none() {
                return Err("refused, and with data or without errors".to_owned());
            }
        }
    }
    errors(json).try_for_each(|error| self::error(outcome, case, json, error))
}

fn error(outcome: Outcome, case: &Case, json: &Json, error: &Json) -> Result<(), String> {
    let message = error.get("message").and_then(Json::as_str).ok_or("an error without a message")?;
    if message.is_empty() {
        return Err("an empty message".to_owned());
    }
    let code = error.pointer("/extensions/code").ok_or("an error without a code")?;
    let known = match outcome {
        Outcome::Executed => Code::ALL.iter().any(|known| code.as_i64() == Some(known.number().into())),
        Outcome::Refused => matches!(
            code.as_str(),
            Some(
                "GRAPHQL_PARSE_FAILED"
                    | "GRAPHQL_VALIDATION_FAILED"
                    | "BAD_USER_INPUT"
                    | "OPERATION_RESOLUTION_FAILURE"
            )
        ),
        Outcome::MutationByGet => code.as_str() == Some("BAD_REQUEST"),
    };
    if !known {
        return Err(format!("{outcome:?} with the code {code}"));
    }
    let folded = message.to_lowercase();
    let asked = format!("{} {}", case.text, Json::Object(case.variables.clone())).to_lowercase();
    if let Some(inner) = INNARDS.iter().find(|inner| folded.contains(*inner) && !asked.contains(*inner)) {
        return Err(format!("a message says {inner:?}: {message}"));
    }
    for place in error.get("locations").and_then(Json::as_array).into_iter().flatten() {
        let number = |key: &str| place.get(key).and_then(Json::as_u64).unwrap_or_default();
        if number("line") == 0 || number("column") == 0 {
            return Err(format!("a location {place}"));
        }
    }
    if outcome != Outcome::Executed {
        return Ok(());
    }
    let path = error.get("path").and_then(Json::as_array).ok_or("an error of a field has no path")?;
    let mut at = &json["data"];
    for step in path {
        if at.is_null() {
            return Ok(());
        }
        let next = match step {
            Json::String(key) => at.get(key),
            Json::Number(index) => index.as_u64().and_then(|index| at.get(usize::try_from(index).ok()?)),
            _ => None,
        };
        at = next.ok_or_else(|| format!("the path of an error leads nowhere: {}", error["path"]))?;
    }
    if at.is_null() { Ok(()) } else { Err(format!("a field has both a value and an error: {}", error["path"])) }
}

/// A text without what differs from case to case.
pub(crate) fn general(text: &str) -> String {
    static SPECIAL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"data\.\S*|@@\d+@@|"[^"]*"|'[^']*'|`[^`]*`|\d+|\s+"#).unwrap());
    let general = SPECIAL.replace_all(text.trim(), |found: &regex::Captures<'_>| {
        if found[0].trim().is_empty() {
            return " ".to_owned();
        }
        let last = found[0].strip_prefix("data.").and_then(|path| path.split('.').next_back());
        last.and_then(|last| last.split('_').next()).map_or_else(|| "…".to_owned(), str::to_owned)
    });
    general.chars().take(300).collect()
}
