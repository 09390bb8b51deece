//! Arguments, with variables put in and defaults filled in.

use apollo_compiler::ast::{InputValueDefinition, Type, Value};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Node, Schema, executable::Argument};
use serde_json::{Map, Number, Value as Json};

/// The arguments of a field. What is absent stays absent, and null stays null.
pub(super) fn coerce(
    schema: &Schema,
    variables: &Map<String, Json>,
    known: &[Node<InputValueDefinition>],
    given: &[Node<Argument>],
) -> Map<String, Json> {
    let mut values = Map::new();
    for definition in known {
        let argument = given.iter().find(|argument| argument.name == definition.name);
        let value = argument.and_then(|argument| literal(schema, variables, &definition.ty, &argument.value));
        if let Some(value) = value.or_else(|| default_of(schema, definition)) {
            values.insert(definition.name.to_string(), value);
        }
    }
    values
}

/// The value of a literal without variables.
pub(super) fn constant(schema: &Schema, ty: &Type, value: &Value) -> Option<Json> {
    literal(schema, &Map::new(), ty, value)
}

fn default_of(schema: &Schema, definition: &InputValueDefinition) -> Option<Json> {
    constant(schema, &definition.ty, definition.default_value.as_deref()?)
}

/// The value of a literal where this type is expected; None for a variable that is not given.
fn literal(schema: &Schema, variables: &Map<String, Json>, ty: &Type, value: &Value) -> Option<Json> {
    if let Value::Variable(name) = value {
        return variables.get(name.as_str()).cloned();
    }
    if value.is_null() {
        return Some(Json::Null);
    }
    if ty.is_list() {
        let item = ty.item_type();
        let one = |value: &Value| literal(schema, variables, item, value).unwrap_or(Json::Null);
        return Some(Json::Array(match value.as_list() {
            Some(items) => items.iter().map(|value| one(value)).collect(),
            None => vec![one(value)],
        }));
    }
    let name = ty.inner_named_type();
    match (schema.types.get(name), value) {
        (Some(ExtendedType::InputObject(input)), Value::Object(members)) => {
            let mut values = Map::new();
            for (name, definition) in &input.fields {
                let given = members.iter().find(|(member, _)| member == name);
                let value = given.and_then(|(_, value)| literal(schema, variables, &definition.ty, value));
                if let Some(value) = value.or_else(|| default_of(schema, definition)) {
                    values.insert(name.to_string(), value);
                }
            }
            Some(Json::Object(values))
        }
        (_, Value::Int(number)) if name == "ID" => Some(Json::from(number.as_str())),
        _ => Some(plain(variables, value)),
    }
}

/// The JSON that looks like the literal.
fn plain(variables: &Map<String, Json>, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Variable(name) => variables.get(name.as_str()).cloned().unwrap_or(Json::Null),
        Value::Enum(name) => Json::from(name.as_str()),
        Value::String(text) => Json::from(text.as_str()),
        Value::Boolean(value) => Json::from(*value),
        Value::Int(number) => number.as_str().parse::<Number>().map_or(Json::Null, Json::Number),
        Value::Float(number) => number.as_str().parse::<Number>().map_or(Json::Null, Json::Number),
        Value::List(items) => items.iter().map(|item| plain(variables, item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.to_string(), plain(variables, member))).collect()
        }
    }
}
