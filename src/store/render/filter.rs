//! Conditions.
//!
//! A comparison with a missing value is NULL in SQL. At the top of a condition NULL is as good as FALSE, and [`Filter::Not`]
//! asks whether its condition `IS NOT TRUE`, so that conditions have two truth values.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Table, geo, order, scope};
use crate::class::{Field, FieldType};
use crate::guard::AdmittedFind;
use crate::plan::{Comparison, Filter, Subquery, Test};
use crate::store::dialect::sign;
use crate::store::sql::Sql;
use crate::value::Value;

/// Adds a condition.
pub(super) fn filter(sql: &mut Sql, table: Table<'_>, condition: &Filter<AdmittedFind>) {
    match condition {
        Filter::Always => {
            sql.push("TRUE");
        }
        Filter::Never => {
            sql.push("FALSE");
        }
        Filter::And(all) => joined(sql, table, all, "TRUE", " AND "),
        Filter::Or(any) => joined(sql, table, any, "FALSE", " OR "),
        Filter::Not(inner) => {
            sql.push("((");
            filter(sql, table, inner);
            sql.push(") IS NOT TRUE)");
        }
        Filter::Ids(ids) if ids.is_empty() => {
            sql.push("FALSE");
        }
        Filter::Ids(ids) => {
            table.id(sql).is_one_of(ids.iter().map(crate::value::ObjectId::as_str));
        }
        Filter::Field(field, passes) => test(sql, table, field, passes),
        Filter::Subquery(field, kind, query) => subquery(sql, table, field, kind, query),
    }
}

fn joined(sql: &mut Sql, table: Table<'_>, filters: &[Filter<AdmittedFind>], none: &str, word: &str) {
    if filters.is_empty() {
        sql.push(none);
        return;
    }
    sql.push("(").separated(filters, word, |sql, inner| filter(sql, table, inner));
    sql.push(")");
}

fn test(sql: &mut Sql, table: Table<'_>, field: &Field, test: &Test) {
    if !field.kind.has_column() {
        // What is in a relation depends on who asks, so only sub-queries tell; passwords and ACLs answer nothing.
        sql.push("FALSE");
        return;
    }
    let column = table.place(field);
    let is_object = field.kind == FieldType::Object;
    let is_array = field.kind == FieldType::Array;
    let is_text = matches!(field.kind, FieldType::String | FieldType::File | FieldType::Pointer(_));
    match test {
        Test::Exists => {
            sql.place(column).push(" IS NOT NULL");
        }
        Test::Compare(comparison, value) => compare(sql, table, field, *comparison, value),
        Test::In(values) => is_in(sql, table, field, values),
        Test::Matches(pattern) if is_text => {
            sql.matches(column, pattern);
        }
        Test::Search(search) if is_text => {
            sql.contains_words(column, search);
        }
        Test::ContainsAll(items) if is_array => {
            sql.push("(").place(column).push(" IS NOT NULL");
            for item in items {
                sql.push(" AND ").contains_any(column, std::slice::from_ref(item));
            }
            sql.push(")");
        }
        Test::ContainsAny(items) if is_array && !items.is_empty() => {
            sql.contains_any(column, items);
        }
        Test::ContainedBy(items) if is_array => {
            sql.contained_by(column, items);
        }
        Test::Member(path, comparison, value) if is_object && !path.is_empty() => {
            sql.member(column, path, *comparison, value);
        }
        Test::MemberIn(path, values) if is_object && !path.is_empty() && !values.is_empty() => {
            sql.member_in(column, path, values);
        }
        Test::Geo(where_) => geo::lies(sql, table, field, where_),
        Test::Matches(_)
        | Test::Search(_)
        | Test::ContainsAll(_)
        | Test::ContainsAny(_)
        | Test::ContainedBy(_)
        | Test::Member(..)
        | Test::MemberIn(..) => {
            sql.push("FALSE");
        }
    }
}

fn compare(sql: &mut Sql, table: Table<'_>, field: &Field, comparison: Comparison, value: &Value) {
    let column = table.place(field);
    let equal = comparison == Comparison::Equal;
    match (&field.kind, value) {
        (FieldType::Array, Value::Array(_)) | (FieldType::Object, Value::Object(_)) if equal => {
            sql.place(column).push(" = ").stored(value);
        }
        (FieldType::Array, _) if equal => match item(value) {
            Some(item) => {
                sql.contains_any(column, &[item]);
            }
            None => {
                sql.push("FALSE");
            }
        },
        (FieldType::GeoPoint, Value::GeoPoint(point)) if equal => {
            sql.push("(").latitude(column).push(" = ").number(point.latitude()).push(" AND ");
            sql.longitude(column).push(" = ").number(point.longitude()).push(")");
        }
        (FieldType::Polygon, Value::Polygon(area)) if equal => {
            sql.is_area(column, area);
        }
        (FieldType::Bytes, Value::Bytes(text)) => {
            sql.sortable(column, &field.kind).push(sign(comparison)).text(text.as_str());
        }
        _ if fits(&field.kind, value) => {
            if equal {
                sql.place(column);
            } else {
                sql.sortable(column, &field.kind);
            }
            sql.push(sign(comparison)).stored(value);
        }
        _ => {
            sql.push("FALSE");
        }
    }
}

/// True if a field of a plain type can hold the value.
const fn fits(kind: &FieldType, value: &Value) -> bool {
    matches!(
        (kind, value),
        (FieldType::String, Value::String(_))
            | (FieldType::Number, Value::Number(_))
            | (FieldType::Boolean, Value::Boolean(_))
            | (FieldType::Date, Value::Date(_))
            | (FieldType::File, Value::File(_) | Value::String(_))
            | (FieldType::Pointer(_), Value::Pointer(_))
    )
}

fn is_in(sql: &mut Sql, table: Table<'_>, field: &Field, values: &[Value]) {
    let texts: Option<Vec<&str>> = match field.kind {
        FieldType::String | FieldType::File | FieldType::Pointer(_) => {
            let texts = values.iter().filter(|value| fits(&field.kind, value)).filter_map(|value| match value {
                Value::String(text) | Value::File(text) => Some(text.as_str()),
                Value::Pointer(id) => Some(id.as_str()),
                _ => None,
            });
            Some(texts.collect())
        }
        _ => None,
    };
    match texts {
        Some(texts) if !texts.is_empty() => {
            sql.place(table.place(field)).is_one_of(texts);
        }
        None if !values.is_empty() => {
            sql.push("(").separated(values, " OR ", |sql, value| {
                compare(sql, table, field, Comparison::Equal, value);
            });
            sql.push(")");
        }
        Some(_) | None => {
            sql.push("FALSE");
        }
    }
}

/// A value as an element of an array. A pointer does not say its class here, so it is none.
fn item(value: &Value) -> Option<Json> {
    Some(match value {
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Date(date) => json!({"__type": "Date", "iso": date.to_string()}),
        Value::Object(json) | Value::Array(json) => json.parse(),
        Value::Bytes(base64) => json!({"__type": "Bytes", "base64": base64}),
        Value::GeoPoint(point) => {
            json!({"__type": "GeoPoint", "latitude": point.latitude(), "longitude": point.longitude()})
        }
        Value::Null | Value::File(_) | Value::Polygon(_) | Value::Pointer(_) | Value::Permissions { .. } => {
            return None;
        }
    })
}

fn subquery(sql: &mut Sql, table: Table<'_>, field: &Arc<Field>, kind: &Subquery, query: &AdmittedFind) {
    match (kind, &field.kind) {
        (Subquery::PointsTo, FieldType::Pointer(class)) if *class == query.class().name => {
            sql.place(table.place(field)).push(" IN (");
            ids(sql, query);
            sql.push(")");
        }
        (Subquery::PointsTo, FieldType::Array) => {
            sql.array_points_into(table.place(field), query.class().name.as_str(), &mut |sql| ids(sql, query));
        }
        (Subquery::RelatesTo, FieldType::Relation(class)) if *class == query.class().name => {
            let join = sql.alias();
            sql.exists().named(&table.class.join_table(&field.name), join).push(" WHERE ");
            table.id(sql.column(join, "owningId").push(" = ")).push(" AND ").column(join, "relatedId").push(" IN (");
            ids(sql, query);
            sql.push("))");
        }
        (Subquery::ValueOf(key), _) => value_of(sql, table, field, key, query),
        (Subquery::PointsTo | Subquery::RelatesTo, _) => {
            sql.push("FALSE");
        }
    }
}

/// Adds the selection of the ids of a query's rows.
fn ids(sql: &mut Sql, query: &AdmittedFind) {
    selection(sql, query, None, |sql, table| {
        table.id(sql);
    });
}

fn value_of(sql: &mut Sql, table: Table<'_>, field: &Field, key: &Field, query: &AdmittedFind) {
    let column = table.place(field);
    let is_id = key.name.as_str() == "objectId";
    let same = match (&field.kind, &key.kind) {
        _ if !field.kind.has_column() || !key.kind.has_column() => false,
        (FieldType::Pointer(class), FieldType::String) => is_id && *class == query.class().name,
        (FieldType::GeoPoint | FieldType::Polygon | FieldType::Array, _) => false,
        (one, other) => one == other,
    };
    if field.kind == FieldType::Array && key.kind.has_column() {
        sql.contains_selected(column, &key.kind, &mut |sql| {
            selection(sql, query, Some(key), |sql, inner| {
                sql.as_item(inner.place(key), &key.kind).push(r#" AS "item""#);
            });
        });
    } else if same {
        sql.place(column).push(" IN (");
        selection(sql, query, Some(key), |sql, inner| {
            sql.place(inner.place(key));
        });
        sql.push(")");
    } else {
        sql.push("FALSE");
    }
}

/// Adds a query inside another one: its scope, its condition, and its page if it has one.
fn selection(sql: &mut Sql, query: &AdmittedFind, present: Option<&Field>, select: impl FnOnce(&mut Sql, Table<'_>)) {
    let table = Table::new(sql, query.class());
    sql.push("SELECT ");
    select(sql, table);
    table.named(sql.push(" FROM ")).push(" WHERE ");
    scope(sql, table, query.scope());
    sql.push(" AND ");
    filter(sql, table, query.filter());
    if let Some(field) = present {
        sql.push(" AND ").place(table.place(field)).push(" IS NOT NULL");
    }
    if let Some(related) = query.related() {
        let join = sql.alias();
        table.id(sql.push(" AND ")).push(" IN (SELECT ").column(join, "relatedId").push(" FROM ");
        sql.named(&related.class.join_table(&related.field.name), join).push(" WHERE ").column(join, "owningId");
        sql.is_one_of(related.owners.iter().map(crate::value::ObjectId::as_str)).push(")");
    }
    let page = query.page();
    if page.limit.is_some() || page.skip > 0 {
        sql.push(" ORDER BY ");
        order::order_by(sql, table, query.order(), page.from_end);
        order::limit(sql, page.limit, page.skip);
    }
}
