//! Tables of classes and relations, which are made and changed at run time.
//!
//! In PostgreSQL they are those of Parse Server, with indexes beside them. The migrations make the fixed ones in the same way.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::dialect::Dialect;
use super::sql::Sql;
use crate::class::{Class, ClassChange, Definition, Field, FieldName, FieldType, Operation};

/// The longest name that PostgreSQL keeps; it cuts longer ones, and two could become the same.
pub(super) const MAX_IDENTIFIER: usize = 63;

/// The table in which SQLite lists who may read which rows of a class.
pub(super) fn readers_table(class: &str) -> String {
    format!("_Readers:{class}")
}

/// The name of an index in the database, where the indexes of all classes have one set of names.
pub(super) fn index_name(class: &str, name: &str) -> String {
    let full = format!("{class}_{name}");
    if full.len() <= MAX_IDENTIFIER {
        return full;
    }
    let digest = hex::encode(Sha256::digest(full.as_bytes()));
    let (readable, digest) = (full.get(..46).unwrap_or(class), digest.get(..16).unwrap_or_default());
    format!("{readable}_{digest}")
}

/// An index of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    /// Its name.
    pub(super) name: String,
    /// The table.
    pub(super) table: String,
    /// True if it keeps two rows from being alike.
    pub(super) unique: bool,
    /// What follows the name of the table.
    pub(super) on: String,
}

impl Index {
    fn plain(name: String, table: &str, on: &str) -> Self {
        Self { name, table: table.to_owned(), unique: false, on: on.to_owned() }
    }

    /// The statement that makes it.
    fn create(&self) -> String {
        self.created("")
    }

    /// The statement that makes it, unless `portcullis adopt` was quicker.
    fn create_if_missing(&self) -> String {
        self.created("IF NOT EXISTS ")
    }

    /// The statement that removes it.
    fn drop(&self) -> String {
        format!("DROP INDEX IF EXISTS {}", quoted(&self.name))
    }

    /// The statement that makes it while others write to the table. It belongs in no transaction.
    pub(super) fn create_concurrently(&self) -> String {
        self.created("CONCURRENTLY ")
    }

    /// The statement that removes it while others write to the table.
    pub(super) fn drop_concurrently(&self) -> String {
        format!("DROP INDEX CONCURRENTLY IF EXISTS {}", quoted(&self.name))
    }

    fn created(&self, how: &str) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        format!("CREATE {unique}INDEX {how}{} ON {} {}", quoted(&self.name), quoted(&self.table), self.on)
    }
}

/// The statements that make the tables of a new class.
pub(super) fn create_class(dialect: Dialect, change: &ClassChange) -> Vec<String> {
    let class = change.definition.to_class();
    let mut statements = vec![create_table(dialect, &class)];
    statements.extend(own_indexes(dialect, &class).iter().map(Index::create));
    statements.extend(pointer_indexes(dialect, &class).iter().map(Index::create));
    if dialect == Dialect::Sqlite {
        statements.extend(readers(class.name.as_str()));
    }
    for field in relations(&class) {
        statements.extend(create_join_table(dialect, &class, field));
    }
    statements.extend(add_indexes(dialect, &class, change));
    statements
}

/// The statements that change the tables of a class.
pub(super) fn change_class(dialect: Dialect, change: &ClassChange) -> Vec<String> {
    let class = change.definition.to_class();
    let table = quoted(class.name.as_str());
    let mut statements: Vec<String> =
        change.removed_indexes.iter().map(|name| drop_index(class.name.as_str(), name)).collect();
    let (before, after) = (pointer_indexes(dialect, &change.before.to_class()), pointer_indexes(dialect, &class));
    statements.extend(before.iter().filter(|index| !after.contains(index)).map(Index::drop));
    for field in &change.removed {
        statements.push(match field.kind {
            FieldType::Relation(_) => drop_table(&class.join_table(&field.name)),
            _ => format!("ALTER TABLE {table} DROP COLUMN {}", quoted(field.name.as_str())),
        });
    }
    for field in &change.added {
        match dialect.column_type(&field.kind) {
            Some(kind) => {
                statements.push(format!("ALTER TABLE {table} ADD COLUMN {} {kind}", quoted(field.name.as_str())));
            }
            None if matches!(field.kind, FieldType::Relation(_)) => {
                statements.extend(create_join_table(dialect, &class, field));
            }
            None => {}
        }
    }
    statements.extend(after.iter().filter(|index| !before.contains(index)).map(Index::create_if_missing));
    statements.extend(add_indexes(dialect, &class, change));
    statements
}

/// The statements that remove the tables of a class.
pub(super) fn drop_class(dialect: Dialect, definition: &Definition) -> Vec<String> {
    let class = definition.to_class();
    let mut statements = vec![drop_table(class.name.as_str())];
    if dialect == Dialect::Sqlite {
        statements.push(drop_table(&readers_table(class.name.as_str())));
    }
    statements.extend(relations(&class).map(|field| drop_table(&class.join_table(&field.name))));
    statements
}

/// The fields of a class that have a table of their own.
pub(super) fn relations(class: &Class) -> impl Iterator<Item = &Field> {
    class.fields.values().filter(|field| matches!(field.kind, FieldType::Relation(_))).map(AsRef::as_ref)
}

fn create_table(dialect: Dialect, class: &Class) -> String {
    let column = |name: &str, kind: &str| format!("{} {kind}", quoted(name));
    let mut columns = match dialect {
        Dialect::Postgres => vec![
            column("objectId", "text NOT NULL PRIMARY KEY"),
            column("createdAt", "timestamp with time zone"),
            column("updatedAt", "timestamp with time zone"),
        ],
        Dialect::Sqlite => vec![
            column("objectId", "TEXT NOT NULL PRIMARY KEY"),
            column("createdAt", "INTEGER NOT NULL"),
            column("updatedAt", "INTEGER NOT NULL"),
        ],
    };
    for field in class.fields.values() {
        let is_own = !["objectId", "createdAt", "updatedAt"].contains(&field.name.as_str());
        columns
            .extend(dialect.column_type(&field.kind).filter(|_| is_own).map(|kind| column(field.name.as_str(), kind)));
    }
    let (list, end) = match dialect {
        Dialect::Postgres => ("text[]", ""),
        Dialect::Sqlite => ("TEXT", " STRICT"),
    };
    columns.extend([column("_rperm", list), column("_wperm", list)]);
    format!("CREATE TABLE {} ({}){end}", quoted(class.name.as_str()), columns.join(", "))
}

/// The indexes that every class has: its default order, and who may read its rows.
pub(super) fn own_indexes(dialect: Dialect, class: &Class) -> Vec<Index> {
    let table = class.name.as_str();
    let index = |name: &str, on: &str| Index::plain(index_name(table, name), table, on);
    match dialect {
        Dialect::Postgres => vec![
            index("_created", r#"("createdAt", "objectId" COLLATE "C")"#),
            index("_readers", r#"USING gin ("_rperm")"#),
            index("_public", r#"("createdAt") WHERE "_rperm" IS NULL"#),
        ],
        Dialect::Sqlite => vec![index("_created", r#"("createdAt", "objectId")"#)],
    }
}

/// The indexes that lead to the rows whose pointers name the caller, where the class's permissions say that such rows may
/// be found or counted. They come and go with these permissions. SQLite has no index into arrays.
pub(super) fn pointer_indexes(dialect: Dialect, class: &Class) -> Vec<Index> {
    let table = class.name.as_str();
    let of_operation = |operation| &class.clp.permission(operation).pointer_fields;
    let names: BTreeSet<&FieldName> = [Operation::Find, Operation::Count]
        .into_iter()
        .flat_map(of_operation)
        .chain(&class.clp.read_user_fields)
        .collect();
    let on = |field: &Field| {
        let name = quoted(field.name.as_str());
        match (&field.kind, dialect) {
            (FieldType::Pointer(_), Dialect::Postgres) => {
                Some(format!(r#"({name}, "createdAt", "objectId" COLLATE "C")"#))
            }
            (FieldType::Pointer(_), Dialect::Sqlite) => Some(format!(r#"({name}, "createdAt", "objectId")"#)),
            (FieldType::Array, Dialect::Postgres) => Some(format!("USING gin ({name} jsonb_path_ops)")),
            _ => None,
        }
    };
    let index = |name: &FieldName| {
        let field = class.field(name.as_str())?;
        Some(Index::plain(index_name(table, &format!("_pointer_{name}")), table, &on(field)?))
    };
    names.into_iter().filter_map(index).collect()
}

/// The index that every join table has beside its key.
pub(super) fn join_index(table: &str) -> Index {
    Index::plain(index_name(table, "owner"), table, r#"("owningId")"#)
}

/// The list of who may read which rows of a class, and the triggers that keep it. A missing list of readers is everybody.
fn readers(class: &str) -> Vec<String> {
    let list = quoted(&readers_table(class));
    let table = quoted(class);
    let trigger = |name: &str| quoted(&format!("{}:{name}", readers_table(class)));
    let of = |row: &str| format!(r#"SELECT "value" FROM json_each(coalesce({row}."_rperm", '["*"]'))"#);
    let add = format!(
        r#"INSERT OR IGNORE INTO {list} SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));"#
    );
    let take = format!(r#"DELETE FROM {list} WHERE "objectId" = OLD."objectId" AND "principal" IN ({});"#, of("OLD"));
    vec![
        format!(
            r#"CREATE TABLE {list} ("principal" TEXT NOT NULL, "objectId" TEXT NOT NULL, PRIMARY KEY ("principal", "objectId")) STRICT, WITHOUT ROWID"#
        ),
        format!("CREATE TRIGGER {} AFTER INSERT ON {table} BEGIN {add} END", trigger("insert")),
        format!("CREATE TRIGGER {} AFTER DELETE ON {table} BEGIN {take} END", trigger("delete")),
        format!(
            r#"CREATE TRIGGER {} AFTER UPDATE OF "objectId", "_rperm" ON {table} BEGIN {take} {add} END"#,
            trigger("update")
        ),
    ]
}

/// What was left in a table of the same name belonged to a field that is gone.
fn create_join_table(dialect: Dialect, class: &Class, field: &Field) -> Vec<String> {
    let name = class.join_table(&field.name);
    vec![drop_table(&name), join_table(dialect, &name), join_index(&name).create()]
}

/// The statement that makes the table of a relation.
pub(super) fn join_table(dialect: Dialect, name: &str) -> String {
    let (id, end) = match dialect {
        Dialect::Postgres => ("character varying(120)", ""),
        Dialect::Sqlite => ("TEXT", " STRICT, WITHOUT ROWID"),
    };
    let table = quoted(name);
    format!(
        r#"CREATE TABLE {table} ("relatedId" {id} NOT NULL, "owningId" {id} NOT NULL, PRIMARY KEY ("relatedId", "owningId")){end}"#
    )
}

fn drop_table(name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", quoted(name))
}

fn add_indexes(dialect: Dialect, class: &Class, change: &ClassChange) -> Vec<String> {
    let keys = |name: &String| {
        let mut sql = Sql::new(dialect);
        let index = class.indexes.get(name)?;
        sql.separated(&index.0, ", ", |sql, (field, direction)| {
            sql.ident(field).push(if direction.as_i64() == Some(-1) { " DESC" } else { "" });
        });
        Some(sql.into_statement().sql)
    };
    let statement = |name: &String| {
        let index = quoted(&index_name(class.name.as_str(), name));
        Some(format!("CREATE INDEX {index} ON {} ({})", quoted(class.name.as_str()), keys(name)?))
    };
    change.added_indexes.iter().filter_map(statement).collect()
}

fn drop_index(class: &str, name: &str) -> String {
    format!("DROP INDEX IF EXISTS {}", quoted(&index_name(class, name)))
}

/// A name as it stands in a statement.
pub(super) fn quoted(name: &str) -> String {
    let mut sql = Sql::new(Dialect::Postgres);
    sql.ident(name);
    sql.into_statement().sql
}

#[cfg(test)]
mod tests {
    use super::{MAX_IDENTIFIER, index_name};

    #[test]
    fn long_names_of_indexes_stay_different() {
        let class = "x".repeat(50);
        let (one, other) = (index_name(&class, "one_of_many_indexes"), index_name(&class, "one_of_many_indices"));
        assert_ne!(one, other);
        assert_eq!(one.len(), MAX_IDENTIFIER);
        assert_eq!(index_name("Trip", "byFare"), "Trip_byFare");
    }
}
