//! A server that is told to stop finishes what it has begun, and one without a database says so.

use std::time::Duration;

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::harness::{Database, Server, on_both_databases};

on_both_databases![
    a_request_in_flight_is_finished_before_the_end,
    an_idle_connection_does_not_hold_up_the_end,
    a_request_that_never_ends_is_cut_off_in_time,
];

/// A connection of one's own, for requests that come in pieces.
async fn connect(server: &Server) -> TcpStream {
    let address = server.origin().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// The head of a request, and its body.
fn request(query: &str) -> (String, String) {
    let body = json!({"query": query}).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Parse-Application-Id: app\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head, body)
}

async fn a_request_in_flight_is_finished_before_the_end(database: &Database) {
    let mut server = Server::start(database).await;
    let mut connection = connect(&server).await;
    let (head, body) = request(
        "mutation { signUp(input: { fields: { username: \"late\", password: \"secret\" } }) { viewer { user { username } } } }",
    );
    let (begin, end) = body.split_at(10);
    connection.write_all((head + begin).as_bytes()).await.unwrap();
    // The next answer comes after the server has read the head.
    server.anonymous().query("{ health }", Value::Null).await.ok();
    server.terminate().await;
    while TcpStream::connect(server.origin().strip_prefix("http://").unwrap()).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    connection.write_all(end.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""username":"late""#), "{answer}");
    assert_eq!(server.ended().await.code(), Some(0));
}

async fn an_idle_connection_does_not_hold_up_the_end(database: &Database) {
    let server = Server::options(database).flag("--shutdown-timeout", "50s").start().await;
    let mut connection = connect(&server).await;
    let (head, body) = request("{ health }");
    connection.write_all((head + &body).as_bytes()).await.unwrap();
    let mut some = [0; 16];
    connection.read_exact(&mut some).await.unwrap();
    let patience = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
    assert_eq!(patience.expect("the server stops at once").status.code(), Some(0));
}

async fn a_request_that_never_ends_is_cut_off_in_time(database: &Database) {
    let server = Server::options(database).flag("--shutdown-timeout", "200ms").start().await;
    let mut connection = connect(&server).await;
    connection.write_all(request("{ health }").0.as_bytes()).await.unwrap();
    server.anonymous().query("{ health }", Value::Null).await.ok();
    let finished = server.stop().await;
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
}

#[tokio::test]
async fn a_server_that_lost_its_database_is_alive_but_not_ready() {
    Database::on_postgres(async |database| {
        let server = Server::options(database).flag("--connect-timeout", "500ms").start().await;
        let nobody = server.caller(&[]);
        assert_eq!(nobody.get("/ready").await.status, 200);

        let url = database.url().unwrap();
        let name = url.rsplit('/').next().unwrap();
        let admin = url.replace(name, "postgres");
        let mut connection = PgConnection::connect(&admin).await.unwrap();
        let cut = format!(
            r#"ALTER DATABASE "{name}" ALLOW_CONNECTIONS false;
               SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"#
        );
        for statement in cut.split(';') {
            raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        let answer = nobody.get("/ready").await;
        assert_eq!((answer.status, answer.json["status"].as_str()), (503, Some("not ready")), "{}", answer.body);
        assert!(!answer.body.contains(name) && !answer.body.contains("postgres"), "{}", answer.body);
        assert_eq!(nobody.get("/health").await.status, 200);

        let answer = server.anonymous().query("{ users { count } }", Value::Null).await;
        assert_eq!(answer.code(), 100, "{}", answer.body);

        raw_sql(AssertSqlSafe(format!(r#"ALTER DATABASE "{name}" ALLOW_CONNECTIONS true"#)))
            .execute(&mut connection)
            .await
            .unwrap();
        assert_eq!(nobody.get("/ready").await.status, 200, "the server finds its database again");
    })
    .await;
}
