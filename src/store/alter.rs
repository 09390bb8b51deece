//! Changing classes: definition, tables and version in one transaction.

use super::ddl;
use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::rows::Raw;
use super::sql::Sql;
use super::{catalog, ddl::MAX_IDENTIFIER};
use crate::class::{
    Alteration, Catalog, Class, ClassChange, ClassDefaults, ClassName, Definition, FieldType, is_system,
    value_from_parse,
};
use crate::fault::{Code, Fault};
use crate::plan::Alter;

/// Names that PostgreSQL's tables have already.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// Does a change of classes. `known` has the definitions of system classes that the database may lack.
pub(super) async fn alter(
    executor: Executor<'_>,
    alter: Alter,
    known: &Catalog,
    defaults: ClassDefaults,
) -> Result<(), Fault> {
    lock(executor).await?;
    match alter {
        Alter::Create { name, alteration } => create(executor, &name, alteration, defaults).await,
        Alter::Update { name, alteration } => update(executor, &name, alteration, (known, defaults)).await,
        Alter::Delete { name } => delete(executor, &name).await,
    }
}

/// One change at a time: SQLite has one writer anyway.
async fn lock(executor: Executor<'_>) -> Result<(), Error> {
    if executor.dialect() == Dialect::Postgres {
        let mut sql = Sql::from(Dialect::Postgres, "SELECT pg_advisory_xact_lock(");
        sql.integer(super::ALTER_LOCK).push(")");
        executor.rows(sql).await?;
    }
    Ok(())
}

async fn create(
    executor: Executor<'_>,
    name: &str,
    alteration: Alteration,
    defaults: ClassDefaults,
) -> Result<(), Fault> {
    let taken = || Fault::with(Code::InvalidClassName, format!("Class {name} already exists."));
    let change = alteration.create(name, defaults)?;
    if catalog::definition(executor, name).await?.is_some() {
        return Err(taken());
    }
    check_class_name(executor, &change.definition.name).await?;
    check_names(executor.dialect(), &change)?;
    for statement in ddl::create_class(executor.dialect(), &change) {
        // A table without a definition: what is in it was never meant to be seen through this class.
        executor.define(&statement).await.map_err(|error| match error.code().as_deref() {
            Some("42P07") => taken(),
            _ => error.into(),
        })?;
    }
    Ok(catalog::store(executor, &change.definition).await?)
}

async fn update(
    executor: Executor<'_>,
    name: &str,
    alteration: Alteration,
    (known, defaults): (&Catalog, ClassDefaults),
) -> Result<(), Fault> {
    let definition = current(executor, name, known).await?;
    let change = alteration.apply(&definition, defaults)?;
    check_names(executor.dialect(), &change)?;
    for index in &change.removed_indexes {
        drop_index_of_parse(executor, &change.definition.name, index).await?;
    }
    for statement in ddl::change_class(executor.dialect(), &change) {
        executor.define(&statement).await?;
    }
    fill_required(executor, &change).await?;
    Ok(catalog::store(executor, &change.definition).await?)
}

/// Rows that are there already get the default of a new field that is required: its type says that there is a value.
async fn fill_required(executor: Executor<'_>, change: &ClassChange) -> Result<(), Fault> {
    for field in change.added.iter().filter(|field| field.required) {
        let Some(default) = &field.default else { continue };
        let mut sql = Sql::from(executor.dialect(), "UPDATE ");
        sql.ident(change.definition.name.as_str()).push(" SET ").ident(field.name.as_str()).push(" = ");
        sql.stored(&value_from_parse(&field.kind, default)?);
        executor.execute(sql).await?;
    }
    Ok(())
}

async fn delete(executor: Executor<'_>, name: &str) -> Result<(), Fault> {
    let name = ClassName::known(name);
    if is_system(&name) {
        return Err(Fault::with(Code::InvalidClassName, format!("Class {name} cannot be deleted.")));
    }
    let definition = catalog::definition(executor, name.as_str()).await?.ok_or_else(|| unknown(name.as_str()))?;
    let dialect = executor.dialect();
    if dialect == Dialect::Postgres {
        // Nobody adds a row between the count and the end.
        let mut lock = Sql::from(dialect, "LOCK TABLE ");
        lock.ident(name.as_str()).push(" IN ACCESS EXCLUSIVE MODE");
        executor.define(&lock.into_statement().sql).await?;
    }
    let mut count = Sql::from(dialect, "SELECT count(*) FROM ");
    count.ident(name.as_str());
    let row = executor.row(count).await?;
    let count = row.as_ref().map(|row| Raw::new(row)?.integer(0)).transpose()?.flatten().unwrap_or(0);
    if count != 0 {
        let message = format!("Class {name} is not empty, contains {count} objects, cannot drop schema.");
        return Err(Fault::with(Code::InvalidSchemaOperation, message));
    }
    for statement in ddl::drop_class(dialect, &definition) {
        executor.define(&statement).await?;
    }
    Ok(catalog::remove(executor, &name).await?)
}

fn unknown(name: &str) -> Fault {
    Fault::with(Code::InvalidClassName, format!("Class {name} does not exist."))
}

/// The definition as it is now, whatever the catalog of this server says.
async fn current(executor: Executor<'_>, name: &str, known: &Catalog) -> Result<Definition, Fault> {
    // Only classes: `_SCHEMA` has rows for tables that are none as well.
    let is_class = !name.starts_with('_') || known.class(name).is_some();
    let stored = if is_class { catalog::definition(executor, name).await? } else { None };
    let system = || known.definition(name).filter(|definition| is_system(&definition.name)).map(|one| (**one).clone());
    stored.or_else(system).ok_or_else(|| unknown(name))
}

/// SQLite does not tell `Trip` from `trip`, and keeps names for itself.
async fn check_class_name(executor: Executor<'_>, name: &ClassName) -> Result<(), Fault> {
    if executor.dialect() != Dialect::Sqlite {
        return Ok(());
    }
    let text = name.as_str();
    if text.to_ascii_lowercase().starts_with("sqlite_") {
        return Err(Fault::with(
            Code::InvalidClassName,
            format!("Invalid classname: {text}, the database keeps it for itself."),
        ));
    }
    let mut sql = Sql::from(Dialect::Sqlite, r#"SELECT "name" FROM "sqlite_schema" WHERE lower("name") = lower("#);
    sql.text(text).push(")");
    let row = executor.row(sql).await?;
    let Some(taken) = row.as_ref().map(|row| Raw::new(row)?.text(0)).transpose()?.flatten() else { return Ok(()) };
    let message = format!("Class {text} cannot be made: the database does not tell it from {taken}.");
    Err(Fault::with(Code::InvalidClassName, message))
}

/// Refuses what the database cannot keep apart, whichever it is.
fn check_names(dialect: Dialect, change: &ClassChange) -> Result<(), Fault> {
    let class = change.definition.to_class();
    for field in &change.added {
        let name = field.name.as_str();
        let invalid = |why: &str| Fault::with(Code::InvalidKeyName, format!("Invalid field name: {name}{why}"));
        if SYSTEM_COLUMNS.contains(&name) {
            return Err(invalid(", the database keeps it for itself."));
        }
        if matches!(field.kind, FieldType::Relation(_)) && class.join_table(&field.name).len() > MAX_IDENTIFIER {
            return Err(invalid(", it is too long for a relation of this class."));
        }
        if dialect == Dialect::Sqlite && differs_in_case(&class, name) {
            return Err(invalid(", the database does not tell it from another field that differs in case only."));
        }
    }
    Ok(())
}

fn differs_in_case(class: &Class, name: &str) -> bool {
    class.fields.keys().any(|other| other.as_str() != name && other.as_str().eq_ignore_ascii_case(name))
}

/// Parse Server names an index in the database as in the definition, whatever the class. It goes if it is this class's.
async fn drop_index_of_parse(executor: Executor<'_>, class: &ClassName, index: &str) -> Result<(), Error> {
    if executor.dialect() != Dialect::Postgres {
        return Ok(());
    }
    let mut sql = Sql::from(
        Dialect::Postgres,
        "SELECT 1 FROM pg_indexes WHERE schemaname = ANY(current_schemas(FALSE)) AND tablename = ",
    );
    sql.text(class.as_str()).push(" AND indexname = ").text(index);
    if executor.row(sql).await?.is_some() {
        let mut drop = Sql::from(Dialect::Postgres, "DROP INDEX IF EXISTS ");
        drop.ident(index);
        executor.define(&drop.into_statement().sql).await?;
    }
    Ok(())
}
