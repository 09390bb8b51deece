//! Whether what is stored agrees: definitions with tables, lists of readers with rows, parents with children.

use std::collections::BTreeSet;

use serde_json::Value;

use super::harness::Database;
use super::writers::{KIDLESS, Told};

/// Checks that nothing is half done, and that the clients were told the truth.
pub(crate) async fn check(database: &Database, told: &Told) {
    check_tables(database).await;
    check_rows(database).await;
    let stored: BTreeSet<String> = texts(database, r#"SELECT "name" FROM "Parent""#).await;
    let lost: Vec<_> = told.made.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
    let undead: Vec<_> = told.refused.intersection(&stored).collect();
    assert!(undead.is_empty(), "refused, and there: {undead:?}");
}

async fn texts(database: &Database, sql: &str) -> BTreeSet<String> {
    database.texts(sql).await.into_iter().flatten().collect()
}

/// Each definition has its tables, with a column for each field, and each table has its definition.
async fn check_tables(database: &Database) {
    let own =
        r#"SELECT "className" || '=' || CAST("schema" AS text) FROM "_SCHEMA" WHERE substr("className", 1, 1) <> '_'"#;
    let mut expected = BTreeSet::new();
    for definition in texts(database, own).await {
        let (class, json) = definition.split_once('=').unwrap();
        let json: Value = serde_json::from_str(json).unwrap();
        let mut column = |table: &str, names: &[&str]| {
            expected.extend(names.iter().map(|name| format!("{table}.{name}")));
        };
        column(class, &["_rperm", "_wperm", "objectId", "createdAt", "updatedAt"]);
        if !database.is_postgres() {
            column(&format!("_Readers:{class}"), &["principal", "objectId"]);
        }
        for (name, field) in json["fields"].as_object().unwrap() {
            match field["type"].as_str().unwrap() {
                "ACL" => {}
                "Relation" => column(&format!("_Join:{name}:{class}"), &["relatedId", "owningId"]),
                _ => column(class, &[name]),
            }
        }
    }
    let columns = if database.is_postgres() {
        "SELECT (table_name || '.' || column_name)::text FROM information_schema.columns WHERE table_schema = 'public'"
    } else {
        "SELECT m.name || '.' || p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p WHERE m.type = 'table'"
    };
    let found: BTreeSet<String> =
        texts(database, columns).await.into_iter().filter(|column| is_of_a_class(column)).collect();
    assert_eq!(found, expected, "tables (left) and definitions (right)");
}

/// Tables that the server makes at the start, and those of its own classes, are not in question.
fn is_of_a_class(column: &str) -> bool {
    let (table, _) = column.rsplit_once('.').unwrap();
    let class = match table.split(':').collect::<Vec<_>>().as_slice() {
        ["_Join", _, class] | ["_Readers", class] | [class] => (*class).to_owned(),
        _ => table.to_owned(),
    };
    !class.starts_with('_') && !class.starts_with("sqlite_") && class != "seaql_migrations"
}

/// A parent has all that was made with it, or is not there at all.
async fn check_rows(database: &Database) {
    let of_kids = format!(
        r#"FROM "Parent" AS p WHERE CASE WHEN p."name" LIKE '%{KIDLESS}' THEN 0 ELSE 2 END <> (
            SELECT count(*) FROM "_Join:kids:Parent" AS j JOIN "Child" AS c ON c."objectId" = j."relatedId"
            WHERE j."owningId" = p."objectId" AND c."name" = p."name")"#
    );
    let mut none = vec![
        (
            "parents without their child",
            r#"FROM "Parent" AS p WHERE NOT EXISTS (SELECT 1 FROM "Child" AS c WHERE c."objectId" = p."child" AND c."name" = p."name")"#,
        ),
        ("parents without their kids", &of_kids),
        (
            "children without a parent",
            r#"FROM "Child" AS c WHERE NOT EXISTS (SELECT 1 FROM "Parent" AS p WHERE p."name" = c."name")"#,
        ),
        (
            "links to nobody",
            r#"FROM "_Join:kids:Parent" AS j WHERE NOT EXISTS (SELECT 1 FROM "Parent" AS p WHERE p."objectId" = j."owningId")"#,
        ),
    ];
    if !database.is_postgres() {
        assert_eq!(texts(database, "PRAGMA integrity_check").await, BTreeSet::from(["ok".to_owned()]));
        none.extend([
            ("readers that are not listed", r#"FROM (SELECT p."objectId", r."value" FROM "Parent" AS p, json_each(coalesce(p."_rperm", '["*"]')) AS r
                EXCEPT SELECT "objectId", "principal" FROM "_Readers:Parent")"#),
            ("listed readers that are none", r#"FROM (SELECT "objectId", "principal" FROM "_Readers:Parent"
                EXCEPT SELECT p."objectId", r."value" FROM "Parent" AS p, json_each(coalesce(p."_rperm", '["*"]')) AS r)"#),
        ]);
    }
    for (what, rows) in none {
        let count = texts(database, &format!("SELECT CAST(count(*) AS text) {rows}")).await;
        assert_eq!(count, BTreeSet::from(["0".to_owned()]), "{what}");
    }
}
