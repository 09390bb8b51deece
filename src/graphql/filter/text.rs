//! Regular expressions and the search for words.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{invalid, quoted};
use crate::class::{Field, FieldType};
use crate::fault::{Code, Fault};
use crate::plan::{Filter, Find, Pattern, Test, TextSearch};

/// The longest regular expression, in bytes.
const MAX_PATTERN: usize = 1000;
/// The longest term of a search, in bytes.
const MAX_TERM: usize = 1000;
/// How large a compiled regular expression may become, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// Text that matches a regular expression.
pub(super) fn matches(field: &Arc<Field>, operand: &Json, options: Option<&Json>) -> Result<Filter<Find>, Fault> {
    if !matches!(field.kind, FieldType::String | FieldType::File | FieldType::Password) {
        return Err(invalid(format!("{} is no text to match.", field.name)));
    }
    let expression = operand.as_str().ok_or_else(|| invalid("A regular expression is a text."))?;
    let options = options.and_then(Json::as_str).unwrap_or_default();
    if let Some(unknown) = options.chars().find(|option| !"imxsu".contains(*option)) {
        return Err(invalid(format!("{unknown} is no option of a regular expression; there are i, m, x, s and u.")));
    }
    if expression.len() > MAX_PATTERN || expression.contains('\0') {
        return Err(invalid(format!("A regular expression has at most {MAX_PATTERN} bytes.")));
    }
    let pattern = Pattern {
        expression: quoted::without_quotes(expression),
        ignore_case: options.contains('i'),
        multi_line: options.contains('m'),
        dot_matches_new_line: options.contains('s'),
        ignore_white_space: options.contains('x'),
    };
    check(&pattern)?;
    Ok(text_filter(field, Test::Matches(pattern)))
}

/// Refuses what is no regular expression, what could keep a server busy (back-references and look-around), and what the
/// databases understand differently.
fn check(pattern: &Pattern) -> Result<(), Fault> {
    regex::RegexBuilder::new(&pattern.expression)
        .size_limit(MAX_COMPILED)
        .build()
        .map(drop)
        .map_err(|_invalid| invalid("The regular expression is not valid, or too large."))
}

/// Text that contains words.
pub(super) fn search(field: &Arc<Field>, operand: &Json) -> Result<Filter<Find>, Fault> {
    if !matches!(field.kind, FieldType::String | FieldType::Password) {
        return Err(invalid(format!("{} is no text to search.", field.name)));
    }
    let Some(search) = operand.get("search") else { return Err(invalid("A search needs a term.")) };
    let flag = |name| search.get(name) == Some(&Json::Bool(true));
    let term = search.get("term").and_then(Json::as_str).unwrap_or_default();
    if term.is_empty() || term.contains('\0') {
        return Err(Fault::with(Code::InvalidJson, "The term of a search is a text that is not empty."));
    }
    if term.len() > MAX_TERM {
        return Err(invalid(format!("The term of a search has at most {MAX_TERM} bytes.")));
    }
    let language = search.get("language").and_then(Json::as_str).map(ToOwned::to_owned);
    if let Some(unknown) = language.as_deref().filter(|language| !TextSearch::LANGUAGES.contains(language)) {
        let known = TextSearch::LANGUAGES.join(", ");
        return Err(invalid(format!("{unknown} is no language of the search; there are {known}.")));
    }
    let search = TextSearch {
        term: term.to_owned(),
        language,
        case_sensitive: flag("caseSensitive"),
        diacritic_sensitive: flag("diacriticSensitive"),
    };
    Ok(text_filter(field, Test::Search(search)))
}

/// There is no text of a password to look into.
fn text_filter(field: &Arc<Field>, test: Test) -> Filter<Find> {
    if field.kind == FieldType::Password { Filter::Never } else { Filter::Field(Arc::clone(field), test) }
}
