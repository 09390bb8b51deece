//! The catalog, as the database keeps it: a row of `_SCHEMA` for each class, and a version that every change raises.

use serde_json::Value as Json;

use super::error::Error;
use super::execute::Executor;
use super::replica::{IDENTITY, Position};
use super::rows::Raw;
use super::sql::Sql;
use crate::class::{Catalog, ClassDefaults, ClassName, Definition, ROLE, SESSION, USER, system_classes};

/// Where the database is.
#[derive(Debug)]
pub(super) struct State {
    /// The version of the classes.
    pub(super) version: i64,
    /// A position that includes this version and all that was committed before the question, if it was asked for.
    pub(super) position: Option<Position>,
}

/// The version of the classes, and with it the position that a replica must have reached.
pub(super) async fn state(executor: Executor<'_>, with_position: bool) -> Result<State, Error> {
    let mut sql = Sql::from(executor.dialect(), r#"SELECT "value""#);
    if with_position {
        sql.push(", pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8, ").push(IDENTITY);
    }
    sql.push(r#" FROM "_Portcullis" WHERE "name" = 'catalog'"#);
    let row = executor.row(sql).await?;
    let missing = || Error::unexpected("the version of the classes is missing");
    let row = Raw::new(row.as_ref().ok_or_else(missing)?)?;
    let version = row.integer(0)?.ok_or_else(missing)?;
    let position = if with_position {
        let written = row.integer(1)?.ok_or_else(|| Error::unexpected("a missing position"))?;
        Some(Position { written, identity: row.required(2)?.to_owned() })
    } else {
        None
    };
    Ok(State { version, position })
}

/// All classes at one version, read by one statement, after those that are known already.
pub(super) async fn load(executor: Executor<'_>, before: Option<&Catalog>) -> Result<Catalog, Error> {
    let sql = Sql::from(
        executor.dialect(),
        r#"SELECT "p"."value", "s"."className", "s"."schema" FROM "_Portcullis" AS "p" LEFT JOIN "_SCHEMA" AS "s" ON TRUE WHERE "p"."name" = 'catalog'"#,
    );
    let rows = executor.rows(sql).await?;
    let mut version = None;
    let mut definitions = Vec::new();
    for row in &rows {
        let row = Raw::new(row)?;
        version = row.integer(0)?;
        if let Some(name) = row.text(1)?.filter(|name| is_class(name)) {
            definitions.push(Definition::from_json(ClassName::known(name), &parse(row.json(2)?)?));
        }
    }
    let version = version.ok_or_else(|| Error::unexpected("the version of the classes is missing"))?;
    Ok(Catalog::after(before, version, definitions))
}

/// The definition of one class as it is now. In PostgreSQL its row stays locked until the transaction ends.
pub(super) async fn definition(executor: Executor<'_>, name: &str) -> Result<Option<Definition>, Error> {
    let mut sql = Sql::from(executor.dialect(), r#"SELECT "schema" FROM "_SCHEMA" WHERE "className" = "#);
    sql.text(name).for_update();
    let row = executor.row(sql).await?;
    let parsed = row.as_ref().map(|row| parse(Raw::new(row)?.json(0)?)).transpose()?;
    Ok(parsed.map(|json| Definition::from_json(ClassName::known(name), &json)))
}

/// Writes the definition of a class. The database raises the version by itself.
pub(super) async fn store(executor: Executor<'_>, definition: &Definition) -> Result<(), Error> {
    let mut sql =
        Sql::from(executor.dialect(), r#"INSERT INTO "_SCHEMA" ("className", "schema", "isParseClass") VALUES ("#);
    sql.text(definition.name.as_str()).push(", ").json(&definition.to_json()).push(", TRUE)");
    sql.push(r#" ON CONFLICT ("className") DO UPDATE SET "schema" = EXCLUDED."schema""#);
    executor.execute(sql).await?;
    Ok(())
}

/// Removes the definition of a class.
pub(super) async fn remove(executor: Executor<'_>, name: &ClassName) -> Result<(), Error> {
    let mut sql = Sql::from(executor.dialect(), r#"DELETE FROM "_SCHEMA" WHERE "className" = "#);
    sql.text(name.as_str());
    executor.execute(sql).await?;
    Ok(())
}

/// Gives an empty database the classes with which it begins. The database of a Parse Server keeps its own.
pub(super) async fn begin(executor: Executor<'_>, defaults: ClassDefaults) -> Result<(), Error> {
    let sql = Sql::from(executor.dialect(), r#"SELECT 1 FROM "_SCHEMA" LIMIT 1"#);
    if executor.row(sql).await?.is_some() {
        return Ok(());
    }
    for definition in system_classes(defaults) {
        store(executor, &definition).await?;
    }
    Ok(())
}

/// Tables of the server, of join tables and of Parse's features that Portcullis does not have are not classes.
pub(super) fn is_class(name: &str) -> bool {
    !name.starts_with('_') || [USER, ROLE, SESSION].contains(&name)
}

fn parse(text: Option<&str>) -> Result<Json, Error> {
    serde_json::from_str(text.unwrap_or("{}")).map_err(|error| Error::unexpected(error.to_string()))
}
