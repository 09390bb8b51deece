//! Which rows, and which values of them, a caller may see: as conditions.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Table, points_to};
use crate::class::Field;
use crate::guard::{Clause, Right, RowScope, Shown};
use crate::store::sql::Sql;

/// Adds the condition that a row is in a scope. Whatever is empty opens nothing.
pub(in crate::store) fn scope(sql: &mut Sql, table: Table<'_>, scope: &RowScope) {
    match scope {
        RowScope::Every(_) => {
            sql.push("TRUE");
        }
        RowScope::Granted(clauses) if clauses.is_empty() => {
            sql.push("FALSE");
        }
        RowScope::Granted(clauses) => {
            sql.separated(clauses, " AND ", |sql, one| clause(sql, table, one));
        }
    }
}

fn clause(sql: &mut Sql, table: Table<'_>, clause: &Clause) {
    match clause {
        Clause::Acl(_, principals) if principals.is_empty() => {
            sql.push("FALSE");
        }
        Clause::Acl(right, principals) => {
            let column = match right {
                Right::Read => "_rperm",
                Right::Write => "_wperm",
            };
            sql.permits(table.alias.place(column), principals);
        }
        Clause::PointsTo(user, fields) => any_points_to(sql, table, fields, user.as_str()),
        Clause::Nobody => {
            sql.push("FALSE");
        }
    }
}

/// Adds the condition that one of the fields points to the user; without a field, none does.
fn any_points_to(sql: &mut Sql, table: Table<'_>, fields: &[Arc<Field>], user: &str) {
    if fields.is_empty() {
        sql.push("FALSE");
        return;
    }
    sql.push("(").separated(fields, " OR ", |sql, field| {
        points_to(sql, table, field, user);
    });
    sql.push(")");
}

/// Adds a column whose value is there only where it is shown. Where it is not, it is null in the database's answer already.
pub(super) fn shown(sql: &mut Sql, table: Table<'_>, shown: &Shown, mut column: impl FnMut(&mut Sql)) {
    match shown {
        Shown::Always => column(sql),
        Shown::Never => {
            sql.push("NULL");
        }
        Shown::When { user, own_row, revealed_by, hidden_by } => {
            sql.push("CASE WHEN ");
            if *own_row {
                table.id(sql).push(" = ").text(user.as_str()).push(" OR ");
            }
            any_points_to(sql, table, revealed_by, user.as_str());
            if let Some(hidden_by) = hidden_by {
                sql.push(" OR (");
                any_points_to(sql, table, hidden_by, user.as_str());
                sql.push(") IS NOT TRUE");
            }
            sql.push(" THEN ");
            column(sql);
            sql.push(" END");
        }
    }
}

/// Adds the condition that a row stands in the list of permissions beside the table: it is true where the scope is, and an
/// index leads to it.
pub(super) fn listed(sql: &mut Sql, table: Table<'_>, scope: &RowScope) {
    let Some(readers) = readers(scope) else {
        sql.push("TRUE");
        return;
    };
    let list = sql.alias();
    table.id(sql).push(" IN (SELECT ").column(list, "objectId").push(" FROM ");
    sql.named(&crate::store::ddl::readers_table(table.class.name.as_str()), list).push(" WHERE ");
    sql.column(list, "principal").is_one_of(readers.iter().map(SmolStr::as_str)).push(")");
}

/// Those one of whom an ACL must name, if the scope asks for ACLs.
pub(in crate::store) fn readers(scope: &RowScope) -> Option<&Arc<[SmolStr]>> {
    let RowScope::Granted(clauses) = scope else { return None };
    clauses.iter().find_map(|clause| match clause {
        Clause::Acl(Right::Read, principals) => Some(principals),
        Clause::Acl(Right::Write, _) | Clause::PointsTo(..) | Clause::Nobody => None,
    })
}
