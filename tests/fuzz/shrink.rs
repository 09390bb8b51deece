//! The smallest case found that still goes wrong in the same way.

use serde_json::{Map, Value as Json};

use crate::case::Case;
use crate::generate::tokens;

/// How many smaller cases are tried.
const TRIES: usize = 400;

/// Makes a case smaller as long as `fails` says that it still fails.
pub(crate) async fn shrink(mut case: Case, mut fails: impl AsyncFnMut(&Case) -> bool) -> Case {
    let mut tries = 0;
    let mut progress = true;
    while progress && tries < TRIES {
        progress = false;
        for smaller in variables(&case) {
            tries += 1;
            if tries > TRIES {
                return case;
            }
            if fails(&smaller).await {
                case = smaller;
                progress = true;
                break;
            }
        }
        for text in inlined(&tokens(&case.text)) {
            tries += 1;
            let candidate = Case { text, ..case.clone() };
            if fails(&candidate).await {
                case = candidate;
                progress = true;
                break;
            }
        }
        let mut at = 0;
        while at < tokens(&case.text).len() && tries < TRIES {
            let mut smaller = None;
            for text in cuts(&tokens(&case.text), at) {
                tries += 1;
                let candidate = Case { text, ..case.clone() };
                if fails(&candidate).await {
                    smaller = Some(candidate);
                    break;
                }
            }
            match smaller {
                Some(smaller) => {
                    case = smaller;
                    progress = true;
                }
                None => at += 1,
            }
        }
    }
    case
}

/// The text without what begins at a token: a field or argument with all that belongs to it, the insides of braces.
fn cuts(tokens: &[String], at: usize) -> Vec<String> {
    let without = |from: usize, to: usize| -> String {
        let kept = tokens.iter().enumerate().filter(|(at, _)| !(from..to).contains(at));
        tidy(kept.map(|(_, token)| token.clone()).collect())
    };
    let close = |at: usize| close(tokens, at);
    let mut ends = Vec::new();
    let is = |position: usize, text: &str| tokens.get(position).is_some_and(|token| token == text);
    if matches!(tokens[at].as_str(), "}" | ")" | "]" | ":" | ",") {
        return Vec::new();
    }
    let mut end = if matches!(tokens[at].as_str(), "{" | "(" | "[") { close(at) } else { Some(at + 1) };
    // What follows may belong to it: `name : name ( … ) { … }`.
    while let Some(position) = end {
        ends.push(position);
        end = if is(position, ":") || is(position, "on") || is(position, "@") {
            close(position + 1)
        } else if is(position, "(") || is(position, "{") || is(position, "[") {
            close(position)
        } else if is(position, "!") || is(position, ",") || tokens[at] == "..." || tokens[at] == "fragment" {
            (position < tokens.len() && !is(position, "}")).then_some(position + 1)
        } else {
            None
        };
        if ends.len() > 8 {
            break;
        }
    }
    ends.into_iter().rev().map(|end| without(at, end)).collect()
}

/// The text of the tokens, with selections that have become empty filled, and without what nobody uses any more.
fn tidy(mut tokens: Vec<String>) -> String {
    let mut at = 1;
    while at + 1 < tokens.len() {
        let literal = matches!(tokens[at - 1].as_str(), ":" | "," | "[" | "=");
        if tokens[at] == "{" && tokens[at + 1] == "}" && !literal {
            tokens.insert(at + 1, "__typename".to_owned());
        }
        at += 1;
    }
    loop {
        let unused = (0..tokens.len()).find_map(|at| {
            let name = tokens.get(at + 1)?;
            match tokens[at].as_str() {
                "fragment" if count(&tokens, "...", name) == 0 => Some((at, close(&tokens, at + 4)?)),
                "$" if count(&tokens, "$", name) == 1 && tokens.get(at + 2)? == ":" => {
                    let mut end = at + 3;
                    while !matches!(tokens.get(end)?.as_str(), "," | "$" | ")") {
                        end += 1;
                    }
                    Some((at, if tokens[end] == "," { end + 1 } else { end }))
                }
                "(" if name == ")" => Some((at, at + 2)),
                _ => None,
            }
        });
        match unused {
            Some((from, to)) => drop(tokens.drain(from..to)),
            None => return tokens.join(" "),
        }
    }
}

fn count(tokens: &[String], before: &str, name: &str) -> usize {
    tokens.windows(2).filter(|pair| pair[0] == before && pair[1] == name).count()
}

/// Where what begins at a token ends: the token itself, or the brackets that it opens.
fn close(tokens: &[String], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, token) in tokens.iter().enumerate().skip(at) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(position + 1);
        }
    }
    None
}

/// The texts in which one fragment after the other is put where it is used.
fn inlined(tokens: &[String]) -> Vec<String> {
    let definitions = (0..tokens.len()).filter(|at| tokens[*at] == "fragment");
    let inline = |at: usize| -> Option<String> {
        let (name, end) = (tokens.get(at + 1)?, close(tokens, at + 4)?);
        let mut text = Vec::new();
        let mut position = 0;
        while position < tokens.len() {
            if position == at {
                position = end;
                continue;
            }
            text.push(tokens[position].clone());
            position += 1;
            if tokens[position - 1] == "..." && tokens.get(position) == Some(name) {
                // `on T { … }`, without directives: they come after the name of a spread, and here before the braces.
                text.extend_from_slice(&tokens[at + 2..end]);
                position += 1;
            }
        }
        Some(tidy(text))
    };
    definitions.filter_map(inline).collect()
}

/// The case with less in its variables.
fn variables(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for key in case.variables.keys() {
        for smaller in smaller(&case.variables[key]) {
            let mut variables = case.variables.clone();
            variables.insert(key.clone(), smaller);
            all.push(Case { variables, ..case.clone() });
        }
        let mut variables = case.variables.clone();
        variables.shift_remove(key);
        let uploads = case.uploads.iter().filter(|file| file.path.get(1) != Some(key)).cloned().collect();
        all.push(Case { variables, uploads, ..case.clone() });
    }
    all
}

fn smaller(json: &Json) -> Vec<Json> {
    let mut all = Vec::new();
    match json {
        Json::Object(members) => {
            for key in members.keys() {
                let mut less = members.clone();
                less.shift_remove(key);
                all.push(Json::Object(less));
            }
            for (key, value) in members {
                for value in smaller(value) {
                    let mut less: Map<String, Json> = members.clone();
                    less.insert(key.clone(), value);
                    all.push(Json::Object(less));
                }
            }
        }
        Json::Array(items) => {
            for at in 0..items.len() {
                let mut less = items.clone();
                less.remove(at);
                all.push(Json::Array(less));
            }
            for (at, item) in items.iter().enumerate() {
                for item in smaller(item) {
                    let mut less = items.clone();
                    less[at] = item;
                    all.push(Json::Array(less));
                }
            }
        }
        Json::String(text) if text.len() > 40 => {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            all.push(Json::from(half));
        }
        _ => {}
    }
    all
}
