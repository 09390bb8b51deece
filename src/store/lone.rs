//! Making one object that leads to no other by one statement, which writes it and reads it as its caller sees it.
//!
//! It is most of what applications write, and a transaction takes four round trips for it. A statement that stands alone is a
//! transaction of its own: it is done as a whole or not at all.

use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::render::{self, Layout};
use super::rows::{Raw, Row};
use super::sql::Sql;
use super::write::{self, Tokens};
use crate::guard::{AdmittedCreate, AdmittedFind};

/// True if an object can be made by a statement that does nothing else.
pub(super) fn can_create(dialect: Dialect, create: &AdmittedCreate) -> bool {
    let class = &create.class().name;
    let of_accounts = class.is_user() || class.is_role() || class.is_session();
    dialect == Dialect::Postgres && !of_accounts && create.relations().is_empty()
}

/// Makes an object, and reads it by a plan of the same class: nothing if that does not find it.
pub(super) async fn create(
    executor: Executor<'_>,
    create: &AdmittedCreate,
    find: &AdmittedFind,
    tokens: Tokens,
) -> Result<Option<Row>, Error> {
    let (sql, layout) = statement(create, find, tokens);
    let row = executor.row(sql).await?;
    row.as_ref().map(|row| Row::decode(Raw::new(row)?, &layout)).transpose()
}

/// What is made goes by the name of its table, so the plan reads that, and not the table, which does not show it yet.
pub(super) fn statement(create: &AdmittedCreate, find: &AdmittedFind, tokens: Tokens) -> (Sql, Layout) {
    let mut sql = Sql::from(Dialect::Postgres, "WITH ");
    sql.ident(create.class().name.as_str()).push(" AS (");
    write::add_insert(&mut sql, create, tokens);
    sql.push(" RETURNING *) ");
    let layout = render::add_find(&mut sql, find, false);
    (sql, layout)
}
