//! Many servers that start at once on an empty database.

use futures::future::join_all;
use serde_json::Value;

use super::harness::{Database, Options, Scratch, Server, on_both_databases};
use super::postgres_server::PostgresServer;

on_both_databases![servers_that_start_at_once_all_come_up];

async fn servers_that_start_at_once_all_come_up(database: &Database) {
    let servers = join_all((0..5).map(|_| Server::options(database).flag("--max-connections", "3").start())).await;
    agree(&servers).await;
}

#[tokio::test]
async fn ten_servers_start_at_once_on_an_empty_postgresql() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    let url = postgres.create_database("app").await;
    let directories: Vec<_> = (0..10).map(|_| Scratch::new()).collect();
    let options = directories.iter().map(|directory| Options::on(directory.path(), Some(&url)));
    let servers = join_all(options.map(|options| options.flag("--max-connections", "3").start())).await;
    agree(&servers).await;
    let applied = r#"SELECT count(*)::text || '/' || count(DISTINCT "version")::text FROM "seaql_migrations""#;
    let applied = postgres.texts("app", applied).await.remove(0).unwrap();
    let (all, distinct) = applied.split_once('/').unwrap();
    assert_eq!(all, distinct, "each migration ran once");
}

/// All servers know the classes with which a database begins, and see what one of them makes.
async fn agree(servers: &[Server]) {
    let alice = servers[0].sign_up("alice").await;
    for server in servers {
        let answer = server.master().query("{ classes { name } }", Value::Null).await;
        assert_eq!(answer.data("classes").as_array().unwrap().len(), 3, "{}", answer.body);
        server.user(&alice).query("{ viewer { user { username } } }", Value::Null).await.ok();
    }
}
