//! PostgreSQL's words.

use serde_json::{Value as Json, json};

use super::{pointer, sign};
use crate::class::FieldType;
use crate::plan::{Comparison, Direction, Pattern, TextSearch};
use crate::store::pattern;
use crate::store::search;
use crate::store::sql::{Place, Sql};
use crate::value::{GeoPoint, Polygon, Value};

pub(super) const fn column_type(kind: &FieldType) -> Option<&'static str> {
    match kind {
        FieldType::String | FieldType::File | FieldType::Pointer(_) => Some("text"),
        FieldType::Number => Some("double precision"),
        FieldType::Boolean => Some("boolean"),
        FieldType::Date => Some("timestamp with time zone"),
        FieldType::Object | FieldType::Array | FieldType::Bytes => Some("jsonb"),
        FieldType::GeoPoint => Some("point"),
        FieldType::Polygon => Some("polygon"),
        FieldType::Relation(_) | FieldType::Acl | FieldType::Password => None,
    }
}

/// The cast changes nothing, but keeps a prepared statement from outliving the type of its column.
pub(super) fn read_column(sql: &mut Sql, column: Place<'_>, kind: &FieldType) {
    match kind {
        FieldType::Bytes => sql.push("(").place(column).push(" ->> 'base64')"),
        FieldType::String
        | FieldType::File
        | FieldType::Pointer(_)
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => sql.place(column).push("::text"),
        FieldType::Number => sql.place(column).push("::float8"),
        FieldType::Boolean => sql.place(column).push("::bool"),
        FieldType::Date => sql.place(column).push("::timestamptz"),
        FieldType::Object | FieldType::Array => sql.place(column).push("::jsonb"),
        FieldType::GeoPoint => sql.place(column).push("::point"),
        FieldType::Polygon => sql.place(column).push("::polygon"),
    };
}

pub(super) fn stored(sql: &mut Sql, value: &Value) {
    match value {
        Value::Null | Value::Permissions { .. } => sql.push("NULL"),
        Value::String(text) | Value::File(text) => sql.text(text.as_str()),
        Value::Number(number) => sql.number(*number),
        Value::Boolean(flag) => sql.boolean(*flag),
        Value::Date(date) => sql.date(*date),
        Value::Object(json) | Value::Array(json) => sql.json_text(json.as_str()),
        Value::Bytes(base64) => sql.json(&json!({"__type": "Bytes", "base64": base64})),
        Value::GeoPoint(point) => point_of(sql, *point),
        Value::Polygon(area) => polygon_of(sql, area),
        Value::Pointer(id) => sql.text(id.as_str()),
    };
}

fn point_of(sql: &mut Sql, point: GeoPoint) -> &mut Sql {
    sql.push("point(").number(point.longitude()).push(", ").number(point.latitude()).push(")")
}

fn polygon_of<'a>(sql: &'a mut Sql, area: &Polygon) -> &'a mut Sql {
    let corners = area.corners().iter().map(|corner| format!("({},{})", corner.longitude(), corner.latitude()));
    sql.text(format!("({})", corners.collect::<Vec<_>>().join(","))).push("::polygon")
}

pub(super) fn sortable(sql: &mut Sql, column: Place<'_>, kind: &FieldType) {
    read_column(sql, column, kind);
    if matches!(kind, FieldType::String | FieldType::File | FieldType::Pointer(_) | FieldType::Bytes) {
        sql.push(r#" COLLATE "C""#);
    }
}

/// Missing values are the greatest, unless one says otherwise.
pub(super) fn direction(sql: &mut Sql, direction: Direction) {
    match direction {
        Direction::Ascending => {}
        Direction::Descending => {
            sql.push(" DESC");
        }
    }
}

pub(super) fn principals(sql: &mut Sql, principals: &[smol_str::SmolStr]) {
    sql.texts(principals.iter().map(smol_str::SmolStr::as_str));
}

/// Two branches, each of which has an index of its own, so that a bitmap of both serves the condition.
pub(super) fn permits(sql: &mut Sql, column: Place<'_>, principals: &[smol_str::SmolStr]) {
    sql.push("(").place(column).push(" && ").principals(principals);
    sql.push(" OR ").place(column).push(" IS NULL)");
}

/// PostgreSQL plans a prepared statement for its values five times, and then once for any values, if that does not look
/// dearer. But which way to the rows is short depends on who asks and for how many: a plan for anybody can read a million
/// rows for the few of one user. With its value, `TRUE OR …` is nothing. Without, the other side must be reckoned with: it would
/// take so long that a plan for any values looks dearer than every other. It is never run.
pub(super) fn and_planned_for_its_values(sql: &mut Sql) {
    sql.push(" AND (").boolean(true).push(" OR (SELECT count(*) FROM generate_series(1, 1000000000000000)) = 0)");
}

pub(super) fn array_points_to(sql: &mut Sql, column: Place<'_>, class: &str, id: &str) {
    sql.place(column).push(" @> ").json(&Json::Array(vec![pointer(class, id)]));
}

/// The elements of an array, one a row, as `item`.
fn items<'a>(sql: &'a mut Sql, column: Place<'_>) -> &'a mut Sql {
    sql.push("jsonb_array_elements(CASE WHEN jsonb_typeof(").place(column).push(") = 'array' THEN ");
    sql.place(column).push(r#" END) AS "items"("item")"#)
}

pub(super) fn array_points_into(sql: &mut Sql, column: Place<'_>, class: &str, ids: &mut dyn FnMut(&mut Sql)) {
    sql.push("EXISTS (SELECT 1 FROM ");
    items(sql, column).push(r#" WHERE "item" ->> '__type' = 'Pointer' AND "item" ->> 'className' = "#).text(class);
    sql.push(r#" AND "item" ->> 'objectId' IN ("#);
    ids(sql);
    sql.push("))");
}

pub(super) fn contains_any(sql: &mut Sql, column: Place<'_>, values: &[Json]) {
    match values {
        // Containment is equality for plain values.
        [value] if !value.is_array() && !value.is_object() => {
            sql.place(column).push(" @> ").json(&Json::Array(values.to_vec()));
        }
        _ => {
            sql.push("EXISTS (SELECT 1 FROM ");
            items(sql, column).push(r#" WHERE "item" IN (SELECT jsonb_array_elements("#);
            sql.json(&Json::Array(values.to_vec())).push(")))");
        }
    }
}

pub(super) fn contained_by(sql: &mut Sql, column: Place<'_>, values: &[Json]) {
    sql.push("(jsonb_typeof(").place(column).push(") = 'array' AND NOT EXISTS (SELECT 1 FROM ");
    items(sql, column).push(r#" WHERE "item" NOT IN (SELECT jsonb_array_elements("#);
    sql.json(&Json::Array(values.to_vec())).push("))))");
}

pub(super) fn contains_selected(sql: &mut Sql, column: Place<'_>, kind: &FieldType, values: &mut dyn FnMut(&mut Sql)) {
    sql.push("(");
    if *kind == FieldType::Array {
        sql.place(column).push(" IN (");
        values(sql);
        sql.push(") OR ");
    }
    sql.push("EXISTS (SELECT 1 FROM ");
    items(sql, column).push(r#" WHERE "item" IN ("#);
    values(sql);
    sql.push(")))");
}

pub(super) fn as_item(sql: &mut Sql, column: Place<'_>, kind: &FieldType) {
    match kind {
        FieldType::Pointer(class) => {
            sql.push("jsonb_build_object('__type', 'Pointer', 'className', ").text(class.as_str());
            sql.push(", 'objectId', ").place(column).push(")");
        }
        FieldType::Date => {
            sql.push("jsonb_build_object('__type', 'Date', 'iso', to_char(").place(column);
            sql.push(r#" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))"#);
        }
        FieldType::Object | FieldType::Array | FieldType::Bytes => {
            sql.place(column);
        }
        FieldType::String
        | FieldType::Number
        | FieldType::Boolean
        | FieldType::File
        | FieldType::GeoPoint
        | FieldType::Polygon
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => {
            sql.push("to_jsonb(").place(column).push(")");
        }
    }
}

fn member_of<'a>(sql: &'a mut Sql, column: Place<'_>, path: &[String]) -> &'a mut Sql {
    sql.push("(").place(column).push(" #> ").texts(path.iter().map(String::as_str)).push(")")
}

pub(super) fn member(sql: &mut Sql, column: Place<'_>, path: &[String], comparison: Comparison, value: &Json) {
    if comparison == Comparison::Equal {
        member_of(sql, column, path).push(" = ").json(value);
        return;
    }
    let kind = match value {
        Json::Number(_) => "number",
        Json::Bool(_) => "boolean",
        Json::String(text) => {
            sql.push("(jsonb_typeof(");
            member_of(sql, column, path).push(") = 'string' AND (").place(column).push(" #>> ");
            sql.texts(path.iter().map(String::as_str)).push(r#") COLLATE "C""#);
            sql.push(sign(comparison)).text(text.as_str()).push(")");
            return;
        }
        Json::Null | Json::Array(_) | Json::Object(_) => {
            sql.push("FALSE");
            return;
        }
    };
    sql.push("(jsonb_typeof(");
    member_of(sql, column, path).push(") = '").push(kind).push("' AND ");
    member_of(sql, column, path).push(sign(comparison)).json(value).push(")");
}

pub(super) fn member_in(sql: &mut Sql, column: Place<'_>, path: &[String], values: &[Json]) {
    member_of(sql, column, path).push(" IN (SELECT jsonb_array_elements(");
    sql.json(&Json::Array(values.to_vec())).push("))");
}

pub(super) fn matches(sql: &mut Sql, column: Place<'_>, expression: &Pattern) {
    sql.place(column).push(" ~ ").text(pattern::postgres(expression));
}

/// Without regard to diacritics, both sides lose their combining marks.
pub(super) fn contains_words(sql: &mut Sql, column: Place<'_>, search: &TextSearch) {
    let language = search.language.as_deref().unwrap_or(search::DEFAULT_LANGUAGE);
    let plain = |sql: &mut Sql, add: &mut dyn FnMut(&mut Sql)| {
        if search.diacritic_sensitive {
            add(sql);
        } else {
            sql.push("regexp_replace(normalize(");
            add(sql);
            sql.push(", NFD), '[\\u0300-\\u036f]', '', 'g')");
        }
    };
    sql.push("(to_tsvector(").text(language).push("::regconfig, ");
    plain(sql, &mut |sql| {
        sql.place(column);
    });
    sql.push(") @@ plainto_tsquery(").text(language).push("::regconfig, ");
    plain(sql, &mut |sql| {
        sql.text(search.term.as_str());
    });
    sql.push(")");
    if search.case_sensitive {
        for word in search::words(&search.term) {
            sql.push(" AND ");
            plain(sql, &mut |sql| {
                sql.place(column);
            });
            sql.push(" ~ ");
            let word = if search.diacritic_sensitive { word } else { search::without_marks(&word) };
            sql.text(format!("\\m{word}\\M"));
        }
    }
    sql.push(")");
}

pub(super) fn latitude(sql: &mut Sql, column: Place<'_>) {
    sql.place(column).push("[1]");
}

pub(super) fn longitude(sql: &mut Sql, column: Place<'_>) {
    sql.place(column).push("[0]");
}

pub(super) fn is_inside(sql: &mut Sql, column: Place<'_>, area: &Polygon) {
    polygon_of(sql, area).push(" @> ").place(column);
}

pub(super) fn surrounds(sql: &mut Sql, column: Place<'_>, point: GeoPoint) {
    sql.place(column).push(" @> ");
    point_of(sql, point);
}

/// As text, because the operator compares with a tolerance.
pub(super) fn is_area(sql: &mut Sql, column: Place<'_>, area: &Polygon) {
    sql.place(column).push("::text = ");
    polygon_of(sql, area).push("::text");
}

pub(super) fn smaller(sql: &mut Sql, one: &mut dyn FnMut(&mut Sql), other: &mut dyn FnMut(&mut Sql)) {
    sql.push("least(");
    one(sql);
    sql.push(", ");
    other(sql);
    sql.push(")");
}

pub(super) fn rows_of(sql: &mut Sql, ids: &[&str]) {
    sql.push("unnest(").texts(ids.iter().copied()).push(r#") AS "ids"("id")"#);
}

pub(super) fn exists(sql: &mut Sql) {
    sql.push("EXISTS (SELECT 1 FROM ");
}

pub(super) fn without_member(sql: &mut Sql, column: &str, member: &str) {
    sql.ident(column).push(" - ").text(member);
}

pub(super) fn for_update(sql: &mut Sql) {
    sql.push(" FOR UPDATE");
}

pub(super) fn collected(sql: &mut Sql, name: &str) {
    sql.push("array_agg(").ident(name).push(")");
}
