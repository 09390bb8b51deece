//! What Portcullis needs beside the rows, compared with what is there.

use std::collections::BTreeMap;

use migration::FIXED_INDEXES;

use super::layout::{Layout, TRIGGER};
use super::survey::{Additions, ColumnToAdd, IndexToAdd};
use crate::class::{Class, ROLE, SESSION, USER};
use crate::store::ddl::{self, Index};
use crate::store::dialect::Dialect;

/// Tables that Portcullis works with, whichever classes there are: its own last.
pub(super) const FIXED_TABLES: [&str; 10] = [
    "_SCHEMA",
    USER,
    ROLE,
    SESSION,
    "_Join:users:_Role",
    "_Join:roles:_Role",
    "_GlobalConfig",
    "_Portcullis",
    "_Portcullis_Strangers",
    "seaql_migrations",
];

/// What the table of users has beside the fields.
const INTERNAL_OF_USERS: [(&str, &str); 9] = [
    ("_hashed_password", "text"),
    ("_email_verify_token_expires_at", "timestamp with time zone"),
    ("_email_verify_token", "text"),
    ("_account_lockout_expires_at", "timestamp with time zone"),
    ("_failed_login_count", "double precision"),
    ("_perishable_token", "text"),
    ("_perishable_token_expires_at", "timestamp with time zone"),
    ("_password_changed_at", "timestamp with time zone"),
    ("_password_history", "jsonb"),
];

/// The columns of a class's table, with their types.
pub(super) fn columns(class: &Class) -> BTreeMap<String, &'static str> {
    let fields = class.fields.values();
    let of_fields =
        fields.filter_map(|field| Some((field.name.to_string(), Dialect::Postgres.column_type(&field.kind)?)));
    let mut columns: BTreeMap<_, _> = of_fields.collect();
    columns.extend(["_rperm", "_wperm"].map(|name| (name.to_owned(), "text[]")));
    if class.name.is_user() {
        columns.extend(INTERNAL_OF_USERS.map(|(name, kind)| (name.to_owned(), kind)));
    }
    columns
}

/// The tables of all relations, by name.
pub(super) fn join_tables(layout: &Layout) -> Vec<String> {
    let of = |class: &Class| ddl::relations(class).map(|field| class.join_table(&field.name)).collect::<Vec<_>>();
    layout.classes.iter().flat_map(|stored| of(&stored.class)).collect()
}

/// All indexes that there should be on tables that are there.
pub(super) fn indexes(layout: &Layout) -> Vec<Index> {
    let fixed = FIXED_INDEXES.iter().map(|index| Index {
        name: index.name.to_owned(),
        table: index.table.to_owned(),
        unique: index.unique,
        on: index.on.to_owned(),
    });
    let of_classes = layout
        .classes
        .iter()
        .filter(|stored| !FIXED_TABLES.contains(&stored.class.name.as_str()))
        .flat_map(|stored| ddl::own_indexes(Dialect::Postgres, &stored.class));
    let of_pointers = layout.classes.iter().flat_map(|stored| ddl::pointer_indexes(Dialect::Postgres, &stored.class));
    let joins = join_tables(layout);
    let of_joins =
        joins.iter().filter(|table| !FIXED_TABLES.contains(&table.as_str())).map(|table| ddl::join_index(table));
    fixed
        .chain(of_classes)
        .chain(of_pointers)
        .chain(of_joins)
        .filter(|index| layout.tables.contains_key(&index.table))
        .collect()
}

/// The indexes that are missing or unfinished.
pub(super) fn missing_indexes(layout: &Layout) -> Vec<(Index, IndexToAdd)> {
    let wanted = indexes(layout).into_iter().filter_map(|index| {
        let there = layout.indexes.get(&index.name).filter(|there| there.table == index.table);
        if there.is_some_and(|there| there.valid) {
            return None;
        }
        let bytes = layout.tables.get(&index.table).map_or(0, |table| table.bytes);
        let told =
            IndexToAdd { name: index.name.clone(), table: index.table.clone(), bytes, unfinished: there.is_some() };
        Some((index, told))
    });
    wanted.collect()
}

/// Everything that is missing.
pub(super) fn additions(layout: &Layout) -> Additions {
    let is_missing = |name: &&str| !layout.tables.contains_key(*name);
    let joins = join_tables(layout);
    let mut tables: Vec<String> = FIXED_TABLES.iter().copied().filter(is_missing).map(str::to_owned).collect();
    for table in joins.iter().map(String::as_str).filter(is_missing) {
        if !tables.iter().any(|known| known == table) {
            tables.push(table.to_owned());
        }
    }
    let mut missing = Vec::new();
    for class in layout.classes.iter().map(|stored| &stored.class) {
        let Some(table) = layout.tables.get(class.name.as_str()) else { continue };
        for (name, kind) in columns(class).into_iter().filter(|(name, _)| !table.columns.contains_key(name)) {
            missing.push(ColumnToAdd { table: class.name.to_string(), name, kind: kind.to_owned() });
        }
    }
    Additions {
        tables,
        triggers: if layout.has_trigger { Vec::new() } else { vec![TRIGGER.to_owned()] },
        columns: missing,
        indexes: missing_indexes(layout).into_iter().map(|(_, told)| told).collect(),
    }
}
