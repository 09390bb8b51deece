//! Behind a pooler in transaction mode: what concerns a session would meet somebody else.

use futures::future::join_all;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Row as _, raw_sql};
use serde_json::{Value, json};

use super::changes::everything_changes;
use super::harness::{Options, Scratch, Server};
use super::pgbouncer::PgBouncer;
use super::postgres_server::PostgresServer;
use super::scene::{a_second, find};

/// How many connections the pooler has for all servers together.
const CONNECTIONS: u32 = 2;

fn options(data_dir: &Scratch, url: &str) -> Options {
    Options::on(data_dir.path(), Some(url)).flag("--database-pooler", "transaction")
}

#[tokio::test]
async fn three_servers_work_on_two_lent_connections() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let Some(pooler) = PgBouncer::start(&postgres, CONNECTIONS).await else { return };
    let data_dir = Scratch::new();
    postgres.create_database("app").await;
    let url = pooler.url("app");
    let start = || options(&data_dir, &url).start();
    // They start on an empty database, through the pooler.
    let servers = join_all([start(), start(), start()]).await;
    everything_changes(&servers[0], &[&servers[1], &servers[2]]).await;

    servers[0].create_class("Box", &[("text", "String"), ("content", "Relation:Box")]).await;
    a_second().await;
    join_all((0..60).map(|number| pack(&servers[number % 3], number))).await;
    let found = find(&servers[1].master(), "boxes", "first: 200").await;
    assert_eq!(found.each("boxes", "text").len(), 120, "each box and what is in it");
    nothing_is_left_behind(&url).await;
}

/// A mutation of several statements in one transaction, and reading what it did.
async fn pack(server: &Server, number: usize) {
    let create = "mutation ($text: String, $inner: String) {
        createBox(input: { fields: { text: $text, content: { createAndAdd: [{ text: $inner }] } } }) {
            box { id content { count edges { node { text } } } }
        }
    }";
    let names = json!({"text": format!("box {number}"), "inner": format!("in {number}")});
    let answer = server.master().query(create, names.clone()).await;
    assert_eq!(answer.data("createBox.box.content.edges.0.node.text"), &names["inner"]);
    let one = format!(
        r#"{{ boxes(where: {{ text: {{ equalTo: "box {number}" }} }}) {{ count edges {{ node {{
        content(order: [text_ASC]) {{ edges {{ node {{ text createdAt }} }} }} }} }} }} }}"#
    );
    let answer = server.master().query(&one, Value::Null).await;
    assert_eq!(answer.data("boxes.count"), 1);
    assert_eq!(answer.data("boxes.edges.0.node.content.edges.0.node.text"), &names["inner"]);
}

/// The pooler's connections have neither prepared statements nor time limits that somebody else would meet.
async fn nothing_is_left_behind(url: &str) {
    let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
    let asked = (0..10).map(async |_| {
        let mut connection = options.connect().await.unwrap();
        let question = "SELECT (SELECT count(*) FROM pg_prepared_statements)::text,
            current_setting('statement_timeout'), current_setting('lock_timeout'), pg_backend_pid()::text";
        let row = raw_sql(question).fetch_one(&mut connection).await.unwrap();
        [0, 1, 2, 3].map(|at| row.get::<String, _>(at))
    });
    let left = join_all(asked).await;
    assert!(
        left.iter()
            .all(|[prepared, limit, lock, _]| (prepared.as_str(), limit.as_str(), lock.as_str()) == ("0", "0", "0")),
        "{left:?}"
    );
}

#[tokio::test]
async fn time_limits_hold_behind_a_pooler() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let Some(pooler) = PgBouncer::start(&postgres, CONNECTIONS).await else { return };
    let data_dir = Scratch::new();
    let direct = postgres.create_database("app").await;
    let server = options(&data_dir, &pooler.url("app")).flag("--lock-timeout", "300ms").start().await;
    server.create_class("Note", &[("text", "String")]).await;
    let note = server.master().create("Note", json!({"text": "held"})).await;

    let mut holder = direct.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    raw_sql(r#"BEGIN; LOCK TABLE "Note" IN SHARE MODE"#).execute(&mut holder).await.unwrap();
    let delete = "mutation ($id: ID!) { deleteNote(input: { id: $id }) { note { id } } }";
    for _ in 0..4 {
        assert_eq!(server.master().query(delete, json!({"id": note})).await.code(), 124);
    }
    raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    server.master().query(delete, json!({"id": note})).await.ok();
}

#[tokio::test]
async fn without_its_setting_a_pooler_refuses_the_server() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let Some(pooler) = PgBouncer::start(&postgres, CONNECTIONS).await else { return };
    let data_dir = Scratch::new();
    let url = pooler.url("postgres");
    let refused = Options::on(data_dir.path(), Some(&url)).finish("serve").await;
    assert!(!refused.status.success() && refused.stderr.contains("startup parameter"), "{refused:?}");
    let of_servers = ["--listen", "--app-id", "--master-key", "--read-only-master-key", "--class-defaults"];
    let adopt = of_servers.into_iter().fold(options(&data_dir, &url), Options::without).finish("adopt --check").await;
    assert!(!adopt.status.success() && adopt.stderr.contains("pooler"), "{adopt:?}");
}
