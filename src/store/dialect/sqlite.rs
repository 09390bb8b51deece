//! SQLite's words.
//!
//! JSON is text in its canonical form (see [`json`](super::super::json)), so that equal values have equal texts. A place
//! is `[longitude,latitude]`, an area the ring of its corners.

use serde_json::{Value as Json, json};

use super::sign;
use crate::class::FieldType;
use crate::plan::{Comparison, Direction, Pattern, TextSearch};
use crate::store::pattern;
use crate::store::principals;
use crate::store::search;
use crate::store::sql::{Place, Sql};
use crate::value::{GeoPoint, Polygon, Value};

/// Elements `a` and `b` of two arrays are the same: `1` and `1.0` are, `1` and `true` are not.
const SAME: &str =
    r#"replace("a"."type", 'integer', 'real') = replace("b"."type", 'integer', 'real') AND "a"."value" IS "b"."value""#;

/// The place `x`, `y` is left of an edge's crossing with its parallel, or on the edge itself.
const INSIDE: &str = r#"SELECT count(*) FILTER (WHERE ("ay" > "y") <> ("by" > "y") AND "x" < ("bx" - "ax") * ("y" - "ay") / ("by" - "ay") + "ax") % 2 = 1 OR max(abs(("bx" - "ax") * ("y" - "ay") - ("by" - "ay") * ("x" - "ax")) <= 1e-9 AND "x" BETWEEN min("ax", "bx") AND max("ax", "bx") AND "y" BETWEEN min("ay", "by") AND max("ay", "by"))"#;

/// How many path parts can be both a position and a name before only names are looked for.
const MAX_POSITIONS: usize = 4;

pub(super) const fn column_type(kind: &FieldType) -> Option<&'static str> {
    match kind {
        FieldType::String
        | FieldType::File
        | FieldType::Pointer(_)
        | FieldType::Object
        | FieldType::Array
        | FieldType::Bytes
        | FieldType::GeoPoint
        | FieldType::Polygon => Some("TEXT"),
        FieldType::Number => Some("REAL"),
        FieldType::Boolean | FieldType::Date => Some("INTEGER"),
        FieldType::Relation(_) | FieldType::Acl | FieldType::Password => None,
    }
}

pub(super) fn read_column(sql: &mut Sql, column: Place<'_>, _: &FieldType) {
    sql.place(column);
}

pub(super) fn stored(sql: &mut Sql, value: &Value) {
    match value {
        Value::Null | Value::Permissions { .. } => sql.push("NULL"),
        Value::String(text) | Value::File(text) | Value::Bytes(text) => sql.text(text.as_str()),
        Value::Number(number) => sql.number(*number),
        Value::Boolean(flag) => sql.boolean(*flag),
        Value::Date(date) => sql.date(*date),
        Value::Object(json) | Value::Array(json) => sql.json_text(json.as_str()),
        Value::GeoPoint(point) => sql.json(&corner(point)),
        Value::Polygon(area) => sql.json(&area.corners().iter().map(corner).collect()),
        Value::Pointer(id) => sql.text(id.as_str()),
    };
}

fn corner(point: &GeoPoint) -> Json {
    json!([point.longitude(), point.latitude()])
}

pub(super) fn sortable(sql: &mut Sql, column: Place<'_>, _: &FieldType) {
    sql.place(column);
}

pub(super) fn direction(sql: &mut Sql, direction: Direction) {
    sql.push(match direction {
        Direction::Ascending => " NULLS LAST",
        Direction::Descending => " DESC NULLS FIRST",
    });
}

pub(super) fn principals(sql: &mut Sql, principals: &[smol_str::SmolStr]) {
    sql.texts(principals.iter().map(smol_str::SmolStr::as_str));
}

/// The collation is no order: it compares a list with a question, see [`principals`](mod@principals). The plus keeps SQLite from
/// using an index for it. What takes its place where the question would be too long permits the same, of all lists that a server
/// writes.
pub(super) fn permits(sql: &mut Sql, column: Place<'_>, principals: &[smol_str::SmolStr]) {
    sql.push("(").place(column).push(" IS NULL OR ");
    if let Some(question) = principals::question(principals) {
        sql.push("(+").place(column).push(") COLLATE ").ident(principals::COLLATION).push(" = ").text(question);
    } else {
        sql.push(r#"(SELECT max("who"."value""#).is_one_of(principals.iter().map(smol_str::SmolStr::as_str));
        sql.push(r#") AND min("who"."type" = 'text') FROM json_each(CASE WHEN json_valid("#).place(column);
        sql.push(") AND json_type(").place(column).push(") = 'array' THEN ").place(column).push(r#" END) AS "who")"#);
    }
    sql.push(")");
}

/// The start of a condition on the pointers `a` in an array.
fn pointers<'a>(sql: &'a mut Sql, column: Place<'_>, class: &str) -> &'a mut Sql {
    exists(sql);
    sql.push("json_each(").place(column).push(r#") AS "a" WHERE CASE WHEN "a"."type" = 'object' "#);
    sql.push(
        r#"THEN json_extract("a"."value", '$.__type') = 'Pointer' AND json_extract("a"."value", '$.className') = "#,
    );
    sql.text(class).push(r#" AND json_extract("a"."value", '$.objectId')"#)
}

/// SQLite plans without looking at values, and is told which way is short.
pub(super) const fn and_planned_for_its_values(_sql: &mut Sql) {}

pub(super) fn array_points_to(sql: &mut Sql, column: Place<'_>, class: &str, id: &str) {
    pointers(sql, column, class).push(" = ").text(id).push(" END)");
}

pub(super) fn array_points_into(sql: &mut Sql, column: Place<'_>, class: &str, ids: &mut dyn FnMut(&mut Sql)) {
    pointers(sql, column, class).push(" IN (");
    ids(sql);
    sql.push(") END)");
}

pub(super) fn contains_any(sql: &mut Sql, column: Place<'_>, values: &[Json]) {
    exists(sql);
    sql.push("json_each(").place(column).push(r#") AS "a", json_each("#);
    sql.json(&Json::Array(values.to_vec())).push(r#") AS "b" WHERE "#).push(SAME).push(")");
}

pub(super) fn contained_by(sql: &mut Sql, column: Place<'_>, values: &[Json]) {
    sql.push("(").place(column).push(" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(").place(column);
    sql.push(r#") AS "a" WHERE NOT EXISTS (SELECT 1 FROM json_each("#).json(&Json::Array(values.to_vec()));
    sql.push(r#") AS "b" WHERE "#).push(SAME).push(")))");
}

pub(super) fn contains_selected(sql: &mut Sql, column: Place<'_>, kind: &FieldType, values: &mut dyn FnMut(&mut Sql)) {
    sql.push("(");
    if *kind == FieldType::Array {
        sql.place(column).push(" IN (");
        values(sql);
        sql.push(") OR ");
    }
    exists(sql);
    sql.push("json_each(").place(column);
    sql.push(r#") AS "a", json_each((SELECT json_group_array(json("item")) FROM ("#);
    values(sql);
    sql.push(r#"))) AS "b" WHERE "#).push(SAME).push("))");
}

/// The members of an object stand in their canonical order.
pub(super) fn as_item(sql: &mut Sql, column: Place<'_>, kind: &FieldType) {
    match kind {
        FieldType::Pointer(class) => {
            sql.push("json_object('__type', 'Pointer', 'objectId', ").place(column);
            sql.push(", 'className', ").text(class.as_str()).push(")");
        }
        FieldType::Date => {
            sql.push("json_object('iso', strftime('%Y-%m-%dT%H:%M:%fZ', ").place(column);
            sql.push(" / 1000.0, 'unixepoch'), '__type', 'Date')");
        }
        FieldType::Bytes => {
            sql.push("json_object('__type', 'Bytes', 'base64', ").place(column).push(")");
        }
        FieldType::Boolean => {
            sql.push("CASE ").place(column).push(" WHEN 1 THEN 'true' ELSE 'false' END");
        }
        FieldType::Object | FieldType::Array | FieldType::GeoPoint | FieldType::Polygon => {
            sql.place(column);
        }
        FieldType::String
        | FieldType::Number
        | FieldType::File
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => {
            sql.push("json_quote(").place(column).push(")");
        }
    }
}

/// The JSON text of a member. A part that is a number is a position if an array has been reached, else a name.
fn member_of<'a>(sql: &'a mut Sql, column: Place<'_>, path: &[String]) -> &'a mut Sql {
    let is_position = |part: &String| part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 9;
    if path.iter().filter(|part| is_position(part)).count() > MAX_POSITIONS || !path.iter().any(is_position) {
        return sql.push("(").place(column).push(" -> ").text(json_path(path)).push(")");
    }
    match path.split_last() {
        Some((last, parents)) if is_position(last) => {
            sql.push("CASE json_type(");
            member_of(sql, column, parents).push(") WHEN 'array' THEN ");
            member_of(sql, column, parents).push(" -> ").text(format!("$[{last}]")).push(" ELSE ");
            member_of(sql, column, parents).push(" -> ").text(json_path(std::slice::from_ref(last))).push(" END")
        }
        Some((last, parents)) => {
            sql.push("(");
            member_of(sql, column, parents).push(" -> ").text(json_path(std::slice::from_ref(last))).push(")")
        }
        None => sql.place(column),
    }
}

fn json_path(parts: &[String]) -> String {
    let labels = parts.iter().map(|part| format!(".{}", Json::from(part.as_str())));
    std::iter::once("$".to_owned()).chain(labels).collect()
}

pub(super) fn member(sql: &mut Sql, column: Place<'_>, path: &[String], comparison: Comparison, value: &Json) {
    let types = match value {
        _ if comparison == Comparison::Equal => {
            member_of(sql, column, path).push(" = ").json(value);
            return;
        }
        Json::Number(_) => "('integer', 'real')",
        Json::Bool(_) => "('true', 'false')",
        Json::String(_) => "('text')",
        Json::Null | Json::Array(_) | Json::Object(_) => {
            sql.push("FALSE");
            return;
        }
    };
    sql.push("(json_type(");
    member_of(sql, column, path).push(") IN ").push(types).push(" AND json_extract(");
    member_of(sql, column, path).push(", '$')").push(sign(comparison));
    sql.push("json_extract(").json(value).push(", '$'))");
}

pub(super) fn member_in(sql: &mut Sql, column: Place<'_>, path: &[String], values: &[Json]) {
    let texts: Vec<String> = values.iter().map(crate::store::json::canonical).collect();
    member_of(sql, column, path).push(r#" IN (SELECT "value" FROM json_each("#);
    sql.texts(texts.iter().map(String::as_str)).push("))");
}

pub(super) fn matches(sql: &mut Sql, column: Place<'_>, expression: &Pattern) {
    sql.place(column).push(" REGEXP ").text(pattern::sqlite(expression));
}

/// The collation is no order: it compares a text with a question, see [`search`]. The empty text beside the column keeps
/// SQLite from using an index for it.
pub(super) fn contains_words(sql: &mut Sql, column: Place<'_>, search: &TextSearch) {
    sql.push("(").place(column).push(" || '') COLLATE ").ident(search::COLLATION).push(" = ");
    sql.text(search::question(search));
}

pub(super) fn latitude(sql: &mut Sql, column: Place<'_>) {
    sql.push("json_extract(").place(column).push(", '$[1]')");
}

pub(super) fn longitude(sql: &mut Sql, column: Place<'_>) {
    sql.push("json_extract(").place(column).push(", '$[0]')");
}

pub(super) fn is_inside(sql: &mut Sql, column: Place<'_>, area: &Polygon) {
    let edges = area
        .corners()
        .iter()
        .zip(area.corners().iter().skip(1))
        .map(|(from, to)| json!([from.longitude(), from.latitude(), to.longitude(), to.latitude()]));
    sql.push("(").push(INSIDE).push(" FROM (SELECT ");
    longitude(sql, column);
    sql.push(r#" AS "x", "#);
    latitude(sql, column);
    sql.push(r#" AS "y"), (SELECT json_extract("value", '$[0]') AS "ax", json_extract("value", '$[1]') AS "ay", "#);
    sql.push(r#"json_extract("value", '$[2]') AS "bx", json_extract("value", '$[3]') AS "by" FROM json_each("#);
    sql.json(&edges.collect()).push(")))");
}

pub(super) fn surrounds(sql: &mut Sql, column: Place<'_>, point: GeoPoint) {
    sql.push("(").push(INSIDE).push(" FROM (SELECT ").number(point.longitude()).push(r#" AS "x", "#);
    sql.number(point.latitude()).push(r#" AS "y"), (SELECT json_extract("value", '$[0]') AS "bx", "#);
    sql.push(r#"json_extract("value", '$[1]') AS "by", "#);
    sql.push(r#"lag(json_extract("value", '$[0]')) OVER (ORDER BY "key") AS "ax", "#);
    sql.push(r#"lag(json_extract("value", '$[1]')) OVER (ORDER BY "key") AS "ay" FROM json_each("#);
    sql.place(column).push(")))");
}

pub(super) fn is_area(sql: &mut Sql, column: Place<'_>, area: &Polygon) {
    sql.place(column).push(" = ").json(&area.corners().iter().map(corner).collect());
}

pub(super) fn smaller(sql: &mut Sql, one: &mut dyn FnMut(&mut Sql), other: &mut dyn FnMut(&mut Sql)) {
    sql.push("min(");
    one(sql);
    sql.push(", ");
    other(sql);
    sql.push(")");
}

pub(super) fn rows_of(sql: &mut Sql, ids: &[&str]) {
    sql.push(r#"(SELECT "value" AS "id" FROM json_each("#).texts(ids.iter().copied()).push(r#")) AS "ids""#);
}

/// The plus keeps SQLite from turning the condition into a join, after which OFFSET counts joined rows.
pub(super) fn exists(sql: &mut Sql) {
    sql.push("+EXISTS (SELECT 1 FROM ");
}

pub(super) fn without_member(sql: &mut Sql, column: &str, member: &str) {
    sql.push("json_remove(").ident(column).push(", ").text(format!("$.{member}")).push(")");
}

/// A transaction that writes is the only one.
pub(super) fn for_update(_: &mut Sql) {}

pub(super) fn collected(sql: &mut Sql, name: &str) {
    sql.push("json_group_array(").ident(name).push(")");
}
