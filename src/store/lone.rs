//! Making or changing an object by one statement, which writes it and reads it as its caller sees it.
//!
//! It is most of what applications write, and a transaction takes four round trips for it. A statement that stands alone is a
//! transaction of its own: it is done as a whole or not at all. Few new objects that nothing but pointers holds together go
//! into one statement as well, which also reads those that the answer shows behind pointers.

use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::render::{self, Layout, Ways};
use super::rows::{Raw, Row};
use super::sql::Sql;
use super::write::{self, Times, Tokens};
use crate::class::{Class, ClassName, Field, FieldType};
use crate::fault::Fault;
use crate::guard::{AdmittedCreate, AdmittedFind, AdmittedUpdate};
use crate::plan::RelationChange;
use crate::value::{ObjectId, Value};

/// The most objects that one statement makes. Each number of them, and of their fields, is another text to prepare.
const MOST: usize = 4;

/// Objects that one statement makes.
#[derive(Debug)]
pub struct Together(Vec<AdmittedCreate>);

/// What was read of objects by the statement that made them.
#[derive(Debug, Default)]
pub struct Seen {
    /// The last one, unless its caller may not see it.
    pub row: Option<Row>,
    /// The object that each of the further plans finds.
    pub behind: Vec<Behind>,
}

/// An object behind a pointer.
#[derive(Debug, Default)]
pub enum Behind {
    /// It was not read, or holds what cannot be read.
    #[default]
    NotRead,
    /// What the plan found.
    Read(Option<Row>),
}

impl Together {
    /// These objects, or themselves if they take more than one statement.
    pub(super) fn new(dialect: Dialect, creates: Vec<AdmittedCreate>) -> Result<Self, Vec<AdmittedCreate>> {
        let possible = |create: &AdmittedCreate| is_possible(dialect, create.class(), create.relations());
        let few = (1..=MOST).contains(&creates.len());
        if few && creates.iter().all(possible) { Ok(Self(creates)) } else { Err(creates) }
    }

    /// The object that is made along with the last one, which points to it by this field, if the statement can read it as well: it
    /// must be the only one of its class.
    pub fn made_behind(&self, pointer: &Field) -> Option<&ObjectId> {
        let values = self.0.last()?.values();
        let (_, value) = values.iter().find(|(field, _)| field.name == pointer.name)?;
        let (FieldType::Pointer(class), Value::Pointer(id)) = (&pointer.kind, value) else { return None };
        let mut made = made_of(&self.0, class).map(AdmittedCreate::id);
        made.next().filter(|made_id| *made_id == id && made.next().is_none())
    }

    /// The objects, to be made in another way.
    pub fn into_creates(self) -> Vec<AdmittedCreate> {
        self.0
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

    /// Which object it is.
    pub fn id(&self) -> &ObjectId {
        self.0.id()
    }

    /// The change, to be made in another way.
    pub fn into_update(self) -> AdmittedUpdate {
        self.0
    }
}

fn is_possible(dialect: Dialect, class: &Class, relations: &[RelationChange]) -> bool {
    let of_accounts = class.name.is_user() || class.name.is_role() || class.name.is_session();
    dialect == Dialect::Postgres && !of_accounts && relations.is_empty()
}

/// Makes objects, and reads the last of them by a plan of its class, and others by a plan each.
pub(super) async fn create(
    executor: Executor<'_>,
    Together(creates): &Together,
    find: &AdmittedFind,
    behind: &[AdmittedFind],
    tokens: Tokens,
) -> Result<Seen, Error> {
    let (sql, layout, behind) = creation(creates, (find, behind), tokens);
    let row = executor.row(sql).await?;
    let Some(row) = row.as_ref().map(Raw::new).transpose()? else { return Ok(Seen::default()) };
    let mut start = layout.width;
    let mut read = |layout: &Layout| {
        let at = start;
        start += layout.width;
        // What cannot be read is asked for again by itself, which tells why.
        joined(row, at, layout).map_or(Behind::NotRead, Behind::Read)
    };
    let behind = behind.iter().map(&mut read).collect();
    Ok(Seen { behind, row: seen(Row::decode(row, &layout)) })
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
    let date = |at| row.date(at).unwrap_or_default();
    let times = Times { created_at: date(layout.width), updated_at: date(layout.width + 1) };
    Ok((times, seen(joined(row, 0, &layout)).flatten()))
}

/// What a plan found whose columns begin at `start`, beside a row that is there in any case.
fn joined(row: Raw<'_>, start: usize, layout: &Layout) -> Result<Option<Row>, Error> {
    row.text(start)?.map(|_id| Row::decode_from(row, start, layout)).transpose()
}

/// What was read of what was written. It is written, so if it cannot be read, that is no reason to say that it failed.
fn seen<T>(read: Result<T, Error>) -> Option<T> {
    let log = |error: &Error| tracing::error!(%error, "an object was written, but holds what cannot be read");
    read.inspect_err(log).ok()
}

/// What is made goes by the name of its table, so the plans read that, and not the table, which does not show it yet. Of several
/// objects of a class, only the last of all can be read.
pub(super) fn creation(
    creates: &[AdmittedCreate],
    (find, behind): (&AdmittedFind, &[AdmittedFind]),
    tokens: Tokens,
) -> (Sql, Layout, Vec<Layout>) {
    let mut sql = Sql::from(Dialect::Postgres, "WITH ");
    let last = creates.len().saturating_sub(1);
    for (number, create) in creates.iter().enumerate() {
        let class = &create.class().name;
        let is_read = number == last || made_of(creates, class).count() == 1;
        if is_read {
            sql.ident(class.as_str());
        } else {
            sql.ident(&format!("_made_{number}"));
        }
        sql.push(" AS (");
        write::add_insert(&mut sql, create, tokens);
        sql.push(if is_read { " RETURNING *), " } else { "), " });
    }
    sql.push(r#""_seen" AS ("#);
    let layout = render::add_find(&mut sql, find, Ways::default());
    sql.push(")");
    let mut layouts = Vec::with_capacity(behind.len());
    for (number, find) in behind.iter().enumerate() {
        sql.push(", ").ident(&format!("_behind_{number}")).push(" AS (");
        layouts.push(render::add_find(&mut sql, find, Ways::default()));
        sql.push(")");
    }
    sql.push(r#" SELECT * FROM "_seen""#);
    for number in 0..behind.len() {
        sql.push(" LEFT JOIN ").ident(&format!("_behind_{number}")).push(" ON TRUE");
    }
    (sql, layout, layouts)
}

/// The objects of a class that are made.
fn made_of<'a>(creates: &'a [AdmittedCreate], class: &ClassName) -> impl Iterator<Item = &'a AdmittedCreate> {
    creates.iter().filter(move |create| create.class().name == *class)
}

/// As for what is made; the times behind what is seen are there if the object was changed, whether it can be seen or not.
pub(super) fn change(update: &AdmittedUpdate, find: &AdmittedFind, tokens: Tokens) -> (Sql, Layout) {
    let name = update.class().name.as_str();
    let mut sql = Sql::from(Dialect::Postgres, "WITH ");
    sql.ident(name).push(" AS (");
    write::add_set(&mut sql, update, tokens);
    sql.push(r#" RETURNING *), "_seen" AS ("#);
    let layout = render::add_find(&mut sql, find, Ways::default());
    sql.push(r#") SELECT "_seen".*, "_new"."createdAt", "_new"."updatedAt" FROM "#).ident(name);
    sql.push(r#" AS "_new" LEFT JOIN "_seen" ON TRUE"#);
    (sql, layout)
}
