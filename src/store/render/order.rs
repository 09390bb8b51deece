//! Orders, and the conditions that take up a list behind a row.

use super::{Table, geo};
use crate::plan::{Cursor, Direction, Order, OrderKey, Page, Position, is_orderable};
use crate::store::dialect::Dialect;
use crate::store::sql::Sql;
use crate::value::Value;

/// True if rows can be ordered by this key; others leave the order as it is.
pub(super) fn is_effective(order: &Order) -> bool {
    match &order.key {
        OrderKey::Field(field) => is_orderable(&field.kind),
        OrderKey::Distance(..) => true,
    }
}

/// Adds what a key compares.
pub(super) fn key(sql: &mut Sql, table: Table<'_>, order: &Order) {
    match &order.key {
        OrderKey::Field(field) => {
            sql.sortable(table.place(field), &field.kind);
        }
        OrderKey::Distance(field, point) => geo::distance(sql, table.place(field), *point),
    }
}

/// Adds the keys of an order, the object id behind them, or all of them the other way round.
pub(super) fn order_by(sql: &mut Sql, table: Table<'_>, order: &[Order], reversed: bool) {
    let towards = |direction: Direction| if reversed { direction.reversed() } else { direction };
    for term in order.iter().filter(|order| is_effective(order)) {
        key(sql, table, term);
        if is_never_null(term) {
            sql.push(if towards(term.direction) == Direction::Descending { " DESC" } else { "" });
        } else {
            sql.direction(towards(term.direction));
        }
        sql.push(", ");
    }
    id(sql, table);
    if reversed {
        sql.push(" DESC");
    }
}

/// Adds how many rows are taken, and how many are passed over.
pub(super) fn limit(sql: &mut Sql, limit: Option<u64>, skip: u64) {
    match (limit, sql.dialect()) {
        (Some(limit), _) => {
            sql.push(" LIMIT ").push_number(limit);
        }
        (None, Dialect::Sqlite) if skip > 0 => {
            sql.push(" LIMIT -1");
        }
        (None, _) => {}
    }
    if skip > 0 {
        sql.push(" OFFSET ").integer(i64::try_from(skip).unwrap_or(i64::MAX));
    }
}

/// Adds the condition that a row lies behind one cursor of the page and before the other, if there are any.
pub(super) fn between_cursors(sql: &mut Sql, table: Table<'_>, order: &[Order], page: &Page) {
    if let Some(Cursor::Row(position)) = &page.after {
        sql.push(" AND ");
        Beyond::new(order, position, false).render(sql, table);
    }
    match &page.before {
        Some(Cursor::Row(position)) => {
            sql.push(" AND ");
            Beyond::new(order, position, true).render(sql, table);
        }
        Some(Cursor::Start) => {
            sql.push(" AND FALSE");
        }
        None => {}
    }
}

fn id(sql: &mut Sql, table: Table<'_>) {
    sql.sortable(table.alias.place("objectId"), &crate::class::FieldType::String);
}

/// The server writes these in every row, so that an index serves them from end to end.
fn is_never_null(order: &Order) -> bool {
    match &order.key {
        OrderKey::Field(field) => matches!(field.name.as_str(), "objectId" | "createdAt" | "updatedAt"),
        OrderKey::Distance(..) => false,
    }
}

/// The rows that an order puts behind a position, or before it.
struct Beyond<'a> {
    terms: Vec<(&'a Order, &'a Value)>,
    id: &'a str,
    reversed: bool,
}

impl<'a> Beyond<'a> {
    fn new(order: &'a [Order], position: &'a Position, reversed: bool) -> Self {
        let terms = order.iter().zip(&position.keys).filter(|(order, _)| is_effective(order)).collect();
        Self { terms, id: position.id.as_str(), reversed }
    }

    /// The first key alone stands in front, as the range of an index.
    fn render(&self, sql: &mut Sql, table: Table<'_>) {
        if let [(order, value), ..] = self.terms.as_slice()
            && !value.is_null()
            && (is_never_null(order) || self.descends(order))
        {
            key(sql, table, order);
            sql.push(if self.descends(order) { " <= " } else { " >= " });
            key_value(sql, value);
            sql.push(" AND ");
        }
        self.from(sql, table, &self.terms);
    }

    fn descends(&self, order: &Order) -> bool {
        (order.direction == Direction::Descending) != self.reversed
    }

    fn from(&self, sql: &mut Sql, table: Table<'_>, terms: &[(&Order, &Value)]) {
        let Some(((order, value), rest)) = terms.split_first() else {
            id(sql, table);
            sql.push(if self.reversed { " < " } else { " > " }).text(self.id);
            return;
        };
        sql.push("(");
        match (value, self.descends(order)) {
            (Value::Null, false) => {}
            (Value::Null, true) => {
                key(sql, table, order);
                sql.push(" IS NOT NULL OR ");
            }
            (value, descends) => {
                key(sql, table, order);
                sql.push(if descends { " < " } else { " > " });
                key_value(sql, value);
                sql.push(" OR ");
                if !descends && !is_never_null(order) {
                    key(sql, table, order);
                    sql.push(" IS NULL OR ");
                }
            }
        }
        key(sql, table, order);
        if value.is_null() {
            sql.push(" IS NULL");
        } else {
            sql.push(" = ");
            key_value(sql, value);
        }
        sql.push(" AND ");
        self.from(sql, table, rest);
        sql.push(")");
    }
}

/// Adds the value of a key. Bytes are ordered by their text.
fn key_value(sql: &mut Sql, value: &Value) {
    match value {
        Value::Bytes(text) => sql.text(text.as_str()),
        other => sql.stored(other),
    };
}
