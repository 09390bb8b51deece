//! Values of fields, as the inputs of mutations and conditions bring them.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::ids;
use crate::class::{Acl, ClassName, Field, FieldType, Principal, Rights, RoleName, normal_base64};
use crate::fault::{Code, Fault};
use crate::value::{Date, GeoPoint, JsonText, ObjectId, Polygon, Value};

/// The value of a field without relations, which is not null.
pub(super) fn value(field: &Field, json: &Json) -> Result<Value, Fault> {
    let wrong = || {
        let message = format!("The value of {} is not a valid {}.", field.name, field.kind.name());
        Fault::with(Code::IncorrectType, message)
    };
    match &field.kind {
        FieldType::String | FieldType::Password => {
            let text = json.as_str().ok_or_else(wrong)?;
            JsonText::check(json)?;
            Ok(Value::String(text.to_owned()))
        }
        FieldType::Number => json.as_f64().map(Value::Number).ok_or_else(wrong),
        FieldType::Boolean => json.as_bool().map(Value::Boolean).ok_or_else(wrong),
        FieldType::Date => date(json).map(Value::Date).ok_or_else(wrong),
        FieldType::Object if json.is_object() => {
            JsonText::check(json)?;
            Ok(Value::Object(JsonText::new(json)))
        }
        FieldType::Array if json.is_array() => {
            JsonText::check(json)?;
            Ok(Value::Array(JsonText::new(json)))
        }
        FieldType::Bytes => {
            let text = json.get("base64").unwrap_or(json).as_str();
            text.and_then(normal_base64).map(Value::Bytes).ok_or_else(wrong)
        }
        FieldType::File => file_name(json).map(Value::File).ok_or_else(wrong),
        FieldType::GeoPoint => geo_point(json).map(Value::GeoPoint),
        FieldType::Polygon => polygon(json).map(Value::Polygon),
        FieldType::Pointer(class) => {
            let id = json.as_str().ok_or_else(wrong)?;
            object_id(class, id).map(Value::Pointer)
        }
        FieldType::Object | FieldType::Array | FieldType::Relation(_) | FieldType::Acl => Err(wrong()),
    }
}

/// The id of an object of `class`, global or as it is.
pub(super) fn object_id(class: &ClassName, given: &str) -> Result<ObjectId, Fault> {
    if given.contains('\0') {
        return Err(Fault::with(Code::InvalidPointer, "An id cannot contain the character NUL."));
    }
    Ok(ids::local(class, given))
}

fn date(json: &Json) -> Option<Date> {
    json.get("iso").unwrap_or(json).as_str().and_then(Date::parse)
}

fn file_name(json: &Json) -> Option<String> {
    let name = json.get("name").unwrap_or(json).as_str()?;
    (!name.is_empty() && !name.contains('\0')).then(|| name.to_owned())
}

/// A `GeoPointInput`. What is not on earth is 107.
pub(super) fn geo_point(json: &Json) -> Result<GeoPoint, Fault> {
    let number = |name| json.get(name).and_then(Json::as_f64);
    let point = number("latitude").zip(number("longitude")).and_then(|(lat, lon)| GeoPoint::new(lat, lon));
    let message = "A latitude is between -90 and 90, a longitude between -180 and 180.";
    point.ok_or_else(|| Fault::with(Code::InvalidJson, message))
}

/// A list of `GeoPointInput` that encloses an area. Anything else is 107.
pub(super) fn polygon(json: &Json) -> Result<Polygon, Fault> {
    let message = "A polygon has at least three different corners.";
    let corners = json.as_array().map(Vec::as_slice).unwrap_or_default();
    let corners = corners.iter().map(geo_point).collect::<Result<_, _>>()?;
    Polygon::new(corners).ok_or_else(|| Fault::with(Code::InvalidJson, message))
}

/// An `ACLInput`. Null is 123: it would be easy to mistake it for "public".
pub(super) fn acl(json: &Json) -> Result<Acl, Fault> {
    let invalid = |message: &'static str| Fault::with(Code::InvalidAcl, message);
    let Some(parts) = json.as_object() else {
        return Err(invalid("An ACL cannot be null. To make an object private, give an ACL with its users and roles."));
    };
    // Of two entries for the same user or role, the last one says what it may do.
    let mut granted: IndexMap<Principal, Rights> = IndexMap::new();
    let entries = |name: &str| parts.get(name).and_then(Json::as_array).into_iter().flatten();
    for entry in entries("users") {
        let user = entry.get("userId").and_then(Json::as_str).unwrap_or_default();
        let principal = Principal::from_stored(object_id(&ClassName::known(crate::class::USER), user)?.as_str());
        if user.is_empty() || !matches!(principal, Principal::User(_)) {
            return Err(invalid("The user of an ACL entry is not valid."));
        }
        granted.insert(principal, rights(entry));
    }
    for entry in entries("roles") {
        let name = entry.get("roleName").and_then(Json::as_str).unwrap_or_default();
        if name.is_empty() || name.contains('\0') {
            return Err(invalid("The role of an ACL entry is not valid."));
        }
        granted.insert(Principal::Role(RoleName::known(name)), rights(entry));
    }
    if let Some(public) = parts.get("public") {
        granted.insert(Principal::Public, rights(public));
    }
    let mut acl = Acl::default();
    granted.into_iter().for_each(|(principal, rights)| acl.grant(principal, rights));
    Ok(acl)
}

/// The `read` and `write` of an ACL entry.
pub(super) fn rights(entry: &Json) -> Rights {
    let right = |name| entry.get(name) == Some(&Json::Bool(true));
    Rights { read: right("read"), write: right("write") }
}
