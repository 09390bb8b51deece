//! Writing down permissions that are missing: a row without a list is public, and afterwards says so.
//!
//! It is done in batches by ranges of keys, each a statement of its own that waits for nobody: rows that others hold are left
//! for a later pass. A row whose permissions somebody sets meanwhile keeps them, and `updatedAt` stays what it was.

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::{Step, Stop};
use crate::store::ddl::quoted;
use crate::store::error::Error;

/// How many rows the first batch looks at, and the least and most that later ones do.
const FIRST: i64 = 500;
const SMALLEST: i64 = 100;
const LARGEST: i64 = 20_000;

/// How long a batch may hold its rows: it shrinks above, and grows below half of it.
const LONG: Duration = Duration::from_millis(150);

/// How long it waits before it looks again at rows that others held.
const AGAIN: Duration = Duration::from_millis(500);

/// How often it looks again before it gives up.
const PASSES: u32 = 60;

/// What became of the rows of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// How many rows were changed.
    pub(super) changed: i64,
    /// How many were held by others all the time.
    pub(super) left: i64,
}

/// What one batch did.
struct Batch {
    /// The last key it looked at, if there was any.
    last: Option<String>,
    seen: i64,
    /// Rows that lacked permissions.
    open: i64,
    changed: i64,
}

/// The keys between which rows were left: behind the first, up to the second.
type Span = (String, String);

/// Fills the table of a class; `report` hears of every batch.
pub(super) async fn class(
    connection: &mut PgConnection,
    name: &str,
    stop: &Stop,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<Filled, Error> {
    let mut filled = Filled::default();
    let mut span: Option<Span> = None;
    for pass in 0..PASSES {
        if pass > 0 {
            tokio::time::sleep(AGAIN).await;
        }
        let mut left: Option<Span> = None;
        filled.left = 0;
        let (mut from, until) = span.take().map_or((String::new(), None), |(from, until)| (from, Some(until)));
        let statement = statement(name, until.is_some());
        let mut size = FIRST;
        while !stop.is_wanted() {
            let begun = Instant::now();
            let batch = batch(connection, &statement, (&from, until.as_deref()), size).await?;
            size = next_size(size, begun.elapsed());
            filled.changed += batch.changed;
            let Some(last) = batch.last else { break };
            if batch.open > batch.changed {
                filled.left += batch.open - batch.changed;
                left = Some((left.map_or_else(|| from.clone(), |(first, _)| first), last.clone()));
            }
            report(Step::Filling { class: name.to_owned(), looked_at: batch.seen, changed: batch.changed });
            from = last;
        }
        span = left;
        if span.is_none() || stop.is_wanted() {
            break;
        }
    }
    Ok(filled)
}

async fn batch(
    connection: &mut PgConnection,
    statement: &str,
    (from, until): (&str, Option<&str>),
    size: i64,
) -> Result<Batch, Error> {
    let query = sqlx::query_as(AssertSqlSafe(statement)).bind(from).bind(size);
    let query = match until {
        Some(until) => query.bind(until),
        None => query,
    };
    let (last, seen, open, changed) = query.fetch_one(connection).await?;
    Ok(Batch { last, seen, open, changed })
}

/// The values that are set depend on the row as it is when it is locked, not as it was when it was found.
fn statement(name: &str, bounded: bool) -> String {
    let table = quoted(name);
    let bound = if bounded { r#"AND "objectId" <= $3::text "# } else { "" };
    format!(
        r#"WITH "range" AS MATERIALIZED (
            SELECT "objectId", "_rperm" IS NULL OR "_wperm" IS NULL AS "open" FROM {table}
            WHERE "objectId" > $1::text {bound}ORDER BY "objectId" LIMIT $2::int8
        ), "held" AS MATERIALIZED (
            SELECT "objectId" FROM {table} WHERE "objectId" IN (SELECT "objectId" FROM "range" WHERE "open")
            AND ("_rperm" IS NULL OR "_wperm" IS NULL) FOR NO KEY UPDATE SKIP LOCKED
        ), "changed" AS (
            UPDATE {table} AS "t" SET "_rperm" = coalesce("t"."_rperm", '{{*}}'), "_wperm" = coalesce("t"."_wperm", '{{*}}')
            FROM "held" WHERE "t"."objectId" = "held"."objectId" RETURNING 1
        ) SELECT (SELECT max("objectId") FROM "range"), (SELECT count(*) FROM "range"),
            (SELECT count(*) FROM "range" WHERE "open"), (SELECT count(*) FROM "changed")"#
    )
}

fn next_size(size: i64, took: Duration) -> i64 {
    let size = if took > LONG {
        size / 2
    } else if took < LONG / 2 {
        size * 2
    } else {
        size
    };
    size.clamp(SMALLEST, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick() {
        for (size, millis, next) in
            [(500, 1, 1000), (500, 100, 500), (500, 400, 250), (150, 400, 100), (15_000, 1, 20_000)]
        {
            assert_eq!(next_size(size, Duration::from_millis(millis)), next, "{size} in {millis} ms");
        }
    }
}
