//! Rows of the database as rows of values.
//!
//! Cells are read straight from the driver's buffers, by position, and each once.

use sea_orm::QueryResult;
use smol_str::SmolStr;
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, ValueRef as _};

use super::error::Error;
use super::render::{CellAt, KeyAt, Layout};
use crate::class::FieldType;
use crate::value::{Date, GeoPoint, JsonText, ObjectId, Polygon, Value};

/// Rows in the order of their list.
#[derive(Debug, Default)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// True if there are further rows behind the page, in the direction in which it was read. Only without relations.
    pub more: bool,
    /// The owners of which there are further rows behind their page.
    pub more_of: std::collections::HashSet<ObjectId>,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: ObjectId,
    /// The object whose relation it is in, if that was asked.
    pub owner: Option<ObjectId>,
    /// A cell for each column of the plan, in the plan's order.
    pub cells: Box<[Value]>,
    /// The values of the order's keys, if cursors are wanted.
    pub keys: Vec<Value>,
}

impl Row {
    /// The id in the cell of a pointer, if there is one that the caller may see.
    pub fn pointer(&self, column: usize) -> Option<&ObjectId> {
        let Some(Value::Pointer(id)) = self.cells.get(column) else { return None };
        Some(id)
    }
}

/// A row of either driver.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Postgres(&'a PgRow),
    Sqlite(&'a SqliteRow),
}

impl<'a> Raw<'a> {
    pub(super) fn new(row: &'a QueryResult) -> Result<Self, Error> {
        if let Some(row) = row.try_as_pg_row() {
            return Ok(Self::Postgres(row));
        }
        row.try_as_sqlite_row().map(Self::Sqlite).ok_or_else(|| Error::unexpected("a row of an unknown driver"))
    }

    /// The text in a column, if there is one.
    pub(super) fn text(self, at: usize) -> Result<Option<&'a str>, Error> {
        match self {
            Self::Postgres(row) => row.try_get_unchecked(at),
            Self::Sqlite(row) => row.try_get_unchecked(at),
        }
        .map_err(invalid)
    }

    /// The text in a column, which has one.
    pub(super) fn required(self, at: usize) -> Result<&'a str, Error> {
        self.text(at)?.ok_or_else(|| Error::unexpected("a missing id"))
    }

    /// The double in a column.
    pub(super) fn number(self, at: usize) -> Result<Option<f64>, Error> {
        match self {
            Self::Postgres(row) => row.try_get_unchecked(at),
            Self::Sqlite(row) => row.try_get_unchecked(at),
        }
        .map_err(invalid)
    }

    /// True or false in a column.
    pub(super) fn boolean(self, at: usize) -> Result<Option<bool>, Error> {
        match self {
            Self::Postgres(row) => row.try_get_unchecked(at),
            Self::Sqlite(row) => row.try_get_unchecked(at),
        }
        .map_err(invalid)
    }

    /// The whole number in a column.
    pub(super) fn integer(self, at: usize) -> Result<Option<i64>, Error> {
        match self {
            Self::Postgres(row) => row.try_get_unchecked(at),
            Self::Sqlite(row) => row.try_get_unchecked(at),
        }
        .map_err(invalid)
    }

    /// The instant in a column.
    pub(super) fn date(self, at: usize) -> Result<Option<Date>, Error> {
        /// 2000-01-01, from where PostgreSQL counts microseconds.
        const EPOCH: i64 = 946_684_800_000;
        let millis = match self {
            Self::Sqlite(_) => self.integer(at)?,
            Self::Postgres(row) => match binary(row, at)? {
                None => None,
                Some(bytes) => {
                    let micros = i64::from_be_bytes(bytes.try_into().map_err(invalid)?);
                    Some(EPOCH.saturating_add(micros.div_euclid(1000)))
                }
            },
        };
        let date = |millis| Date::from_millis(millis).ok_or_else(|| Error::unexpected("a date beyond the year 9999"));
        millis.map(date).transpose()
    }

    /// The JSON text in a column.
    pub(super) fn json(self, at: usize) -> Result<Option<&'a str>, Error> {
        match self {
            Self::Sqlite(_) => self.text(at),
            Self::Postgres(row) => match binary(row, at)? {
                None => Ok(None),
                // The first byte is the version of the format.
                Some([1, text @ ..]) => std::str::from_utf8(text).map(Some).map_err(invalid),
                Some(_) => Err(Error::unexpected("jsonb of an unknown version")),
            },
        }
    }

    /// The texts in a column: an array in PostgreSQL, a JSON array in SQLite.
    pub(super) fn texts(self, at: usize) -> Result<Option<Vec<SmolStr>>, Error> {
        match self {
            Self::Sqlite(_) => {
                let parse = |text| serde_json::from_str::<Vec<String>>(text).map_err(invalid);
                Ok(self.text(at)?.map(parse).transpose()?.map(|texts| texts.into_iter().map(SmolStr::from).collect()))
            }
            Self::Postgres(row) => binary(row, at)?.map(text_array).transpose(),
        }
    }

    fn corners(self, at: usize) -> Result<Option<Vec<GeoPoint>>, Error> {
        let pairs: Vec<(f64, f64)> = match self {
            Self::Sqlite(_) => match self.text(at)? {
                None => return Ok(None),
                Some(text) if text.starts_with("[[") => serde_json::from_str(text).map_err(invalid)?,
                Some(text) => vec![serde_json::from_str(text).map_err(invalid)?],
            },
            Self::Postgres(row) => match binary(row, at)? {
                None => return Ok(None),
                // A polygon begins with the number of its corners.
                Some(bytes) => pairs(if bytes.len() % 16 == 4 { bytes.get(4..).unwrap_or_default() } else { bytes })?,
            },
        };
        let point = |(longitude, latitude): (f64, f64)| GeoPoint::new(latitude, longitude);
        pairs
            .into_iter()
            .map(point)
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| Error::unexpected("a place not on earth"))
    }

    fn value(self, at: usize, kind: &FieldType) -> Result<Value, Error> {
        let text = |wrap: fn(String) -> Value| self.text(at).map(|text| text.map(|text| wrap(text.to_owned())));
        let value = match kind {
            FieldType::String => text(Value::String)?,
            FieldType::File => text(Value::File)?,
            FieldType::Bytes => text(Value::Bytes)?,
            FieldType::Pointer(_) => self.text(at)?.map(|id| Value::Pointer(ObjectId::new(id))),
            FieldType::Number => self.number(at)?.map(Value::Number),
            FieldType::Boolean => self.boolean(at)?.map(Value::Boolean),
            FieldType::Date => self.date(at)?.map(Value::Date),
            FieldType::Object => self.json(at)?.map(|text| Value::Object(JsonText::from_database(text))),
            FieldType::Array => self.json(at)?.map(|text| Value::Array(JsonText::from_database(text))),
            FieldType::GeoPoint => self.corners(at)?.and_then(|points| points.first().copied()).map(Value::GeoPoint),
            FieldType::Polygon => self.corners(at)?.and_then(Polygon::new).map(Value::Polygon),
            FieldType::Relation(_) | FieldType::Acl | FieldType::Password => None,
        };
        Ok(value.unwrap_or(Value::Null))
    }
}

impl Row {
    /// A row of an answer of this layout.
    pub(super) fn decode(row: Raw<'_>, layout: &Layout) -> Result<Self, Error> {
        Self::decode_from(row, 0, layout)
    }

    /// A row whose layout begins at a column.
    pub(super) fn decode_from(row: Raw<'_>, start: usize, layout: &Layout) -> Result<Self, Error> {
        let cell = |cell: &CellAt| match cell {
            CellAt::Nowhere => Ok(Value::Null),
            CellAt::Column(at, field) => row.value(start + at, &field.kind),
            CellAt::Permissions(at) => {
                Ok(Value::Permissions { read: row.texts(start + at)?, write: row.texts(start + at + 1)? })
            }
        };
        let key = |key: &KeyAt| match key {
            KeyAt::Nowhere => Ok(Value::Null),
            KeyAt::Column(at, field) => row.value(start + at, &field.kind),
            KeyAt::Distance(at) => Ok(row.number(start + at)?.map_or(Value::Null, Value::Number)),
        };
        Ok(Self {
            id: ObjectId::new(row.required(start)?),
            owner: layout.owner.map(|at| row.required(start + at).map(ObjectId::new)).transpose()?,
            cells: layout.cells.iter().map(cell).collect::<Result<_, _>>()?,
            keys: layout.keys.iter().map(key).collect::<Result<_, _>>()?,
        })
    }
}

/// The bytes of a column, in PostgreSQL's binary format.
fn binary(row: &PgRow, at: usize) -> Result<Option<&[u8]>, Error> {
    let value = row.try_get_raw(at).map_err(invalid)?;
    if value.is_null() {
        return Ok(None);
    }
    if value.format() != PgValueFormat::Binary {
        return Err(Error::unexpected("a value in text format"));
    }
    value.as_bytes().map(Some).map_err(|error| Error::unexpected(error.to_string()))
}

/// A `text[]`: dimensions, a flag and the type; length and lower bound of the one dimension; then each element's length
/// and text.
fn text_array(bytes: &[u8]) -> Result<Vec<SmolStr>, Error> {
    let malformed = || Error::unexpected("a malformed array");
    let mut rest = bytes;
    let word = |rest: &mut &[u8]| -> Result<i32, Error> {
        let (word, behind) = rest.split_first_chunk::<4>().ok_or_else(malformed)?;
        *rest = behind;
        Ok(i32::from_be_bytes(*word))
    };
    let dimensions = word(&mut rest)?;
    rest = rest.get(8..).ok_or_else(malformed)?;
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    let count = word(&mut rest)?;
    word(&mut rest)?;
    let mut texts = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(word(&mut rest)?).map_err(invalid)?;
        let (text, behind) = rest.split_at_checked(length).ok_or_else(malformed)?;
        texts.push(SmolStr::new(std::str::from_utf8(text).map_err(invalid)?));
        rest = behind;
    }
    Ok(texts)
}

/// Pairs of doubles.
fn pairs(bytes: &[u8]) -> Result<Vec<(f64, f64)>, Error> {
    let double = |bytes: &[u8]| bytes.try_into().map(f64::from_be_bytes).map_err(invalid);
    bytes
        .chunks(16)
        .map(|pair| {
            let (one, other) = pair.split_at_checked(8).ok_or_else(|| Error::unexpected("a malformed place"))?;
            Ok((double(one)?, double(other)?))
        })
        .collect()
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::unexpected(error.to_string())
}
