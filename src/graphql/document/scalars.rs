//! Which values the scalars take, as JSON in variables and as literals in the document.
//!
//! Only the shape is checked here, as Parse does: a value that has the right shape but cannot be stored (a place
//! beyond the poles, text that is not Base64, a day that the month does not have) is an error of its field, later.

use std::sync::LazyLock;

use apollo_compiler::ast::Value;
use regex::Regex;
use serde_json::Value as Json;

/// A date and time of ISO 8601, as far as JavaScript's `Date` goes: whether the day exists and the zone is there
/// is seen later.
#[expect(clippy::expect_used, reason = "a literal pattern, compiled by every test run")]
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^[+-]?\d{4,6}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?
          ([Tt\ ]([01]\d|2[0-4]):[0-5]\d(:[0-5]\d([.,]\d+)?)?\ ?([Zz]|[+-]\d\d:?\d\d)?)?$",
    )
    .expect("a valid pattern")
});

/// The value of a variable as the scalar has it, or what is wrong with it.
pub(super) fn coerce(scalar: &str, value: &Json) -> Result<Json, String> {
    let fits = match scalar {
        "Int" => return int(value),
        "ID" => return id(value),
        "Float" if value.is_number() => true,
        "Float" => return Err("Float cannot represent a non numeric value".to_owned()),
        "String" if value.is_string() => true,
        "String" => return Err("String cannot represent a non string value".to_owned()),
        "Boolean" if value.is_boolean() => true,
        "Boolean" => return Err("Boolean cannot represent a non boolean value".to_owned()),
        "Upload" => return Err("Upload value invalid".to_owned()),
        custom => fits(custom, value),
    };
    if fits { Ok(value.clone()) } else { Err(format!("Expected type \"{scalar}\", and this is none")) }
}

/// True if a literal is a value of the scalar. Variables inside objects and lists stand for anything.
pub(super) fn literal_fits(scalar: &str, literal: &Value) -> bool {
    match (scalar, literal) {
        ("Int", Value::Int(number)) => number.try_to_i32().is_ok(),
        ("Float", Value::Int(number)) => number.try_to_f64().is_ok(),
        ("Float", Value::Float(number)) => number.try_to_f64().is_ok(),
        ("String", Value::String(_))
        | ("Boolean", Value::Boolean(_))
        | ("ID", Value::String(_) | Value::Int(_))
        | ("Any", _) => true,
        ("Int" | "Float" | "String" | "Boolean" | "ID" | "Upload", _) => false,
        ("Object", literal) => literal.as_object().is_some(),
        (custom, Value::String(text)) => fits(custom, &Json::from(text.as_str())),
        (custom, Value::Object(members)) => {
            let member = |(name, value): &(_, apollo_compiler::Node<Value>)| {
                let name: &apollo_compiler::Name = name;
                value.as_str().map(|text| (name.to_string(), Json::from(text)))
            };
            fits(custom, &Json::Object(members.iter().filter_map(member).collect()))
        }
        _ => false,
    }
}

/// True if a value has the shape of this scalar, which is none of GraphQL's own.
fn fits(scalar: &str, value: &Json) -> bool {
    let text = |member: &str| value.get(member).and_then(Json::as_str);
    let tagged = |tag: &str| text("__type") == Some(tag);
    let is_date = |text: &str| DATE.is_match(text);
    match scalar {
        "Date" => match value.as_str() {
            Some(plain) => is_date(plain),
            None => tagged("Date") && text("iso").is_some_and(is_date),
        },
        "Bytes" => value.is_string() || (tagged("Bytes") && text("base64").is_some()),
        "File" => {
            let address = value.get("url").is_none_or(Json::is_string);
            value.is_string() || (tagged("File") && text("name").is_some() && address)
        }
        // Parse takes lists here, and refuses them when they are stored.
        "Object" => value.is_object() || value.is_array(),
        _ => true,
    }
}

fn int(value: &Json) -> Result<Json, String> {
    let Some(number) = value.as_f64() else {
        return Err("Int cannot represent a non-integer value".to_owned());
    };
    if number.fract() != 0.0 {
        return Err("Int cannot represent a non-integer value".to_owned());
    }
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number) {
        return Err("Int cannot represent a non 32-bit signed integer value".to_owned());
    }
    // In range and without a fraction, so the text is that of the integer.
    format!("{number:.0}").parse::<i32>().map(Json::from).map_err(|_error| "Int out of range".to_owned())
}

fn id(value: &Json) -> Result<Json, String> {
    match value {
        Json::String(_) => Ok(value.clone()),
        Json::Number(number) if number.is_i64() || number.is_u64() => Ok(Json::from(number.to_string())),
        Json::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            Ok(Json::from(format!("{:.0}", number.as_f64().unwrap_or_default())))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            Err("ID cannot represent this value".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::coerce;

    #[test]
    fn scalars_take_the_shapes_that_parse_takes() {
        let cases = [
            ("Int", json!(1), Some(json!(1))),
            ("Int", json!(1.0), Some(json!(1))),
            ("Int", json!(-2_147_483_648), Some(json!(-2_147_483_648))),
            ("Int", json!(2_147_483_648_u32), None),
            ("Int", json!(1.5), None),
            ("Int", json!("1"), None),
            ("Float", json!(1), Some(json!(1))),
            ("Float", json!("1"), None),
            ("String", json!("a"), Some(json!("a"))),
            ("String", json!(5), None),
            ("Boolean", json!(1), None),
            ("ID", json!("a"), Some(json!("a"))),
            ("ID", json!(12), Some(json!("12"))),
            ("ID", json!(true), None),
            ("ID", json!(1.5), None),
            ("Date", json!("2020-02-29T12:00:00.000Z"), Some(json!("2020-02-29T12:00:00.000Z"))),
            ("Date", json!("2020-02-30T12:00:00.000Z"), Some(json!("2020-02-30T12:00:00.000Z"))),
            ("Date", json!("2020-02-29"), Some(json!("2020-02-29"))),
            ("Date", json!("2020-13-01T12:00:00.000Z"), None),
            ("Date", json!("tomorrow"), None),
            ("Date", json!(""), None),
            ("Date", json!(5), None),
            ("Date", json!({"__type": "Date"}), None),
            ("Bytes", json!("AAEC"), Some(json!("AAEC"))),
            ("Bytes", json!({"base64": "AAEC"}), None),
            ("Bytes", json!({"__type": "Bytes", "base64": "AA"}), Some(json!({"__type": "Bytes", "base64": "AA"}))),
            ("File", json!("a.txt"), Some(json!("a.txt"))),
            ("File", json!({"name": "a.txt"}), None),
            ("File", json!({"__type": "File", "name": "a", "url": 3}), None),
            ("File", json!({"__type": "File", "name": "a"}), Some(json!({"__type": "File", "name": "a"}))),
            ("Object", json!("x"), None),
            ("Object", json!({"a": 1}), Some(json!({"a": 1}))),
            ("Any", json!("x"), Some(json!("x"))),
            ("Upload", json!({"__upload": 0}), None),
        ];
        for (scalar, value, expected) in cases {
            assert_eq!(coerce(scalar, &value).ok(), expected, "{scalar} {value}");
        }
    }
}
