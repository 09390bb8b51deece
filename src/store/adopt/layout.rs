//! How the database is built: its tables, columns and indexes, and the classes that its owner defined.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlx::postgres::PgConnection;

use crate::class::{Class, ClassName, Definition};
use crate::store::catalog::is_class;
use crate::store::error::Error;

/// The trigger that the migrations put on the definitions of classes.
pub(super) const TRIGGER: &str = "portcullis_classes_changed";

/// What the database consists of.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) indexes: BTreeMap<String, BuiltIndex>,
    pub(super) has_trigger: bool,
    pub(super) classes: Vec<StoredClass>,
    pub(super) encoding: String,
}

/// A table.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) bytes: i64,
    /// Whether the role that looks may change it.
    pub(super) owned: bool,
    /// The types of the columns, by name.
    pub(super) columns: BTreeMap<String, String>,
}

/// An index that is there.
#[derive(Debug)]
pub(super) struct BuiltIndex {
    pub(super) table: String,
    /// False for what an interrupted `CREATE INDEX CONCURRENTLY` leaves behind.
    pub(super) valid: bool,
}

/// A class as it is defined.
#[derive(Debug)]
pub(super) struct StoredClass {
    pub(super) class: Class,
    /// As it is stored, with what Portcullis does not know.
    pub(super) json: Json,
}

impl Layout {
    /// Reads it.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, Error> {
        let mut layout = Self { tables: tables(connection).await?, ..Self::default() };
        for (table, column, kind) in columns(connection).await? {
            if let Some(table) = layout.tables.get_mut(&table) {
                table.columns.insert(column, kind);
            }
        }
        layout.indexes = indexes(connection).await?;
        let trigger =
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('\"_SCHEMA\"') AND tgname = $1)";
        layout.has_trigger = sqlx::query_scalar(trigger).bind(TRIGGER).fetch_one(&mut *connection).await?;
        let encoding = "SELECT current_setting('server_encoding')";
        layout.encoding = sqlx::query_scalar(encoding).fetch_one(&mut *connection).await?;
        if layout.tables.contains_key("_SCHEMA") {
            layout.classes = classes(connection).await?;
        }
        Ok(layout)
    }

    /// The class of this name, if it is defined.
    pub(super) fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().map(|stored| &stored.class).find(|class| class.name.as_str() == name)
    }
}

/// The tables that are nobody's extension.
async fn tables(connection: &mut PgConnection) -> Result<BTreeMap<String, Table>, Error> {
    let rows: Vec<(String, i64, bool)> = sqlx::query_as(
        "SELECT c.relname::text, pg_table_size(c.oid), pg_has_role(c.relowner, 'USAGE') FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') \
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(name, bytes, owned)| (name, Table { bytes, owned, columns: BTreeMap::new() })).collect())
}

async fn columns(connection: &mut PgConnection) -> Result<Vec<(String, String, String)>, Error> {
    Ok(sqlx::query_as(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a \
         JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .fetch_all(connection)
    .await?)
}

async fn indexes(connection: &mut PgConnection) -> Result<BTreeMap<String, BuiltIndex>, Error> {
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT i.relname::text, t.relname::text, x.indisvalid AND x.indisready FROM pg_index x \
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = current_schema()",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(name, table, valid)| (name, BuiltIndex { table, valid })).collect())
}

async fn classes(connection: &mut PgConnection) -> Result<Vec<StoredClass>, Error> {
    let rows: Vec<(String, Option<String>)> =
        sqlx::query_as(r#"SELECT "className"::text, "schema"::text FROM "_SCHEMA" ORDER BY "className" COLLATE "C""#)
            .fetch_all(connection)
            .await?;
    let mut classes = Vec::new();
    for (name, schema) in rows.into_iter().filter(|(name, _)| is_class(name)) {
        let json: Json = serde_json::from_str(schema.as_deref().unwrap_or("{}"))
            .map_err(|error| Error::unexpected(error.to_string()))?;
        classes.push(StoredClass { class: Definition::from_json(ClassName::known(&name), &json).to_class(), json });
    }
    Ok(classes)
}
