//! Making or changing an object by one statement, which writes it and reads it as its caller sees it.
//!
//! It is most of what applications write, and a transaction takes four round trips for it. A statement that stands alone is a
//! transaction of its own: it is done as a whole or not at all. Few new objects that nothing but pointers holds together go
//! into one statement as well.

use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::render::{self, Layout};
use super::rows::{Raw, Row};
use super::sql::Sql;
use super::write::{self, Times, Tokens};
use crate::class::Class;
use crate::fault::Fault;
use crate::guard::{AdmittedCreate, AdmittedFind, AdmittedUpdate};
use crate::plan::RelationChange;

/// The most objects that one statement makes. Each number of them, and of their fields, is another text to prepare.
const MOST: usize = 4;

/// Objects that one statement makes.
#[derive(Debug)]
pub struct Together(Vec<AdmittedCreate>);

impl Together {
    /// These objects, or themselves if they take more than one statement.
    pub(super) fn new(dialect: Dialect, creates: Vec<AdmittedCreate>) -> Result<Self, Vec<AdmittedCreate>> {
        let possible = |create: &AdmittedCreate| is_possible(dialect, create.class(), create.relations());
        let few = (1..=MOST).contains(&creates.len());
        if few && creates.iter().all(possible) { Ok(Self(creates)) } else { Err(creates) }
    }
}

/// A change of an object that one statement makes.
#[derive(Debug)]
pub struct Alone(AdmittedUpdate);

impl Alone {
    /// This change, or itself if it takes more than one statement.
    pub(super) fn new(dialect: Dialect, update: AdmittedUpdate) -> Result<Self, Box<AdmittedUpdate>> {
        if is_possible(dialect, update.class(), update.relations()) { Ok(Self(update)) } else { Err(Box::new(update)) }
    }
}

fn is_possible(dialect: Dialect, class: &Class, relations: &[RelationChange]) -> bool {
    let of_accounts = class.name.is_user() || class.name.is_role() || class.name.is_session();
    dialect == Dialect::Postgres && !of_accounts && relations.is_empty()
}

/// Makes objects, and reads the last of them by a plan of its class: nothing if that does not find it.
pub(super) async fn create(
    executor: Executor<'_>,
    together: &Together,
    find: &AdmittedFind,
    tokens: Tokens,
) -> Result<Option<Row>, Error> {
    let (sql, layout) = creation(&together.0, find, tokens);
    let row = executor.row(sql).await?;
    let row = row.as_ref().map(Raw::new).transpose()?;
    Ok(row.and_then(|row| seen(Row::decode(row, &layout).map(Some))))
}

/// Changes an object, if it is in the plan's scope, and reads it by a plan of the same class.
pub(super) async fn update(
    executor: Executor<'_>,
    Alone(update): &Alone,
    find: &AdmittedFind,
    tokens: Tokens,
) -> Result<(Times, Option<Row>), Fault> {
    let (sql, layout) = change(update, find, tokens);
    let row = executor.row(sql).await.map_err(Error::of_lone_write)?;
    let Some(row) = &row else { return Err(write::out_of_reach(update.class(), update.scope())) };
    let row = Raw::new(row)?;
    let behind = row.width().saturating_sub(2);
    let date = |at| row.date(at).unwrap_or_default();
    let times = Times { created_at: date(behind), updated_at: date(behind + 1) };
    Ok((times, seen(row.text(0).and_then(|id| id.map(|_| Row::decode(row, &layout)).transpose()))))
}

/// What was read of what was written. It is written, so if it cannot be read, that is no reason to say that it failed.
fn seen(row: Result<Option<Row>, Error>) -> Option<Row> {
    row.unwrap_or_else(|error| {
        tracing::error!(%error, "an object was written, but holds what cannot be read");
        None
    })
}

/// What is made last goes by the name of its table, so the plan reads that, and not the table, which does not show it yet.
pub(super) fn creation(creates: &[AdmittedCreate], find: &AdmittedFind, tokens: Tokens) -> (Sql, Layout) {
    let mut sql = Sql::from(Dialect::Postgres, "WITH ");
    let last = creates.len().saturating_sub(1);
    for (number, create) in creates.iter().enumerate() {
        if number == last {
            sql.ident(create.class().name.as_str());
        } else {
            sql.ident(&format!("_made_{number}"));
        }
        sql.push(" AS (");
        write::add_insert(&mut sql, create, tokens);
        sql.push(if number == last { " RETURNING *) " } else { "), " });
    }
    let layout = render::add_find(&mut sql, find, false);
    (sql, layout)
}

/// As for what is made; the times behind what is seen are there if the object was changed, whether it can be seen or not.
pub(super) fn change(update: &AdmittedUpdate, find: &AdmittedFind, tokens: Tokens) -> (Sql, Layout) {
    let name = update.class().name.as_str();
    let mut sql = Sql::from(Dialect::Postgres, "WITH ");
    sql.ident(name).push(" AS (");
    write::add_set(&mut sql, update, tokens);
    sql.push(r#" RETURNING *), "_seen" AS ("#);
    let layout = render::add_find(&mut sql, find, false);
    sql.push(r#") SELECT "_seen".*, "_new"."createdAt", "_new"."updatedAt" FROM "#).ident(name);
    sql.push(r#" AS "_new" LEFT JOIN "_seen" ON TRUE"#);
    (sql, layout)
}
