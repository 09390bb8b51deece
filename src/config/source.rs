//! Where settings come from: flags, the environment, a file; and what was wrong with them.
//!
//! [`Sources`] is what was given. [`Reader`] hands it out, setting by setting, and keeps every
//! mistake instead of stopping at the first one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::parse::Parsed;
use super::setting::{ALL, PREFIX, Setting, TESTS_PREFIX};

/// The file that is read when no other is named.
const DEFAULT_FILE: &str = "portcullis.toml";

/// Everything that was given to configure the server.
#[derive(Default)]
pub struct Sources {
    /// The values of the flags, by the name of the setting.
    pub flags: BTreeMap<String, Vec<String>>,
    /// The file named by `--config`.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
}

/// All that is wrong with a configuration, one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(pub(super) Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not valid:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// A setting could not be read; the reader knows why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused;

/// Where a value was found.
#[derive(Clone)]
enum Origin {
    Flag,
    Variable,
    File(PathBuf),
}

impl Origin {
    fn of(&self, setting: &Setting) -> String {
        match self {
            Self::Flag => format!("--{}", setting.flag()),
            Self::Variable => setting.variable(),
            Self::File(path) => format!("{} in {}", setting.name, path.display()),
        }
    }
}

/// A value as it was written. It has no `Debug`, as it may be a secret.
struct Found {
    values: Vec<String>,
    origin: Origin,
}

/// Hands out settings and collects mistakes.
pub(super) struct Reader {
    found: BTreeMap<&'static str, Found>,
    mistakes: Vec<String>,
}

impl Reader {
    /// Reads all sources: flags win over the environment, which wins over the file.
    pub(super) fn new(sources: Sources) -> Self {
        let mut reader = Self { found: BTreeMap::new(), mistakes: Vec::new() };
        let named = reader.add_environment(sources.environment);
        match sources.file.or(named) {
            Some(path) => reader.add_file(&path),
            None if Path::new(DEFAULT_FILE).exists() => reader.add_file(Path::new(DEFAULT_FILE)),
            None => {}
        }
        for setting in ALL {
            if let Some(values) = sources.flags.get(setting.name) {
                reader.found.insert(setting.name, Found { values: values.clone(), origin: Origin::Flag });
            }
        }
        reader
    }

    /// A setting that has a default.
    pub(super) fn value<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Parsed<T>) -> Result<T, Refused> {
        match self.optional(setting, &parse)? {
            Some(value) => Ok(value),
            None => parse(setting.default).map_err(|wrong| self.refuse(setting, Some(setting.default), &wrong)),
        }
    }

    /// A setting that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Parsed<T>,
    ) -> Result<Option<T>, Refused> {
        let Some(found) = self.found.get(setting.name) else {
            return Ok(None);
        };
        let [text] = found.values.as_slice() else {
            return Err(self.refuse(setting, None, "takes one value, not a list"));
        };
        match parse(text) {
            Ok(value) => Ok(Some(value)),
            Err(wrong) => {
                let text = text.clone();
                Err(self.refuse(setting, Some(&text), &wrong))
            }
        }
    }

    /// A list that may be left out, which is not the same as an empty one.
    pub(super) fn optional_list<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Parsed<T>,
    ) -> Result<Option<Vec<T>>, Refused> {
        if self.found.contains_key(setting.name) {
            return self.list(setting, parse).map(Some);
        }
        Ok(None)
    }

    /// Whether a setting was given a value.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        self.found.contains_key(setting.name)
    }

    /// A setting that is a list.
    pub(super) fn list<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Parsed<T>) -> Result<Vec<T>, Refused> {
        let given = match self.found.get(setting.name) {
            // A file has lists of its own; elsewhere there is only text.
            Some(Found { values, origin: Origin::File(_) }) => values.clone(),
            Some(found) => split(found.values.iter().map(String::as_str)),
            None => split([setting.default]),
        };
        let mut values = Vec::new();
        let mut refused = None;
        for text in &given {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(wrong) => refused = Some(self.refuse(setting, Some(text), &wrong)),
            }
        }
        refused.map_or(Ok(values), Err)
    }

    /// Notes settings that are well formed, but do not go together.
    pub(super) fn contradiction(&mut self, setting: &Setting, wrong: &str) {
        self.refuse(setting, None, wrong);
    }

    /// Whether nothing was wrong.
    pub(super) fn finish(self) -> Result<(), Mistakes> {
        if self.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(self.mistakes)) }
    }

    /// Where a setting has its value from, for a message.
    pub(super) fn origin(&self, setting: &Setting) -> String {
        match self.found.get(setting.name) {
            Some(found) => found.origin.of(setting),
            None => format!("{} by default", setting.name),
        }
    }

    fn refuse(&mut self, setting: &Setting, text: Option<&str>, wrong: &str) -> Refused {
        let origin = self.origin(setting);
        self.mistakes.push(match text {
            Some(text) if !setting.secret => format!("{origin}: {text:?} {wrong}"),
            _ => format!("{origin} {wrong}"),
        });
        Refused
    }

    /// Adds the environment; the answer is the file that it names.
    fn add_environment(&mut self, environment: Vec<(OsString, OsString)>) -> Option<PathBuf> {
        let mut file = None;
        let ours = environment.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            (name.starts_with(PREFIX) && !name.starts_with(TESTS_PREFIX)).then_some((name, value))
        });
        for (variable, value) in ours {
            if variable == format!("{PREFIX}CONFIG") {
                file = Some(PathBuf::from(value));
                continue;
            }
            let Some(setting) = ALL.iter().find(|setting| setting.variable() == variable) else {
                let known = ALL.iter().map(Setting::variable);
                self.mistakes.push(format!("{variable} is not a setting{}", did_you_mean(&variable, known)));
                continue;
            };
            match value.into_string() {
                Ok(text) => {
                    self.found.insert(setting.name, Found { values: vec![text], origin: Origin::Variable });
                }
                Err(_raw) => self.mistakes.push(format!("{variable} is not valid UTF-8")),
            }
        }
        file
    }

    fn add_file(&mut self, path: &Path) {
        let shown = path.display();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return self.mistakes.push(format!("{shown} cannot be read: {error}"));
            }
        };
        // The error's own text would quote the line, which may hold a key.
        let table: Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                let line = error
                    .span()
                    .and_then(|span| text.get(..span.start))
                    .map_or(1, |before| before.lines().count().max(1));
                return self.mistakes.push(format!("{shown} is not valid TOML: {} near line {line}", error.message()));
            }
        };
        for (name, value) in table {
            let Some(setting) = ALL.iter().find(|setting| setting.name == name) else {
                let known = ALL.iter().map(|setting| setting.name.to_owned());
                self.mistakes.push(format!("{name} in {shown} is not a setting{}", did_you_mean(&name, known)));
                continue;
            };
            match texts(value) {
                // The environment was there before and wins.
                Some(values) => {
                    let origin = Origin::File(path.to_owned());
                    self.found.entry(setting.name).or_insert(Found { values, origin });
                }
                None => self.mistakes.push(format!("{name} in {shown} is not a plain value or a list of them")),
            }
        }
    }
}

/// The texts of a value of the file, or nothing if it is no setting's value.
fn texts(value: Value) -> Option<Vec<String>> {
    let text = |value| match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    };
    if let Value::Array(values) = value {
        return values.into_iter().map(text).collect();
    }
    text(value).map(|text| vec![text])
}

fn split<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let parts = texts.into_iter().flat_map(|text| text.split(',')).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn did_you_mean(name: &str, known: impl Iterator<Item = String>) -> String {
    known
        .map(|candidate| (strsim::jaro_winkler(name, &candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean {candidate}?"))
}
