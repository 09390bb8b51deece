//! Parse's JSON encoding of values: how default values and the elements of arrays are written.

use serde_json::Value as Json;

use super::field::FieldType;
use crate::fault::{Code, Fault};
use crate::value::{Date, GeoPoint, JsonText, ObjectId, Polygon, Value};

/// The value of a field of this type that is written so in Parse's JSON. A value of another type is 111.
pub fn value_from_parse(kind: &FieldType, json: &Json) -> Result<Value, Fault> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    JsonText::check(json)?;
    let tagged = |tag: &str, member: &str| match json.get("__type").and_then(Json::as_str) {
        Some(given) if given == tag => json.get(member),
        _ => None,
    };
    let value = match kind {
        FieldType::String => json.as_str().map(|text| Value::String(text.into())),
        FieldType::Number => json.as_f64().map(Value::Number),
        FieldType::Boolean => json.as_bool().map(Value::Boolean),
        FieldType::Date => {
            let text = tagged("Date", "iso").unwrap_or(json).as_str();
            text.and_then(Date::parse).map(Value::Date)
        }
        FieldType::Object => json.is_object().then(|| Value::Object(JsonText::new(json))),
        FieldType::Array => json.is_array().then(|| Value::Array(JsonText::new(json))),
        FieldType::Bytes => {
            tagged("Bytes", "base64").unwrap_or(json).as_str().and_then(normal_base64).map(Value::Bytes)
        }
        FieldType::File => tagged("File", "name").and_then(Json::as_str).map(|name| Value::File(name.into())),
        FieldType::GeoPoint => tagged("GeoPoint", "latitude").and_then(|_| point(json)).map(Value::GeoPoint),
        FieldType::Polygon => tagged("Polygon", "coordinates").and_then(polygon).map(Value::Polygon),
        FieldType::Pointer(class) => match json.get("className").and_then(Json::as_str) {
            Some(given) if given == class.as_str() => tagged("Pointer", "objectId").and_then(Json::as_str),
            _ => None,
        }
        .map(|id| Value::Pointer(ObjectId::new(id))),
        FieldType::Relation(_) | FieldType::Acl | FieldType::Password => None,
    };
    value.ok_or_else(|| Fault::with(Code::IncorrectType, format!("The value is not a valid {}.", kind.name())))
}

/// The same bytes in standard Base64 with padding, if the text is Base64 at all.
pub fn normal_base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    Some(STANDARD.encode(bytes))
}

fn point(json: &Json) -> Option<GeoPoint> {
    GeoPoint::new(json.get("latitude")?.as_f64()?, json.get("longitude")?.as_f64()?)
}

fn polygon(coordinates: &Json) -> Option<Polygon> {
    let corners = coordinates.as_array()?.iter().map(|corner| match corner.as_array()?.as_slice() {
        [latitude, longitude] => GeoPoint::new(latitude.as_f64()?, longitude.as_f64()?),
        _ => None,
    });
    Polygon::new(corners.collect::<Option<_>>()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::value_from_parse;
    use crate::class::{ClassName, FieldType};

    #[test]
    fn each_type_takes_its_own_encoding_only() {
        let pointer = FieldType::Pointer(ClassName::known("City"));
        let cases = [
            (FieldType::String, json!("x"), true),
            (FieldType::String, json!(1), false),
            (FieldType::Number, json!(1.5), true),
            (FieldType::Boolean, json!("true"), false),
            (FieldType::Date, json!({"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}), true),
            (FieldType::Date, json!({"__type": "Date", "iso": "2020-02-30T00:00:00.000Z"}), false),
            (FieldType::Object, json!({"a": {"b": null}}), true),
            (FieldType::Object, json!({"a.b": 1}), false),
            (FieldType::Array, json!([1, "a"]), true),
            (FieldType::Bytes, json!({"__type": "Bytes", "base64": "aGk="}), true),
            (FieldType::Bytes, json!("not base64!"), false),
            (FieldType::GeoPoint, json!({"__type": "GeoPoint", "latitude": 91, "longitude": 0}), false),
            (FieldType::Polygon, json!({"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1]]}), true),
            (pointer.clone(), json!({"__type": "Pointer", "className": "City", "objectId": "a"}), true),
            (pointer, json!({"__type": "Pointer", "className": "Town", "objectId": "a"}), false),
        ];
        for (kind, json, good) in cases {
            assert_eq!(value_from_parse(&kind, &json).is_ok(), good, "{kind:?} {json}");
        }
    }
}
