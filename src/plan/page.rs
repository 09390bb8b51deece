//! Orders, cursors and pages.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use crate::class::{Field, FieldType};
use crate::value::{Date, GeoPoint, ObjectId, Value};

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Small values first, missing ones last.
    Ascending,
    /// Missing values first, then great ones.
    Descending,
}

impl Direction {
    /// The other way round.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// One key of an order.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is compared.
    pub key: OrderKey,
    /// Up or down.
    pub direction: Direction,
}

/// What an order compares.
#[derive(Debug, Clone)]
pub enum OrderKey {
    /// The value of a field. Text compares by bytes.
    Field(Arc<Field>),
    /// The distance of a place from this one.
    Distance(Arc<Field>, GeoPoint),
}

impl Order {
    /// Up, by a field.
    pub const fn ascending(field: Arc<Field>) -> Self {
        Self { key: OrderKey::Field(field), direction: Direction::Ascending }
    }

    /// The field that is compared.
    pub const fn field(&self) -> &Arc<Field> {
        match &self.key {
            OrderKey::Field(field) | OrderKey::Distance(field, _) => field,
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Only rows after this one.
    pub after: Option<Cursor>,
    /// Only rows before this one.
    pub before: Option<Cursor>,
    /// Then this many rows are passed over.
    pub skip: u64,
    /// Then at most this many are taken …
    pub limit: Option<u64>,
    /// … from the end of the list instead of its beginning. They come in the list's order all the same.
    pub from_end: bool,
    /// No more rows than this are read, of all owners of a relation together.
    pub total: Option<u64>,
}

/// A place in an ordered list.
#[derive(Debug, Clone, PartialEq)]
pub enum Cursor {
    /// Before the first row: the cursor of an empty page.
    Start,
    /// At a row.
    Row(Position),
}

/// Where a row stands in an order: its values for the order's keys, and its id.
///
/// It marks the row, not an offset, so what is added or deleted meanwhile shifts nothing, and it works
/// even if the row is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The values of the order's keys.
    pub keys: Vec<Value>,
    /// The row's id.
    pub id: ObjectId,
}

impl Cursor {
    /// The opaque text for clients.
    pub fn encode(&self) -> String {
        let json = match self {
            Self::Start => json!([]),
            Self::Row(position) => {
                let keys = position.keys.iter().map(key_to_json);
                Json::Array(std::iter::once(Json::from(position.id.as_str())).chain(keys).collect())
            }
        };
        URL_SAFE_NO_PAD.encode(json.to_string())
    }

    /// The cursor of this text in a list of this order, if it is one.
    pub fn decode(text: &str, order: &[Order]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let items: Vec<Json> = serde_json::from_slice(&bytes).ok()?;
        let Some((id, keys)) = items.split_first() else { return Some(Self::Start) };
        if keys.len() != order.len() {
            return None;
        }
        let id = id.as_str().filter(|id| !id.contains('\0'))?;
        let keys = keys.iter().zip(order).map(|(key, order)| key_from_json(key, order)).collect::<Option<_>>()?;
        Some(Self::Row(Position { keys, id: ObjectId::new(id) }))
    }
}

fn key_to_json(value: &Value) -> Json {
    match value {
        Value::String(text) | Value::Bytes(text) | Value::File(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Date(date) => date.millis().into(),
        Value::Object(json) | Value::Array(json) => json.as_str().into(),
        Value::Pointer(id) => id.as_str().into(),
        Value::GeoPoint(point) => json!([point.latitude(), point.longitude()]),
        Value::Null | Value::Polygon(_) | Value::Permissions { .. } => Json::Null,
    }
}

fn key_from_json(json: &Json, order: &Order) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    let text = || json.as_str().filter(|text| !text.contains('\0')).map(ToOwned::to_owned);
    let kind = match &order.key {
        OrderKey::Distance(..) => return json.as_f64().map(Value::Number),
        OrderKey::Field(field) => &field.kind,
    };
    match kind {
        FieldType::String => text().map(Value::String),
        FieldType::File => text().map(Value::File),
        FieldType::Bytes => text().map(Value::Bytes),
        FieldType::Pointer(_) => text().map(|id| Value::Pointer(ObjectId::new(id))),
        FieldType::Number => json.as_f64().map(Value::Number),
        FieldType::Boolean => json.as_bool().map(Value::Boolean),
        FieldType::Date => json.as_i64().and_then(Date::from_millis).map(Value::Date),
        FieldType::Object
        | FieldType::Array
        | FieldType::GeoPoint
        | FieldType::Polygon
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => None,
    }
}

/// True if rows can be ordered by a field of this type. Fields of the other types are accepted in an order, as in Parse,
/// and leave the order as it is.
pub const fn is_orderable(kind: &FieldType) -> bool {
    matches!(
        kind,
        FieldType::String
            | FieldType::Number
            | FieldType::Boolean
            | FieldType::Date
            | FieldType::File
            | FieldType::Bytes
            | FieldType::Pointer(_)
    )
}
