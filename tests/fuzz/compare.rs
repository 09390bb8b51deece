//! Both databases answer alike, but for the names that they choose themselves, and the time.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::case::Case;
use crate::names::Names;

static DATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").unwrap());

/// Compares the answers of all databases to one question.
pub(crate) fn answers(names: &mut Names, case: &Case, answers: &[Json]) -> Result<(), String> {
    let [one, other] = answers else { return Ok(()) };
    if depends_on_names(case) {
        return Ok(());
    }
    same(names, "", one, other).map_err(|(path, one, other)| format!("{path}: {one} / {other}"))
}

/// True if the answer depends on the ids or the times that each database chooses: who comes first of equals, what was
/// made before a thing of another class, which id is greater.
pub(crate) fn depends_on_names(case: &Case) -> bool {
    static ID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"\b(id|objectId|createdAt|updatedAt|expiresAt)"?\s*:\s*\{|@@"#).unwrap());
    let asked = format!("{} {}", case.text, Json::Object(case.variables.clone()));
    let any = |words: &[&str]| words.iter().any(|word| asked.contains(word));
    any(&["order", "after", "before"]) || any(&["greaterThan", "lessThan"]) && ID.is_match(&asked)
}

type Difference = (String, String, String);

fn same(names: &mut Names, key: &str, one: &Json, other: &Json) -> Result<(), Difference> {
    let differ = || Err((key.to_owned(), one.to_string(), other.to_string()));
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            if !one.keys().eq(other.keys()) {
                return differ();
            }
            for (key, value) in one {
                same(names, key, value, &other[key])?;
            }
            Ok(())
        }
        (Json::Array(one), Json::Array(other)) => {
            if one.len() != other.len() {
                return differ();
            }
            one.iter().zip(other).try_for_each(|(one, other)| same(names, key, one, other))
        }
        (Json::String(one), Json::String(other)) if one != other => {
            let now = |text: &str| DATE.is_match(text);
            if now(one) && now(other) || names.alike(one, other) {
                return Ok(());
            }
            let chosen =
                matches!(key.split('_').next().unwrap_or_default(), "id" | "objectId" | "sessionToken" | "userId");
            // A cursor marks the same place in a different way.
            if key.split('_').next().is_some_and(|key| key.ends_with("ursor")) {
                return Ok(());
            }
            if chosen && names.learn(key, &[one, other]) { Ok(()) } else { differ() }
        }
        _ if one == other => Ok(()),
        _ => differ(),
    }
}
