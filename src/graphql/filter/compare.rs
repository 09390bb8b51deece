//! Comparisons with values; those of arrays are in [`elements`](super::elements).

use std::sync::Arc;

use serde_json::Value as Json;

use super::invalid;
use crate::class::{Field, FieldType};
use crate::fault::{Code, Fault};
use crate::graphql::input;
use crate::plan::{Comparison, Filter, Find, Test};
use crate::value::{JsonText, Value};

type Condition = Filter<Find>;

/// Objects that have a value.
pub(super) fn exists(field: &Arc<Field>) -> Condition {
    if field.kind == FieldType::Password { Filter::Never } else { test(field, Test::Exists) }
}

/// One of the operators that compare with values.
pub(super) fn operator(field: &Arc<Field>, operator: &str, operand: &Json) -> Result<Condition, Fault> {
    Ok(match operator {
        "equalTo" => equal(field, operand)?,
        "notEqualTo" => equal(field, operand)?.negated(),
        "in" => one_of(field, list(operand)?)?,
        "notIn" => one_of(field, list(operand)?)?.negated(),
        "contains" | "containedBy" => return Err(invalid(format!("{operator} is no condition on {}.", field.name))),
        "lessThan" => compare(field, Comparison::Less, operand)?,
        "lessThanOrEqualTo" => compare(field, Comparison::LessOrEqual, operand)?,
        "greaterThan" => compare(field, Comparison::Greater, operand)?,
        _ => compare(field, Comparison::GreaterOrEqual, operand)?,
    })
}

fn equal(field: &Arc<Field>, operand: &Json) -> Result<Condition, Fault> {
    if operand.is_null() {
        return Ok(exists(field).negated());
    }
    compare(field, Comparison::Equal, operand)
}

fn compare(field: &Arc<Field>, how: Comparison, operand: &Json) -> Result<Condition, Fault> {
    if operand.is_null() {
        return Err(invalid(format!("{} cannot be compared with null.", field.name)));
    }
    match (&field.kind, operand) {
        // There is no password to compare with.
        (FieldType::Password, _) => Ok(Filter::Never),
        (FieldType::Object, operand) if is_key_value(operand) => {
            let (path, value) = key_value(field, operand)?;
            if value.is_null() && how != Comparison::Equal {
                return Err(invalid(format!("{} cannot be compared with null.", field.name)));
            }
            Ok(test(field, Test::Member(path, how, value)))
        }
        (FieldType::Array | FieldType::GeoPoint | FieldType::Polygon | FieldType::Relation(_), _) => {
            Err(invalid(format!("{} has no order to compare by.", field.name)))
        }
        _ => Ok(test(field, Test::Compare(how, value(field, operand)?))),
    }
}

fn one_of(field: &Arc<Field>, operands: &[Json]) -> Result<Condition, Fault> {
    let (nulls, operands): (Vec<&Json>, Vec<&Json>) = operands.iter().partition(|operand| operand.is_null());
    let mut any = Vec::new();
    if !nulls.is_empty() {
        any.push(exists(field).negated());
    }
    if field.kind == FieldType::Object {
        for operand in operands {
            any.push(compare(field, Comparison::Equal, operand)?);
        }
    } else if field.kind != FieldType::Password {
        let values = operands.into_iter().map(|operand| value(field, operand));
        any.push(test(field, Test::In(values.collect::<Result<_, _>>()?)));
    }
    Ok(Filter::Or(any))
}

/// An operand as a value of the field's type.
fn value(field: &Arc<Field>, operand: &Json) -> Result<Value, Fault> {
    input::value(field, operand)
        .map_err(|_invalid| invalid(format!("{} cannot be compared with this value.", field.name)))
}

fn list(operand: &Json) -> Result<&[Json], Fault> {
    operand.as_array().map(Vec::as_slice).ok_or_else(|| invalid("in and notIn need a list."))
}

/// True for a `KeyValueInput`; an untyped sub-query may also compare whole objects.
fn is_key_value(operand: &Json) -> bool {
    operand.as_object().is_some_and(|members| {
        members.len() == 2 && members.get("key").is_some_and(Json::is_string) && members.contains_key("value")
    })
}

/// The path and the value of a `KeyValueInput`; dots lead into nested objects. What cannot be a key of a condition is 105.
fn key_value(field: &Field, operand: &Json) -> Result<(Vec<String>, Json), Fault> {
    let key = operand.get("key").and_then(Json::as_str).unwrap_or_default();
    let path: Vec<String> = key.split('.').map(ToOwned::to_owned).collect();
    let is_name = |name: &String| {
        !name.is_empty() && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    if !path.iter().all(is_name) {
        let message = format!(
            "Invalid key name: {}.{key}. A key consists of letters, digits and _, with dots between those of nested objects.",
            field.name
        );
        return Err(Fault::with(Code::InvalidKeyName, message));
    }
    let value = operand.get("value").cloned().unwrap_or(Json::Null);
    JsonText::check(&value)?;
    Ok((path, value))
}

fn test(field: &Arc<Field>, test: Test) -> Condition {
    Filter::Field(Arc::clone(field), test)
}
