//! Random requests, which walk the schema.

mod input;
mod mutate;
mod select;
mod values;

use std::fmt::Write as _;

use apollo_compiler::Schema;
use serde_json::{Map, Value as Json};
use values::{JSON, TEXTS};

use crate::case::{Attached, Caller, Case};
use crate::dice::Dice;
use crate::names::Names;
pub(crate) use mutate::{mutate, tokens};

/// Stands for a file among the values of variables, until the file has been attached.
const FILE: &str = "##file##";

/// A variable of an operation.
struct Variable {
    name: String,
    kind: String,
    default: Option<String>,
    value: Option<Json>,
}

/// Makes one document.
pub(crate) struct Generator<'g> {
    pub(crate) dice: &'g mut Dice,
    pub(crate) schema: &'g Schema,
    pub(crate) names: &'g Names,
    variables: Vec<Variable>,
    fragments: Vec<(String, String, String)>,
    /// Makes aliases and other names unique.
    count: usize,
    /// How many more fields there may be.
    budget: usize,
    /// Whether this document may have mistakes, which mostly keep it from being executed.
    careless: bool,
    /// The class whose ids are of use where the generator is.
    class: Option<&'static str>,
}

/// The classes with objects, and how the names of their types and fields begin, or end.
const CLASSES: [(&str, &str); 5] =
    [("thing", "Thing"), ("other", "Other"), ("user", "_User"), ("role", "_Role"), ("session", "_Session")];

/// The class that the name of a type or field is about.
fn class_in(name: &str) -> Option<&'static str> {
    let folded = name.to_lowercase();
    CLASSES.iter().find(|(part, _)| folded.contains(part)).map(|(_, class)| *class)
}

impl<'g> Generator<'g> {
    pub(crate) fn new(dice: &'g mut Dice, schema: &'g Schema, names: &'g Names) -> Self {
        let careless = dice.percent(15);
        Self {
            dice,
            schema,
            names,
            variables: Vec::new(),
            fragments: Vec::new(),
            count: 0,
            budget: 40,
            careless,
            class: None,
        }
    }

    /// A request; `reading` makes it a query.
    pub(crate) fn case(mut self, reading: bool) -> Case {
        let mutation = !reading && self.dice.percent(65);
        let operations = if self.dice.percent(6) { 2 + self.dice.below(2) } else { 1 };
        let mut text = String::new();
        let mut operation = None;
        for number in 0..operations {
            let values = std::mem::take(&mut self.variables);
            let name = format!("Op{number}");
            let body = self.root(if mutation { "Mutation" } else { "Query" });
            let kind = if mutation { "mutation" } else { "query" };
            let definitions = self.definitions();
            // One set of values serves all operations.
            self.variables.extend(values);
            if operations == 1 && !mutation && definitions.is_empty() && self.dice.percent(30) {
                text.push_str(&body);
            } else {
                let _ = write!(text, "{kind} {name}{definitions} {body} ");
            }
            operation = Some(name);
        }
        for (name, kind, body) in &self.fragments {
            let _ = write!(text, " fragment {name} on {kind} {body}");
        }
        let choices = [operation, None, Some("Nothing".to_owned()), Some(String::new())];
        let chosen = match self.dice.below(100) {
            0..30 => 0,
            30 if self.careless => 2,
            31 => 3 * usize::from(operations == 1),
            _ => usize::from(operations == 1),
        };
        let caller = self.caller();
        let by_get = self.dice.percent(3);
        let (variables, uploads) = self.values();
        Case { caller, text, operation: choices[chosen].clone(), variables, uploads, by_get }
    }

    fn caller(&mut self) -> Caller {
        match self.dice.below(100) {
            0..20 => Caller::Anonymous,
            20..40 => Caller::User,
            40..48 => Caller::ReadOnlyMaster,
            _ => Caller::Master,
        }
    }

    /// The root fields, whose names are mostly those of the classes that were made for this.
    fn root(&mut self, kind: &str) -> String {
        let Some(fields) = self.fields(kind) else { return "{ __typename }".to_owned() };
        let mut body = "{ ".to_owned();
        let count = self.dice.pick(&[1, 1, 1, 1, 1, 2, 2, 3]);
        for _ in 0..count {
            let mut name = self.dice.pick(&fields);
            if kind == "Query" && self.dice.percent(50) {
                self.dice.pick(&["things", "things", "others", "thing", "users"]).clone_into(&mut name);
            }
            for _ in 0..4 {
                let rare = name.contains("class") && self.dice.percent(70)
                    || ["logIn", "signUp", "User", "Session", "Role", "health"].iter().any(|part| name.contains(part))
                        && self.dice.percent(50);
                if !rare {
                    break;
                }
                name = self.dice.pick(&fields);
            }
            if kind == "Query" && self.dice.percent(3) {
                body.push_str(&self.meta());
                continue;
            }
            body.push_str(&self.field(kind, &name, 0));
            body.push(' ');
        }
        if self.dice.percent(5) {
            body.push_str(&self.spread(kind, 0));
        }
        body.push('}');
        body
    }

    fn meta(&mut self) -> String {
        let key = self.number();
        match self.dice.below(3) {
            0 => format!("__typename_{key}: __typename "),
            1 => format!("__schema_{key}: __schema {} ", self.selection("__Schema", 3)),
            _ => {
                let name = self.dice.pick(&["Thing", "Query", "Any", "Nothing", "", "ThingWhereInput", "ArrayResult"]);
                format!("__type_{key}: __type(name: {name:?}) {} ", self.selection("__Type", 3))
            }
        }
    }

    fn definitions(&mut self) -> String {
        if self.slip(5) {
            let value = self.dice.pick(&JSON);
            let value = serde_json::from_str(value).unwrap_or_default();
            let unused =
                Variable { name: "unused".to_owned(), kind: "Int".to_owned(), default: None, value: Some(value) };
            self.variables.push(unused);
        }
        if !self.variables.is_empty() && self.slip(5) {
            // A variable that is used and not defined.
            let at = self.dice.below(self.variables.len());
            self.variables.remove(at);
        }
        if self.variables.is_empty() {
            return String::new();
        }
        let definition = |variable: &Variable| {
            let default = variable.default.as_ref().map(|default| format!(" = {default}")).unwrap_or_default();
            format!("${}: {}{default}", variable.name, variable.kind)
        };
        let all: Vec<String> = self.variables.iter().map(definition).collect();
        format!("({})", all.join(", "))
    }

    /// The variables' JSON; files are taken out of it.
    fn values(&mut self) -> (Map<String, Json>, Vec<Attached>) {
        let mut values = Map::new();
        for variable in std::mem::take(&mut self.variables) {
            if let Some(value) = variable.value {
                values.insert(variable.name, value);
            }
        }
        if self.dice.percent(3) {
            values.insert("extra".to_owned(), Json::from(1));
        }
        let mut values = Json::Object(values);
        let mut uploads = Vec::new();
        self.attach(&mut values, &mut vec!["variables".to_owned()], &mut uploads);
        if let (1, Some(mut upload)) = (self.dice.below(60), uploads.first().cloned()) {
            upload.path.push("nowhere".to_owned());
            uploads.push(upload);
        }
        (values.as_object().cloned().unwrap_or_default(), uploads)
    }

    fn attach(&mut self, json: &mut Json, path: &mut Vec<String>, uploads: &mut Vec<Attached>) {
        match json {
            Json::String(text) if text == FILE => {
                *json = Json::Null;
                if self.dice.percent(4) {
                    return;
                }
                let names =
                    ["a.txt", "x.html", "", ".", "..", "a/b", "a b.png", "\u{0}", "ü.pdf", "no_extension", "a\"b"];
                let types =
                    [None, Some("text/plain"), Some("image/png"), Some(""), Some("nonsense"), Some("a/b; c=\"")];
                let content: [&[u8]; 4] = [b"", b"hello", b"<html>", b"\x00\xff\xfe"];
                uploads.push(Attached {
                    path: path.clone(),
                    name: self.dice.pick(&names).to_owned(),
                    content_type: self.dice.pick(&types).map(str::to_owned),
                    content: self.dice.pick(&content).to_vec(),
                });
            }
            Json::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    path.push(at.to_string());
                    self.attach(item, path, uploads);
                    path.pop();
                }
            }
            Json::Object(members) => {
                for (key, value) in members.iter_mut() {
                    path.push(key.clone());
                    self.attach(value, path, uploads);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// True in so many of a hundred cases, where mistakes may be made.
    fn slip(&mut self, chance: u32) -> bool {
        self.careless && self.dice.percent(chance)
    }

    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }
}
