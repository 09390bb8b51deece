//! How many rows there are of which kind. No row is read out, but for the ids of accounts that are in each other's way.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::layout::{Layout, Table};
use super::survey::{ClassSurvey, Sessions, Users};
use crate::class::{ROLE, SESSION, USER};
use crate::store::ddl::quoted;
use crate::store::error::Error;

/// Tables from this size on, in bytes, are sampled.
const LARGE: i64 = 512 << 20;

/// How much of a large table is looked at, in bytes.
const SAMPLE: i64 = 64 << 20;

/// How many examples of duplicates are told.
const EXAMPLES: usize = 5;

/// What a text is the same as, whatever the case, and whose it is.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// How many texts more than one row has.
    pub(super) groups: i64,
    /// The ids of the rows of some groups.
    pub(super) examples: Vec<Vec<String>>,
}

/// Counts the rows of a class.
pub(super) async fn class(connection: &mut PgConnection, name: &str, table: &Table) -> Result<ClassSurvey, Error> {
    let lists = ["_rperm", "_wperm"].map(|list| table.columns.contains_key(list));
    let [without, readable, changeable] = match lists {
        [true, true] => [
            r#""_rperm" IS NULL OR "_wperm" IS NULL"#,
            r#""_rperm" IS NULL OR '*' = ANY("_rperm")"#,
            r#""_wperm" IS NULL OR '*' = ANY("_wperm")"#,
        ],
        // Without the columns, every row is public.
        _ => ["TRUE"; 3],
    };
    let (sample, scale) = if table.bytes > LARGE {
        let share = SAMPLE.saturating_mul(1_000_000) / table.bytes;
        (format!(" TABLESAMPLE SYSTEM ({share}::float8 / 10000)"), share.max(1))
    } else {
        (String::new(), 1_000_000)
    };
    let (rows, without, readable, changeable): (i64, i64, i64, i64) = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT count(*), count(*) FILTER (WHERE {without}), count(*) FILTER (WHERE {readable}), \
         count(*) FILTER (WHERE {changeable}) FROM {}{sample}",
        quoted(name)
    )))
    .fetch_one(connection)
    .await?;
    let whole = |count: i64| count.saturating_mul(1_000_000) / scale;
    Ok(ClassSurvey {
        name: name.to_owned(),
        rows: whole(rows),
        exact: sample.is_empty(),
        bytes: table.bytes,
        without_permissions: whole(without),
        readable_by_everybody: whole(readable),
        changeable_by_everybody: whole(changeable),
    })
}

/// Counts users by how they log in.
pub(super) async fn users(connection: &mut PgConnection, layout: &Layout) -> Result<Users, Error> {
    let Some(table) = layout.tables.get(USER) else { return Ok(Users::default()) };
    let mut users = Users::default();
    if table.columns.contains_key("_hashed_password") {
        (users.total, users.bcrypt, users.argon2, users.without_password) = sqlx::query_as(
            r#"SELECT count(*), count(*) FILTER (WHERE "_hashed_password" ~ '^\$2[abxy]?\$'),
            count(*) FILTER (WHERE "_hashed_password" LIKE '$argon2id$%'), count(*) FILTER (WHERE "_hashed_password" IS NULL)
            FROM "_User""#,
        )
        .fetch_one(&mut *connection)
        .await?;
        users.unknown_hash = users.total - users.bcrypt - users.argon2 - users.without_password;
    }
    if table.columns.get("authData").is_some_and(|kind| kind == "jsonb") {
        let providers: Vec<(String, i64)> = sqlx::query_as(
            r#"SELECT "provider", count(*) FROM "_User", jsonb_object_keys(CASE WHEN jsonb_typeof("authData") = 'object'
            THEN "authData" END) AS "provider" WHERE "authData" ->> "provider" IS NOT NULL GROUP BY 1"#,
        )
        .fetch_all(connection)
        .await?;
        users.providers = BTreeMap::from_iter(providers);
    }
    Ok(users)
}

/// Counts sessions.
pub(super) async fn sessions(connection: &mut PgConnection, layout: &Layout) -> Result<Sessions, Error> {
    if !layout.tables.contains_key(SESSION) {
        return Ok(Sessions::default());
    }
    let (open, expired, readable) = sqlx::query_as(
        r#"SELECT count(*) FILTER (WHERE "expiresAt" IS NULL OR "expiresAt" > now()),
        count(*) FILTER (WHERE "expiresAt" <= now()), count(*) FILTER (WHERE "sessionToken" LIKE 'r:%') FROM "_Session""#,
    )
    .fetch_one(connection)
    .await?;
    Ok(Sessions { open, expired, readable })
}

/// Counts roles.
pub(super) async fn roles(connection: &mut PgConnection, layout: &Layout) -> Result<i64, Error> {
    if !layout.tables.contains_key(ROLE) {
        return Ok(0);
    }
    Ok(sqlx::query_scalar(r#"SELECT count(*) FROM "_Role""#).fetch_one(connection).await?)
}

/// Finds rows that have the same text, as `sameness` has it, such as `lower("email")`.
pub(super) async fn duplicates(
    connection: &mut PgConnection,
    table: &str,
    sameness: &str,
) -> Result<Duplicates, Error> {
    let groups: Vec<(Vec<String>, i64)> = sqlx::query_as(AssertSqlSafe(format!(
        r#"SELECT (array_agg("objectId" ORDER BY "createdAt", "objectId"))[1:{EXAMPLES}], count(*) OVER () FROM {}
        WHERE {sameness} IS NOT NULL GROUP BY {sameness} HAVING count(*) > 1 ORDER BY 1 LIMIT {EXAMPLES}"#,
        quoted(table)
    )))
    .fetch_all(connection)
    .await?;
    let all = groups.first().map_or(0, |(_, all)| *all);
    Ok(Duplicates { groups: all, examples: groups.into_iter().map(|(ids, _)| ids).collect() })
}
