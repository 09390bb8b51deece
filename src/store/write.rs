//! Statements that write.
//!
//! Each carries the scope of its plan: what it does not reach is not there, whoever asks.

use sea_orm::QueryResult;
use smol_str::SmolStr;

use super::dialect::Dialect;
use super::execute::Executor;
use super::render::{self, Table};
use super::rows::Raw;
use super::sql::Sql;
use super::{accounts, directory};
use crate::auth::{History, SessionToken};
use crate::class::{Acl, Catalog, Class, Field, FieldName, FieldType, SESSION};
use crate::fault::{Code, Fault};
use crate::guard::{AdmittedCreate, AdmittedDelete, AdmittedUpdate, RowScope};
use crate::plan::{Internal, RelationChange};
use crate::value::{Date, JsonText, ObjectId, Value};

/// The longest id that a join table keeps.
const MAX_LINKED_ID: usize = 120;

/// How session tokens are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tokens {
    /// As digests.
    Hashed,
    /// As they are, for a Parse Server on the same database.
    Readable,
}

impl Tokens {
    /// What is stored for a token.
    pub(super) fn stored(self, token: &SessionToken) -> String {
        match self {
            Self::Hashed => token.hashed(),
            Self::Readable => token.reveal().to_owned(),
        }
    }
}

/// When a row was made and changed, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// `createdAt`.
    pub created_at: Option<Date>,
    /// `updatedAt`.
    pub updated_at: Option<Date>,
}

/// What a statement that writes one row answers.
const TIMES: &str = r#" RETURNING "createdAt", "updatedAt""#;

/// What a column gets.
enum Cell {
    Value(Value),
    /// The column without one of its members.
    Without(&'static str),
    Principals(Vec<SmolStr>),
}

/// Columns and what they get, each once.
type Cells = Vec<(String, Cell)>;

/// Makes an object.
pub(super) async fn create(executor: Executor<'_>, plan: &AdmittedCreate, tokens: Tokens) -> Result<(), Fault> {
    if plan.class().name.is_session() {
        end_older_session(executor, plan).await?;
    }
    executor.execute(insert(executor.dialect(), plan, tokens)).await?;
    change_relations(executor, plan.class(), plan.id(), plan.relations()).await
}

/// A session ends the older one of the same user on the same installation.
async fn end_older_session(executor: Executor<'_>, plan: &AdmittedCreate) -> Result<(), Fault> {
    let value =
        |name: &str| plan.values().iter().find(|(field, _)| field.name.as_str() == name).map(|(_, value)| value);
    let Some(Value::Pointer(user)) = value("user") else { return Ok(()) };
    accounts::hold(executor, user).await?;
    match value("installationId") {
        Some(Value::String(installation)) => directory::end_session_on(executor, user, installation).await,
        _ => Ok(()),
    }
}

/// Changes an object, if it is in the plan's scope.
pub(super) async fn update(executor: Executor<'_>, plan: &AdmittedUpdate, tokens: Tokens) -> Result<Times, Fault> {
    let changed = executor.row(set(executor.dialect(), plan, tokens)).await?;
    let times = times(plan.class(), plan.scope(), changed.as_ref())?;
    change_relations(executor, plan.class(), plan.id(), plan.relations()).await?;
    Ok(times)
}

/// Deletes an object, if it is in the plan's scope, and what is left over of it in relations and sessions.
pub(super) async fn delete(executor: Executor<'_>, plan: &AdmittedDelete, catalog: &Catalog) -> Result<Times, Fault> {
    let dialect = executor.dialect();
    let deleted = executor.row(remove(dialect, plan)).await?;
    let times = times(plan.class(), plan.scope(), deleted.as_ref())?;
    for class in catalog.classes() {
        for field in relations(class) {
            let table = class.join_table(&field.name);
            if class.name == plan.class().name {
                executor.execute(unlink(dialect, &table, "owningId", plan.id())).await?;
            }
            if field.kind.target() == Some(&plan.class().name) {
                executor.execute(unlink(dialect, &table, "relatedId", plan.id())).await?;
            }
        }
    }
    if plan.class().name.is_user() {
        executor.execute(unlink(dialect, SESSION, "user", plan.id())).await?;
    }
    Ok(times)
}

fn relations(class: &Class) -> impl Iterator<Item = &Field> {
    class.fields.values().filter(|field| matches!(field.kind, FieldType::Relation(_))).map(AsRef::as_ref)
}

/// The times of the row that a statement wrote. No row is *object not found*, whether it is not there or out of
/// reach; of users, 206 in either case.
fn times(class: &Class, scope: &RowScope, row: Option<&QueryResult>) -> Result<Times, Fault> {
    match (row, scope) {
        (Some(row), _) => {
            let row = Raw::new(row)?;
            Ok(Times { created_at: row.date(0)?, updated_at: row.date(1)? })
        }
        (None, scope) => Err(out_of_reach(class, scope)),
    }
}

/// What whoever wants to write learns of a row that is not in the scope, or is not there.
pub(super) fn out_of_reach(class: &Class, scope: &RowScope) -> Fault {
    match scope {
        RowScope::Granted(_) if class.name.is_user() => Fault::new(Code::SessionMissing),
        RowScope::Granted(_) | RowScope::Every(_) => Fault::not_found(),
    }
}

pub(super) fn insert(dialect: Dialect, plan: &AdmittedCreate, tokens: Tokens) -> Sql {
    let mut sql = Sql::new(dialect);
    add_insert(&mut sql, plan, tokens);
    sql
}

/// Adds the statement that makes an object.
pub(super) fn add_insert(sql: &mut Sql, plan: &AdmittedCreate, tokens: Tokens) {
    let mut cells = vec![
        ("objectId".to_owned(), Cell::Value(Value::String(plan.id().to_string()))),
        ("createdAt".to_owned(), Cell::Value(Value::Date(*plan.now()))),
        ("updatedAt".to_owned(), Cell::Value(Value::Date(*plan.now()))),
    ];
    add_values(&mut cells, sql.dialect(), plan.class(), plan.values());
    add_internal(&mut cells, plan.internal(), *plan.now(), tokens);
    add_acl(&mut cells, plan.acl());
    sql.push("INSERT INTO ").ident(plan.class().name.as_str()).push(" (").separated(&cells, ", ", |sql, (name, _)| {
        sql.ident(name);
    });
    sql.push(") VALUES (").separated(&cells, ", ", |sql, (name, cell)| add_cell(sql, name, cell)).push(")");
}

pub(super) fn set(dialect: Dialect, plan: &AdmittedUpdate, tokens: Tokens) -> Sql {
    let mut sql = Sql::new(dialect);
    add_set(&mut sql, plan, tokens);
    sql.push(TIMES);
    sql
}

/// Adds the statement that changes an object.
pub(super) fn add_set(sql: &mut Sql, plan: &AdmittedUpdate, tokens: Tokens) {
    let mut cells = vec![("updatedAt".to_owned(), Cell::Value(Value::Date(*plan.now())))];
    add_values(&mut cells, sql.dialect(), plan.class(), plan.values());
    add_internal(&mut cells, plan.internal(), *plan.now(), tokens);
    if let Some(acl) = plan.acl() {
        add_acl(&mut cells, acl);
    }
    let table = Table::new(sql, plan.class());
    sql.push("UPDATE ").named(plan.class().name.as_str(), table.alias).push(" SET ").separated(
        &cells,
        ", ",
        |sql, (name, cell)| {
            sql.ident(name).push(" = ");
            add_cell(sql, name, cell);
        },
    );
    sql.push(" WHERE ").column(table.alias, "objectId").push(" = ").text(plan.id().as_str()).push(" AND ");
    render::scope(sql, table, plan.scope());
    if let Some(history) = compared_with(plan.internal()) {
        sql.push(" AND ").column(table.alias, "_hashed_password").push(" IS NOT DISTINCT FROM ");
        let replaced = history.replaces.as_ref().map_or(Value::Null, |hash| Value::String(accounts::text(hash)));
        sql.stored(&replaced);
    }
}

/// The passwords that a new one was compared with. They must still be those of the account.
fn compared_with(internal: &[Internal]) -> Option<&History> {
    internal.iter().find_map(|column| match column {
        Internal::Password(new) => new.history.as_ref(),
        Internal::EndAnonymity | Internal::Session { .. } => None,
    })
}

pub(super) fn remove(dialect: Dialect, plan: &AdmittedDelete) -> Sql {
    let mut sql = Sql::from(dialect, "DELETE FROM ");
    let table = Table::new(&mut sql, plan.class());
    sql.named(plan.class().name.as_str(), table.alias).push(" WHERE ");
    sql.column(table.alias, "objectId").push(" = ").text(plan.id().as_str()).push(" AND ");
    render::scope(&mut sql, table, plan.scope());
    sql.push(TIMES);
    sql
}

fn unlink(dialect: Dialect, table: &str, column: &str, id: &ObjectId) -> Sql {
    let mut sql = Sql::from(dialect, "DELETE FROM ");
    sql.ident(table).push(" WHERE ").ident(column).push(" = ").text(id.as_str());
    sql
}

fn add_values(cells: &mut Cells, dialect: Dialect, class: &Class, values: &[(std::sync::Arc<Field>, Value)]) {
    let mut values: Vec<_> = values.iter().filter(|(field, _)| field.kind.has_column()).collect();
    // In one order, whatever that of the client: the same fields are the same statement, which is prepared once.
    values.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    for (field, value) in values {
        let name = field.name.as_str();
        if cells.iter().any(|(known, _)| known == name) {
            continue;
        }
        cells.push((name.to_owned(), Cell::Value(value.clone())));
        if dialect == Dialect::Sqlite && class.name.is_user() && ["username", "email"].contains(&name) {
            cells.push((format!("_folded_{name}"), Cell::Value(folded(value))));
        }
    }
}

/// Text without regard to case. SQLite's own `lower` knows only ASCII, so a column of its own keeps names unique.
fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        other => other.clone(),
    }
}

fn add_internal(cells: &mut Cells, internal: &[Internal], now: Date, tokens: Tokens) {
    for column in internal {
        match column {
            Internal::Password(new) => {
                let value = |text: String| Cell::Value(Value::String(text));
                cells.push(("_hashed_password".to_owned(), value(accounts::text(&new.hash))));
                cells.push(("_password_changed_at".to_owned(), Cell::Value(Value::Date(now))));
                if let Some(history) = &new.history {
                    let earlier: Vec<_> = history.earlier.iter().map(accounts::text).collect();
                    let earlier = JsonText::new(&earlier.into());
                    cells.push(("_password_history".to_owned(), Cell::Value(Value::Array(earlier))));
                }
            }
            Internal::EndAnonymity => {
                cells.retain(|(name, _)| name != "authData");
                cells.push(("authData".to_owned(), Cell::Without("anonymous")));
            }
            Internal::Session { token, expires_at } => {
                cells.retain(|(name, _)| name != "sessionToken");
                cells.push(("sessionToken".to_owned(), Cell::Value(Value::String(tokens.stored(token)))));
                if !cells.iter().any(|(name, _)| name == "expiresAt") {
                    let expires_at = expires_at.map_or(Value::Null, Value::Date);
                    cells.push(("expiresAt".to_owned(), Cell::Value(expires_at)));
                }
            }
        }
    }
}

fn add_acl(cells: &mut Cells, acl: &Acl) {
    cells.push(("_rperm".to_owned(), Cell::Principals(acl.readers())));
    cells.push(("_wperm".to_owned(), Cell::Principals(acl.writers())));
}

fn add_cell(sql: &mut Sql, column: &str, cell: &Cell) {
    match cell {
        Cell::Without(member) => sql.without_member(column, member),
        Cell::Value(value) => sql.stored(value),
        Cell::Principals(principals) => sql.principals(principals),
    };
}

async fn change_relations(
    executor: Executor<'_>,
    class: &Class,
    owner: &ObjectId,
    changes: &[RelationChange],
) -> Result<(), Fault> {
    for change in changes {
        let mut add: Vec<&str> = change.add.iter().map(ObjectId::as_str).collect();
        if add.iter().any(|id| id.len() > MAX_LINKED_ID) {
            return Err(Fault::with(Code::InvalidPointer, "The id of an object is too long."));
        }
        // In one order everywhere, so that two requests which add the same objects do not wait for each other.
        add.sort_unstable();
        add.dedup();
        let table = class.join_table(&change.field.name);
        if !add.is_empty() {
            executor.execute(link(executor.dialect(), &table, owner, &add)).await?;
        }
        if !change.remove.is_empty() {
            executor.execute(take_out(executor.dialect(), class, &change.field.name, (owner, &change.remove))).await?;
        }
    }
    Ok(())
}

fn link(dialect: Dialect, table: &str, owner: &ObjectId, ids: &[&str]) -> Sql {
    let mut sql = Sql::from(dialect, "INSERT INTO ");
    sql.ident(table).push(r#" ("relatedId", "owningId") SELECT "id", "#).text(owner.as_str()).push(" FROM ");
    sql.rows_of(ids).push(" WHERE TRUE ON CONFLICT DO NOTHING");
    sql
}

fn take_out(dialect: Dialect, class: &Class, field: &FieldName, (owner, ids): (&ObjectId, &[ObjectId])) -> Sql {
    let mut sql = unlink(dialect, &class.join_table(field), "owningId", owner);
    sql.push(r#" AND "relatedId""#).is_one_of(ids.iter().map(ObjectId::as_str));
    sql
}
