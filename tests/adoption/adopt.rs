//! `portcullis adopt`, while others work with the database, and after it was killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, query, raw_sql};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::dump::{execute, on_a_parse_database, program, take_over, text};
use super::harness::Database;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

const INVALID: &str = "SELECT count(*)::text FROM pg_index WHERE NOT indisvalid";
const INDEXES: &str = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'Trip'";
const ALL_OF_TRIP: &str =
    "Trip__created Trip__pointer_driver Trip__pointer_passenger Trip__public Trip__readers Trip_pkey";

async fn connect(database: &Database) -> PgConnection {
    PgConnection::connect(database.url().unwrap()).await.unwrap()
}

/// Waits until a query answers this text.
async fn until(database: &Database, sql: &str, wanted: &str) {
    let begun = Instant::now();
    while text(database, sql).await != wanted {
        assert!(begun.elapsed() < PATIENCE, "never {wanted}: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn signal(child: &Child, name: &str) {
    let id = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());
}

async fn adopt(database: &Database) -> String {
    let finished = program(database).finish("adopt").await;
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout
}

#[tokio::test]
async fn a_check_tells_what_there_is_and_changes_nothing() {
    on_a_parse_database(async |database| {
        execute(
            database,
            r#"SET search_path = public;
            INSERT INTO "_User" ("objectId", "username", "email", "authData") VALUES
                ('u1', 'Carla', 'CARLA@example.com', '{"facebook": {"id": "1"}}');
            CREATE TABLE "Stray" ("objectId" text);
            ALTER TABLE "City" ADD COLUMN "mayor" text;
            ALTER TABLE "Vehicle" ALTER COLUMN "seats" TYPE text;
            ALTER TABLE "Announcement" DROP COLUMN "audience";
            UPDATE "_SCHEMA" SET "schema" = jsonb_set("schema", '{fields,shape}', '{"type": "Tensor"}') WHERE "className" = 'City';
            INSERT INTO "_SCHEMA" VALUES ('Ghost', '{"fields": {}}', true)"#,
        )
        .await;
        let everything = r"SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (
            SELECT concat(table_name, column_name, data_type) AS x FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT indexname::text FROM pg_indexes UNION ALL SELECT tgname::text FROM pg_trigger
            UNION ALL SELECT concat(relname, n_tup_ins, n_tup_upd, n_tup_del) FROM pg_stat_user_tables) AS t";
        let before = text(database, everything).await;

        let finished = program(database).finish("adopt --check --json").await;
        assert!(finished.status.success(), "{finished:?}");
        let told: Value = serde_json::from_str(&finished.stdout).unwrap();
        let trip = told["classes"].as_array().unwrap().iter().find(|class| class["name"] == "Trip").unwrap();
        assert_eq!((&trip["rows"], &trip["withoutPermissions"], &trip["exact"]), (&json!(40), &json!(6), &json!(true)));
        let users = json!({"total": 8, "bcrypt": 7, "argon2": 0, "unknownHash": 0, "withoutPassword": 1, "providers": {"facebook": 1}});
        assert_eq!(told["users"], users);
        assert_eq!(told["sessions"], json!({"open": 8, "expired": 0, "readable": 8}));
        assert_eq!(told["roles"], 3);
        assert_eq!(told["fill"]["rows"], 6 + 3 + 4 + 1);
        assert_eq!(told["additions"]["tables"], json!(["_Portcullis", "_Portcullis_Strangers", "seaql_migrations"]));
        assert_eq!(told["additions"]["triggers"], json!(["portcullis_classes_changed"]));
        assert_eq!(
            told["additions"]["columns"],
            json!([{"table": "Announcement", "name": "audience", "type": "text"}])
        );
        let indexes = told["additions"]["indexes"].as_array().unwrap();
        for name in ["Trip__readers", "_Join:sharedWith:Trip_owner", "_User_folded_email", "_Session__token"] {
            assert!(indexes.iter().any(|index| index["name"] == name), "{name} is not in {indexes:?}");
        }
        told_of_attention(&told);

        let finished = program(database).finish("adopt --check").await;
        for line in ["  Trip", "8: 7 with a password of Parse Server", "Nothing was changed."] {
            assert!(finished.stdout.contains(line), "{line} is not in {}", finished.stdout);
        }
        assert_eq!(text(database, everything).await, before);
    })
    .await;
}

/// What the check must have found in the database with the mistakes.
fn told_of_attention(told: &Value) {
    let found: Vec<_> =
        told["attention"].as_array().unwrap().iter().map(|one| (&one["kind"], &one["subject"])).collect();
    for (kind, subject) in [
        ("classWithoutTable", "Ghost"),
        ("columnOfAnotherType", "Vehicle"),
        ("openPermissions", "Announcement"),
        ("openRows", "Announcement"),
        ("duplicateUsernames", "user names that differ in case only"),
        ("duplicateEmails", "e-mail addresses that differ in case only"),
        ("otherProviders", "facebook"),
        ("unknownFieldType", "City"),
        ("tableWithoutClass", "Stray"),
        ("columnWithoutField", "City"),
    ] {
        assert!(found.contains(&(&json!(kind), &json!(subject))), "{kind} {subject} is not in {found:#?}");
    }
    let left = told["leftAlone"].as_array().unwrap();
    assert!(left.contains(&json!("_Hooks")) && left.contains(&json!("_PushStatus")), "{left:?}");
}

#[tokio::test]
async fn a_check_of_sqlite_says_what_it_is_for() {
    Database::on_sqlite(async |database| {
        let finished = program(database).finish("adopt --check").await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("PostgreSQL"), "{finished:?}");
    })
    .await;
}

/// Writes to rows as a Parse Server does, until it is told to stop; answers how often it has counted up.
fn write_on(database: &Database, stop: Arc<AtomicBool>) -> JoinHandle<i64> {
    let url = database.url().unwrap().to_owned();
    tokio::spawn(async move {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let mut done = 0;
        while !stop.load(Ordering::Relaxed) {
            let id = format!("row{:05}", (done * 7919) % 50_000);
            let count = query(r#"UPDATE "Trip" SET "fare" = "fare" + 1 WHERE "objectId" = $1"#);
            assert_eq!(count.bind(&id).execute(&mut connection).await.unwrap().rows_affected(), 1);
            let own = query(
                r#"UPDATE "Trip" SET "_rperm" = '{me}', "_wperm" = '{}' WHERE "objectId" = $1 AND "notes" = 'mine'"#,
            );
            own.bind(&id).execute(&mut connection).await.unwrap();
            let new = query(r#"INSERT INTO "Trip" ("objectId", "fare") VALUES ($1, 0)"#);
            new.bind(format!("new{done:06}")).execute(&mut connection).await.unwrap();
            done += 1;
        }
        done
    })
}

#[tokio::test]
async fn rows_are_filled_while_others_write_and_after_a_kill() {
    on_a_parse_database(async |database| {
        execute(
            database,
            r#"INSERT INTO public."Trip" ("objectId", "createdAt", "updatedAt", "fare", "notes") SELECT 'row' || lpad(n::text, 5, '0'),
            '2026-01-01', '2026-01-01', 0, CASE WHEN n % 5 = 0 THEN 'mine' END FROM generate_series(0, 49999) AS n"#,
        )
        .await;
        let server = take_over(database).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writer = write_on(database, Arc::clone(&stop));

        // One row that somebody holds keeps the run from its end.
        let mut holder = connect(database).await;
        raw_sql(AssertSqlSafe(r#"BEGIN; UPDATE "Trip" SET "notes" = 'held' WHERE "objectId" = 'row49999'"#))
            .execute(&mut holder)
            .await
            .unwrap();
        let mut first = program(database).spawn("adopt");
        let filled = r#"SELECT (count(*) > 20000)::text FROM "Trip" WHERE "objectId" LIKE 'row%' AND "_rperm" IS NOT NULL"#;
        until(database, filled, "true").await;
        assert!(first.try_wait().unwrap().is_none(), "it waits for the row that is held");
        first.start_kill().unwrap();
        first.wait().await.unwrap();
        let open = r#"SELECT (count(*) > 0)::text FROM "Trip" WHERE "objectId" LIKE 'row%' AND ("_rperm" IS NULL OR "_wperm" IS NULL)"#;
        assert_eq!(text(database, open).await, "true");
        raw_sql("COMMIT").execute(&mut holder).await.unwrap();

        let id = r#"mutation { updateTrip(input: {id: "row00001", fields: {notes: "by Portcullis"}}) { trip { notes } } }"#;
        server.master().query(id, Value::Null).await.ok();
        let begun = Instant::now();
        let told = adopt(database).await;
        eprintln!("the second run took {:?}: {told}", begun.elapsed());
        stop.store(true, Ordering::Relaxed);
        let written = writer.await.unwrap();
        assert!(written > 100, "{written} rounds of writing");

        assert_eq!(text(database, open).await, "false");
        let sum = r#"SELECT sum("fare")::int::text FROM "Trip" WHERE "objectId" LIKE 'row%'"#;
        assert_eq!(text(database, sum).await, written.to_string(), "no update is lost");
        let times = r#"SELECT count(*)::text FROM "Trip" WHERE "objectId" LIKE 'row%' AND "updatedAt" <> '2026-01-01'"#;
        assert_eq!(text(database, times).await, "1", "only Portcullis has changed a time");
        let touched = r#"SELECT concat(count(*), ' ', count(*) FILTER (WHERE "_rperm" = '{me}' AND "_wperm" = '{}')) FROM "Trip"
            WHERE "objectId" LIKE 'row%' AND "notes" = 'mine' AND "fare" > 0"#;
        let counts = text(database, touched).await;
        let (all, kept) = counts.split_once(' ').unwrap();
        assert!(all == kept && all != "0", "rows that were given permissions keep them: {counts}");
        let others = r#"SELECT count(*)::text FROM "Trip" WHERE "objectId" LIKE 'row%' AND "notes" IS DISTINCT FROM 'mine'
            AND ("_rperm" <> '{*}' OR "_wperm" <> '{*}')"#;
        assert_eq!(text(database, others).await, "0");
        assert_eq!(text(database, INDEXES).await, ALL_OF_TRIP);
        assert_eq!(text(database, INVALID).await, "0");
    })
    .await;
}

/// A transaction that an index which is being built has to wait for.
async fn in_the_way(database: &Database) -> PgConnection {
    let mut connection = connect(database).await;
    let write = r#"BEGIN; UPDATE "Trip" SET "fare" = 1 WHERE "objectId" = 'Yy5Oa7FOuT'"#;
    raw_sql(AssertSqlSafe(write)).execute(&mut connection).await.unwrap();
    connection
}

const BUILDING: &str = "SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE datname = current_database()
    AND query LIKE 'CREATE INDEX CONCURRENTLY \"Trip%' AND wait_event_type = 'Lock'";

#[tokio::test]
async fn a_build_that_was_interrupted_is_done_again() {
    on_a_parse_database(async |database| {
        execute(database, r#"UPDATE public."Trip" SET "_rperm" = '{*}', "_wperm" = '{*}'"#).await;
        let mut way = in_the_way(database).await;
        let mut first = program(database).spawn("adopt");
        until(database, BUILDING, "true").await;
        first.start_kill().unwrap();
        first.wait().await.unwrap();
        // Its connection goes on building until it notices; another run waits for it.
        let second = program(database).spawn("adopt");
        let waits = "SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE datname = current_database()
            AND query LIKE 'SELECT pg_try_advisory_lock%'";
        until(database, waits, "true").await;
        execute(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
            AND query LIKE 'CREATE INDEX CONCURRENTLY%'",
        )
        .await;
        raw_sql("COMMIT").execute(&mut way).await.unwrap();
        let output = tokio::time::timeout(PATIENCE, second.wait_with_output()).await.unwrap().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && told.contains("Waiting") && told.contains("left unfinished"), "{told}");
        assert_eq!(text(database, INDEXES).await, ALL_OF_TRIP);
        assert_eq!(text(database, INVALID).await, "0");
    })
    .await;
}

#[tokio::test]
async fn a_signal_stops_it_and_the_next_run_goes_on() {
    on_a_parse_database(async |database| {
        let mut way = in_the_way(database).await;
        let child = program(database).spawn("adopt");
        let filled = r#"SELECT count(*)::text FROM "Trip" WHERE "_rperm" IS NULL"#;
        // The row that is held has permissions, so the rows are filled, and the first index waits for the transaction.
        until(database, BUILDING, "true").await;
        assert_eq!(text(database, filled).await, "0");
        signal(&child, "-TERM").await;
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && told.contains("stopped"), "{told}");
        raw_sql("COMMIT").execute(&mut way).await.unwrap();
        adopt(database).await;
        assert_eq!(text(database, INDEXES).await, ALL_OF_TRIP);
        assert_eq!(text(database, INVALID).await, "0");
    })
    .await;
}

#[tokio::test]
async fn what_duplicates_contradict_is_left_out_until_they_are_gone() {
    on_a_parse_database(async |database| {
        let twin = r#"INSERT INTO public."_User" ("objectId", "username") VALUES ('twin', 'ALEX')"#;
        execute(database, twin).await;
        let finished = program(database).finish("adopt").await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stdout.contains("Left out _User_folded_username"), "{finished:?}");
        assert_eq!(text(database, INVALID).await, "0");
        execute(database, r#"DELETE FROM "_User" WHERE "objectId" = 'twin'"#).await;
        assert!(adopt(database).await.contains("Built _User_folded_username"));
        let told = adopt(database).await;
        assert!(!told.contains("Built"), "there is nothing left to do: {told}");
    })
    .await;
}

#[tokio::test]
async fn a_large_table_does_not_hold_up_the_first_start() {
    on_a_parse_database(async |database| {
        execute(
            database,
            r#"SET search_path = public; ALTER TABLE "_User" ALTER COLUMN "phone" SET STORAGE PLAIN;
            INSERT INTO "_User" ("objectId", "username", "phone") SELECT 'u' || n, 'u' || n, repeat('5', 4000) FROM generate_series(1, 4200) AS n"#,
        )
        .await;
        // Somebody writes a session and does not commit.
        let mut way = connect(database).await;
        let write = r#"BEGIN; UPDATE "_Session" SET "installationId" = 'x' WHERE "objectId" = 'OB37FEnik7'"#;
        raw_sql(AssertSqlSafe(write)).execute(&mut way).await.unwrap();
        let server = take_over(database).await;
        server.session("r:3fed79fa6a6ff7c3ec21f5d31798aa9a").query("{ viewer { user { username } } }", Value::Null).await.ok();
        let indexes = "SELECT count(*)::text FROM pg_indexes WHERE indexname IN ('_User__created', '_Session__token', '_Role__created')";
        assert_eq!(text(database, indexes).await, "1", "only the index of the table that is small and free");
        raw_sql("COMMIT").execute(&mut way).await.unwrap();
        adopt(database).await;
        assert_eq!(text(database, indexes).await, "3");
    })
    .await;
}
