//! Answers, written straight from rows.

use std::io::Write as _;

use chrono::{DateTime, Datelike as _, Timelike as _};

use super::database::Row;
use crate::Result;

/// How a column is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Instant,
}

/// The columns of an object, in the order of the statement.
pub(super) type Columns = &'static [(&'static str, Kind)];

/// Writes the members of an object, without its braces.
pub(super) fn members(out: &mut Vec<u8>, row: &Row, columns: Columns) -> Result<()> {
    for (at, (name, kind)) in columns.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match kind {
            Kind::Text => serde_json::to_writer(&mut *out, row.text(at)?)?,
            Kind::Number => number(out, row.number(at)?)?,
            Kind::Boolean => out.extend_from_slice(if row.boolean(at)? { b"true" } else { b"false" }),
            Kind::Instant => instant(out, row.instant(at)?)?,
        }
    }
    Ok(())
}

/// Writes a list of edges.
pub(super) fn edges(
    name: &str,
    rows: &[Row],
    mut node: impl FnMut(&mut Vec<u8>, &Row) -> Result<()>,
) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(64 + rows.len() * 320);
    write!(out, "{{\"data\":{{\"{name}\":{{\"edges\":[")?;
    for (position, row) in rows.iter().enumerate() {
        out.extend_from_slice(if position > 0 { b",{\"node\":{" } else { b"{\"node\":{" });
        node(&mut out, row)?;
        out.extend_from_slice(b"}}");
    }
    out.extend_from_slice(b"]}}}");
    Ok(out)
}

/// Whole numbers are written without a fraction, as JavaScript does.
fn number(out: &mut Vec<u8>, number: f64) -> Result<()> {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        write!(out, "{}", number as i64)?;
    } else {
        serde_json::to_writer(out, &number)?;
    }
    Ok(())
}

fn instant(out: &mut Vec<u8>, millis: i64) -> Result<()> {
    let at = DateTime::from_timestamp_millis(millis).ok_or("an instant out of range")?;
    let (date, time) = (at.date_naive(), at.time());
    write!(
        out,
        "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\"",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.nanosecond() / 1_000_000
    )?;
    Ok(())
}
