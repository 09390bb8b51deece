//! Arguments: values of the types that the schema wants, and sometimes others.

use apollo_compiler::ast::{InputValueDefinition, Type};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value as Json, json};

use super::{FILE, Generator, Variable, class_in, values};

/// How deep input objects are nested, as a rule.
const DEEP: usize = 7;

impl Generator<'_> {
    /// The text of an argument: a literal, or a variable.
    pub(super) fn argument(&mut self, definition: &InputValueDefinition) -> String {
        let kind = &definition.ty;
        let value = self.value(kind, &definition.name, 0);
        if self.dice.percent(50) || has_file(&value) {
            let default = match self.dice.below(20) {
                0 => Some(self.literal(kind, &value, false)),
                _ => None,
            };
            return self.variable(&kind.to_string(), Some(value), default);
        }
        self.literal(kind, &value, true)
    }

    /// A new variable, sometimes of a slightly different type, or without its value.
    pub(super) fn variable(&mut self, kind: &str, value: Option<Json>, default: Option<String>) -> String {
        let name = format!("v{}", self.number());
        let bare = kind.trim_end_matches('!');
        let wrong = if self.careless { self.dice.below(30) } else { 100 };
        let kind = match wrong {
            0 => format!("{bare}!"),
            1 => bare.to_owned(),
            2 => format!("[{bare}]"),
            3 if default.is_none() => format!("{bare}!"),
            4 => self.dice.pick(&["String", "Int", "Any", "Nothing", "ThingWhereInput", "Thing"]).to_owned(),
            _ => kind.to_owned(),
        };
        let wrong = if self.careless { self.dice.below(30) } else { 100 };
        let value = match wrong {
            0 => None,
            1 => Some(Json::Null),
            2 => Some(self.odd()),
            _ => value,
        };
        self.variables.push(Variable { name: name.clone(), kind, default, value });
        format!("${name}")
    }

    /// The text of a value. Parts of it can become variables.
    fn literal(&mut self, kind: &Type, value: &Json, variables: bool) -> String {
        if variables && (self.dice.percent(6) || has_file(value)) {
            return self.variable(&kind.to_string(), Some(value.clone()), None);
        }
        match (value, self.schema.types.get(kind.inner_named_type())) {
            (Json::String(text), Some(ExtendedType::Enum(_))) if is_name(text) && !kind.is_list() => text.clone(),
            (Json::String(text), _) => self.quoted(text),
            (Json::Array(items), _) => {
                let kind = if kind.is_list() { kind.item_type().clone() } else { kind.clone() };
                let items: Vec<String> = items.iter().map(|item| self.literal(&kind, item, variables)).collect();
                format!("[{}]", items.join(", "))
            }
            (Json::Object(members), _) if members.keys().any(|key| !is_name(key)) => {
                if variables {
                    return self.variable(&kind.to_string(), Some(value.clone()), None);
                }
                "{}".to_owned()
            }
            (Json::Object(members), definition) => {
                let inner = |key: &str| match definition {
                    Some(ExtendedType::InputObject(input)) => input.fields.get(key).map(|field| Type::clone(&field.ty)),
                    _ => None,
                };
                let any = Type::Named(apollo_compiler::Name::new_static("Any").unwrap());
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| {
                        let kind = inner(key).unwrap_or_else(|| any.clone());
                        format!("{key}: {}", self.literal(&kind, value, variables))
                    })
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
            (other, _) => other.to_string(),
        }
    }

    fn quoted(&mut self, text: &str) -> String {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '\n');
        if plain && self.dice.percent(8) {
            return format!("\"\"\"{text}\"\"\"");
        }
        Json::from(text).to_string()
    }

    /// A value of a type.
    pub(super) fn value(&mut self, kind: &Type, name: &str, depth: usize) -> Json {
        if self.slip(2) {
            return self.odd();
        }
        if !kind.is_non_null() && self.dice.percent(5) || kind.is_non_null() && self.slip(1) {
            return Json::Null;
        }
        if kind.is_list() {
            if self.dice.percent(4) {
                return self.value(kind.item_type(), name, depth);
            }
            let count = self.dice.pick(&[0, 1, 1, 1, 2, 2, 3]);
            return (0..count).map(|_| self.value(kind.item_type(), name, depth + 1)).collect();
        }
        let named = kind.inner_named_type();
        match self.schema.types.get(named) {
            Some(ExtendedType::InputObject(_)) => {
                let outer = self.class;
                self.class = class_in(named).or(outer);
                let object = self.object(named, depth);
                self.class = outer;
                object
            }
            Some(ExtendedType::Enum(definition)) => {
                let all: Vec<String> = definition.values.keys().map(ToString::to_string).collect();
                if self.slip(4) { json!("NOTHING") } else { self.dice.pick(&all).into() }
            }
            _ => self.scalar(named, name),
        }
    }

    fn object(&mut self, kind: &str, depth: usize) -> Json {
        let Some(ExtendedType::InputObject(definition)) = self.schema.types.get(kind) else { return Json::Null };
        let fields: Vec<InputValueDefinition> =
            definition.fields.values().map(|field| InputValueDefinition::clone(field)).collect();
        let optional: Vec<&InputValueDefinition> = fields.iter().filter(|field| !field.is_required()).collect();
        let mut members = Map::new();
        for field in fields.iter().filter(|field| field.is_required()) {
            if !self.slip(2) {
                members.insert(field.name.to_string(), self.value(&field.ty, &field.name, depth + 1));
            }
        }
        let most = if kind.ends_with("WhereInput") || depth > 3 { 2 } else { 4 };
        let count = if depth > DEEP { 0 } else { self.dice.below(most + 1) };
        // Whatever has `fields` does nothing without them, and there is more to find in the filters that lead on.
        for name in ["fields", "schemaFields", "have", "haveNot", "where"] {
            if let (Some(field), true) = (optional.iter().find(|field| field.name == name), self.dice.percent(60))
                && depth <= DEEP
            {
                members.insert(name.to_owned(), self.value(&field.ty, name, depth + 1));
            }
        }
        if !optional.is_empty() {
            for _ in 0..count {
                let field = self.dice.pick(&optional);
                if field.name != "clientMutationId" || self.dice.percent(10) {
                    let value = self.value(&field.ty, &field.name, depth + 1);
                    members.insert(field.name.to_string(), value);
                }
            }
        }
        if self.slip(1) {
            members.insert("nothing".to_owned(), json!(1));
        }
        Json::Object(members)
    }

    /// Any JSON, whatever the type.
    pub(super) fn odd(&mut self) -> Json {
        let text = self.dice.pick(&values::JSON);
        serde_json::from_str(text).unwrap_or_default()
    }
}

fn has_file(value: &Json) -> bool {
    match value {
        Json::String(text) => text == FILE,
        Json::Array(items) => items.iter().any(has_file),
        Json::Object(members) => members.values().any(has_file),
        _ => false,
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
