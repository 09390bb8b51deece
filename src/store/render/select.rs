//! Whole statements that read.

use std::sync::Arc;

use super::Table;
use super::filter::filter;
use super::order::{between_cursors, is_effective, key, limit, order_by};
use super::scope::{scope, shown};
use crate::class::{Field, FieldType};
use crate::guard::{AdmittedCount, AdmittedFind, Column, Shown};
use crate::plan::{Filter, Order, OrderKey, Page, Related};
use crate::store::dialect::Dialect;
use crate::store::sql::{Alias, Sql};
use crate::value::ObjectId;

/// Where in a row of the answer the parts of a row stand.
#[derive(Debug)]
pub(in crate::store) struct Layout {
    /// The id of the object whose relation it is; the id of the object itself is always the first.
    pub(in crate::store) owner: Option<usize>,
    /// The cells, in the order of the plan's columns.
    pub(in crate::store) cells: Vec<CellAt>,
    /// The keys of the order, if cursors are wanted.
    pub(in crate::store) keys: Vec<KeyAt>,
    /// If there are more rows than this, not all that belong on a page have come.
    pub(in crate::store) most: Option<u64>,
    /// How many columns there are.
    pub(in crate::store) width: usize,
}

/// Where a cell stands.
#[derive(Debug)]
pub(in crate::store) enum CellAt {
    /// Nowhere: it is null.
    Nowhere,
    /// In this column.
    Column(usize, Arc<Field>),
    /// In this column and the next: `_rperm` and `_wperm`.
    Permissions(usize),
}

/// Where a key stands.
#[derive(Debug)]
pub(in crate::store) enum KeyAt {
    /// Nowhere: nothing is ordered by it.
    Nowhere,
    /// In this column.
    Column(usize, Arc<Field>),
    /// In this column, a distance.
    Distance(usize),
}

/// The column of the id.
const ID: usize = 0;

/// From how many objects on a page usually has room for all that a relation has. Without being asked, pages have as many.
const LARGE_PAGE: u64 = 100;

/// How a statement finds rows.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::store) struct Ways {
    /// The rows that the caller may read are taken from the list of permissions beside the table, which SQLite keeps.
    pub(in crate::store) listed: bool,
    /// The database numbers the rows of each owner of a relation, which takes it twice as long as putting them in order.
    pub(in crate::store) numbered: bool,
}

/// A statement that finds rows.
pub(in crate::store) fn find(dialect: Dialect, plan: &AdmittedFind, ways: Ways) -> (Sql, Layout) {
    let mut sql = Sql::new(dialect);
    let layout = add_find(&mut sql, plan, ways);
    (sql, layout)
}

/// Adds the statement that finds rows.
pub(in crate::store) fn add_find(sql: &mut Sql, plan: &AdmittedFind, ways: Ways) -> Layout {
    let table = Table::new(sql, plan.class());
    let relation = plan.related().as_ref().map(|related| (sql.alias(), related));
    let page = plan.page();
    let most = most(plan).filter(|_| !ways.numbered);
    let ranked = relation.filter(|_| most.is_none() && (page.limit.is_some() || page.skip > 0));
    if ranked.is_some() {
        sql.push("SELECT * FROM (");
    }
    let join = |(join, _)| join;
    let layout = Layout { most, ..select(sql, table, plan, (relation.map(join), ranked.map(join))) };
    from(sql, table, relation);
    if ways.listed {
        super::scope::listed(sql, table, plan.scope());
        sql.push(" AND ");
    }
    scope(sql, table, plan.scope());
    sql.push(" AND ");
    filter(sql, table, plan.filter());
    if let Some(ids) = ids(plan) {
        // The way to objects by their ids is always the same, and whoever knows their ids needs no order.
        limit(sql, page.total.filter(|total| usize::try_from(*total).is_ok_and(|total| total < ids.len())), 0);
        return layout;
    }
    sql.and_planned_for_its_values();
    between_cursors(sql, table, plan.order(), page);
    if let Some((_, related)) = ranked {
        cut(sql, page, related);
        return layout;
    }
    sql.push(" ORDER BY ");
    if let Some((join, _)) = relation.filter(|_| most.is_some()) {
        sql.column(join, "owningId").push(", ");
    }
    order_by(sql, table, plan.order(), page.from_end);
    // One more than is wanted tells whether there is more.
    let one_more = |wanted: u64| wanted.saturating_add(1);
    let wanted = most.map(one_more).or_else(|| page.limit.map(one_more).into_iter().chain(page.total).min());
    limit(sql, wanted, page.skip);
    layout
}

/// As many rows as the first pages of a relation's owners can have together, with one more for each. Nothing, if they are to be
/// numbered: because others were asked for; because small pages rarely hold all that a relation has; or because there is one owner
/// only, for whom PostgreSQL would walk through the whole class in the order that is wanted, and look for its objects.
fn most(plan: &AdmittedFind) -> Option<u64> {
    let Page { limit: Some(limit @ LARGE_PAGE..), skip: 0, total, .. } = plan.page() else { return None };
    let owners = owners(plan.related().as_ref()?);
    let rows = limit.saturating_add(1).saturating_mul(owners);
    (owners > 1).then(|| total.map_or(rows, |total| total.min(rows)))
}

fn owners(related: &Related) -> u64 {
    u64::try_from(related.owners.len()).unwrap_or(u64::MAX)
}

/// The ids, if a plan is for objects by their ids, and no page of them.
fn ids(plan: &AdmittedFind) -> Option<&[ObjectId]> {
    let Page { limit: None, skip: 0, after: None, before: None, .. } = plan.page() else { return None };
    let Filter::Ids(ids) = plan.filter() else { return None };
    plan.related().is_none().then_some(ids)
}

/// Adds `SELECT` and everything that is selected.
fn select(
    sql: &mut Sql,
    table: Table<'_>,
    plan: &AdmittedFind,
    (join, ranked): (Option<Alias>, Option<Alias>),
) -> Layout {
    let mut width = ID + 1;
    let mut next = |count: usize| {
        let at = width;
        width += count;
        at
    };
    read_id(sql.push("SELECT "), table.alias, "objectId");
    let owner = join.map(|join| {
        read_id(sql.push(", "), join, "owningId").push(r#" AS "_owner""#);
        next(1)
    });
    let cells = plan.columns().iter().map(|column| cell(sql, table, column, &mut next)).collect();
    let keys = if *plan.cursors() {
        plan.order().iter().map(|order| key_at(sql, table, order, &mut next)).collect()
    } else {
        Vec::new()
    };
    if let Some(join) = ranked {
        sql.push(", row_number() OVER (PARTITION BY ").column(join, "owningId").push(" ORDER BY ");
        order_by(sql, table, plan.order(), plan.page().from_end);
        sql.push(r#") AS "_rank""#);
        next(1);
    }
    Layout { owner, cells, keys, most: None, width }
}

/// Adds a column with an id; those of join tables have another type than those of objects.
fn read_id<'a>(sql: &'a mut Sql, alias: Alias, name: &str) -> &'a mut Sql {
    sql.read_column(alias.place(name), &FieldType::String)
}

fn cell(sql: &mut Sql, table: Table<'_>, column: &Column, next: &mut impl FnMut(usize) -> usize) -> CellAt {
    let field = &column.field;
    let hidden = matches!(column.shown, Shown::Never);
    match field.kind {
        FieldType::Acl if !hidden => {
            for name in ["_rperm", "_wperm"] {
                sql.push(", ");
                shown(sql, table, &column.shown, |sql| {
                    sql.column(table.alias, name);
                });
            }
            CellAt::Permissions(next(2))
        }
        _ if hidden || !field.kind.has_column() => CellAt::Nowhere,
        _ if field.name.as_str() == "objectId" => CellAt::Column(ID, Arc::clone(field)),
        _ => {
            sql.push(", ");
            shown(sql, table, &column.shown, |sql| {
                sql.read_column(table.place(field), &field.kind);
            });
            CellAt::Column(next(1), Arc::clone(field))
        }
    }
}

fn key_at(sql: &mut Sql, table: Table<'_>, order: &Order, next: &mut impl FnMut(usize) -> usize) -> KeyAt {
    if !is_effective(order) {
        return KeyAt::Nowhere;
    }
    sql.push(", ");
    key(sql, table, order);
    match &order.key {
        OrderKey::Field(field) => KeyAt::Column(next(1), Arc::clone(field)),
        OrderKey::Distance(..) => KeyAt::Distance(next(1)),
    }
}

/// Adds `FROM` and `WHERE`.
fn from(sql: &mut Sql, table: Table<'_>, related: Option<(Alias, &Related)>) {
    table.named(sql.push(" FROM "));
    let Some((join, related)) = related else {
        sql.push(" WHERE ");
        return;
    };
    sql.push(" JOIN ").named(&related.class.join_table(&related.field.name), join).push(" ON ");
    table.id(sql.column(join, "relatedId").push(" = ")).push(" WHERE ").column(join, "owningId");
    sql.is_one_of(related.owners.iter().map(ObjectId::as_str)).push(" AND ");
}

/// Ends a statement whose rows are numbered by owner, and come in that order. The one more that is read of each owner is on no page, so it does not count
/// among those of all.
fn cut(sql: &mut Sql, page: &Page, related: &Related) {
    sql.push(r#") AS "ranked" WHERE "_rank" > "#).push_number(page.skip);
    if let Some(limit) = page.limit {
        sql.push(r#" AND "_rank" <= "#).push_number(page.skip.saturating_add(limit).saturating_add(1));
    }
    sql.push(r#" ORDER BY "_owner", "_rank""#);
    limit(sql, page.total.map(|total| total.saturating_add(owners(related))), 0);
}

/// A statement that counts rows, by owner if there are any.
pub(in crate::store) fn count(dialect: Dialect, plan: &AdmittedCount, listed: bool) -> Sql {
    let mut sql = Sql::new(dialect);
    let table = Table::new(&mut sql, plan.class());
    let relation = plan.related().as_ref().map(|related| (sql.alias(), related));
    sql.push("SELECT count(*)");
    if let Some((join, _)) = relation {
        read_id(sql.push(", "), join, "owningId");
    }
    from(&mut sql, table, relation);
    if listed {
        super::scope::listed(&mut sql, table, plan.scope());
        sql.push(" AND ");
    }
    scope(&mut sql, table, plan.scope());
    sql.push(" AND ");
    filter(&mut sql, table, plan.filter());
    sql.and_planned_for_its_values();
    if let Some((join, _)) = relation {
        sql.push(" GROUP BY ").column(join, "owningId");
    }
    sql
}
