//! Names that each database chooses itself: ids, cursors, tokens.
//!
//! A case has a placeholder for each, `@@7@@`, so that the same case runs on both databases.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::{Map, Value as Json};

use crate::case::Case;

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| Regex::new("@@([0-9]+)@@").unwrap());

/// What a name is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A global id of an object of this class.
    Global(String),
    /// An object id of this class.
    Object(String),
    Cursor,
    Token,
    File,
    Other,
}

/// The names that are known, with one text for each database.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: Vec<(Kind, Vec<String>)>,
    found: HashMap<(usize, String), usize>,
}

impl Names {
    /// The placeholders of a kind.
    pub(crate) fn of(&self, wanted: impl Fn(&Kind) -> bool) -> Vec<String> {
        let known = self.known.iter().enumerate();
        known.filter(|(_, (kind, _))| wanted(kind)).map(|(at, _)| format!("@@{at}@@")).collect()
    }

    /// Learns a name, given in the words of each database. False if the databases mean different things by it.
    pub(crate) fn learn(&mut self, key: &str, texts: &[&str]) -> bool {
        let known: Vec<_> = (0..).zip(texts).map(|(at, text)| self.found.get(&(at, (*text).to_owned()))).collect();
        if known.iter().any(Option::is_some) {
            return known.iter().all(|other| other == &known[0]);
        }
        let base = key.split('_').next().unwrap_or_default();
        match base {
            "id" => {
                let split: Vec<_> = texts.iter().map(|text| split(text)).collect();
                let Some(Some((class, _))) = split.first().cloned() else { return true };
                self.add(Kind::Global(class.clone()), texts);
                let ids: Option<Vec<String>> = split.into_iter().map(|split| Some(split?.1)).collect();
                if let Some(ids) = ids {
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    if !self.found.contains_key(&(0, ids[0].to_owned())) {
                        self.add(Kind::Object(class), &ids);
                    }
                }
            }
            "objectId" => self.add(Kind::Object("?".to_owned()), texts),
            "cursor" | "endCursor" | "startCursor" => self.add(Kind::Cursor, texts),
            "sessionToken" => self.add(Kind::Token, texts),
            "name" | "url" => self.add(Kind::File, texts),
            _ => self.add(Kind::Other, texts),
        }
        true
    }

    /// Learns the names at the same places of the answers, where `wanted` wants the key.
    pub(crate) fn learn_all(&mut self, answers: &[Json], wanted: impl Fn(&str) -> bool) {
        let mut found = Vec::new();
        walk("", &answers.iter().collect::<Vec<_>>(), &mut found);
        for (key, texts) in found {
            if wanted(&key) {
                self.learn(&key, &texts);
            }
        }
    }

    /// True if two texts of two databases are the same with the names of one put in for those of the other.
    pub(crate) fn alike(&self, one: &str, other: &str) -> bool {
        let mut text = one.to_owned();
        for (_, texts) in &self.known {
            if let [mine, theirs] = texts.as_slice()
                && text.contains(mine)
            {
                text = text.replace(mine, theirs);
            }
        }
        text == other
    }

    fn add(&mut self, kind: Kind, texts: &[&str]) {
        let number = self.known.len();
        for (at, text) in (0..).zip(texts) {
            self.found.insert((at, (*text).to_owned()), number);
        }
        self.known.push((kind, texts.iter().map(|text| (*text).to_owned()).collect()));
    }

    /// The case in the words of a database.
    pub(crate) fn put_in(&self, case: &Case, database: usize) -> Case {
        let mut case = case.clone();
        case.text = self.text(&case.text, database);
        let variables = self.json(&Json::Object(case.variables), database);
        case.variables = variables.as_object().cloned().unwrap_or_default();
        case
    }

    fn text(&self, text: &str, database: usize) -> String {
        let replaced = PLACEHOLDER.replace_all(text, |captures: &regex::Captures<'_>| {
            let number = captures[1].parse::<usize>().ok();
            let known = number.and_then(|number| self.known.get(number));
            known.and_then(|(_, texts)| texts.get(database)).map_or("gone", String::as_str).to_owned()
        });
        replaced.into_owned()
    }

    /// Any JSON in the words of a database.
    pub(crate) fn json(&self, json: &Json, database: usize) -> Json {
        match json {
            Json::String(text) => Json::String(self.text(text, database)),
            Json::Array(items) => items.iter().map(|item| self.json(item, database)).collect(),
            Json::Object(members) => {
                let members = members.iter();
                Json::Object(
                    members.map(|(key, value)| (key.clone(), self.json(value, database))).collect::<Map<_, _>>(),
                )
            }
            other => other.clone(),
        }
    }
}

/// Adds the names that are at the same places of some answers.
fn walk<'a>(key: &str, at: &[&'a Json], found: &mut Vec<(String, Vec<&'a str>)>) {
    static FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[0-9a-f]{32}_").unwrap());
    let Some(first) = at.first() else { return };
    let all = |inner: Vec<&'a Json>| (inner.len() == at.len()).then_some(inner);
    match first {
        Json::Object(members) => {
            for key in members.keys() {
                let inner = all(at.iter().filter_map(|json| json.get(key)).collect());
                if let Some(inner) = inner {
                    walk(key, &inner, found);
                }
            }
        }
        Json::Array(items) => {
            for position in 0..items.len() {
                let inner = all(at.iter().filter_map(|json| json.get(position)).collect());
                if let Some(inner) = inner {
                    walk(key, &inner, found);
                }
            }
        }
        Json::String(text) => {
            let base = key.split('_').next().unwrap_or_default();
            let is_name = match base {
                "id" | "objectId" | "cursor" | "endCursor" | "startCursor" | "sessionToken" => true,
                "name" => FILE.is_match(text),
                _ => false,
            };
            let texts: Vec<&str> = at.iter().filter_map(|json| json.as_str()).collect();
            if is_name && texts.len() == at.len() {
                found.push((base.to_owned(), texts));
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn split(global: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(global).ok()?).ok()?;
    let (class, id) = text.split_once(':')?;
    Some((class.to_owned(), id.to_owned()))
}
