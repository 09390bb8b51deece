//! A disk without space: writes are refused in clear words, reads go on, and so do writes once there is space.

use serde_json::{Value, json};

use super::agreement;
use super::harness::{Answer, Client, Database, Server};
use super::mount::Mount;
use super::writers::{Told, Writers, prepare};

const CREATE: &str =
    "mutation ($text: String) { createNote(input: { fields: { text: $text } }) { note { objectId } } }";

/// A write that was refused because the disk is full.
fn refused(answer: &Answer) {
    assert_eq!(answer.code(), 100, "{}", answer.body);
    assert_eq!(answer.messages(), ["The database is full."]);
}

/// Writes until nothing fits any more, and gives how much did.
async fn fill(client: &Client) -> usize {
    for size in [40_000, 4_000, 400] {
        let text = "x".repeat(size);
        for _ in 0..10_000 {
            let answer = client.query(CREATE, json!({"text": text})).await;
            if !answer.codes().is_empty() {
                refused(&answer);
                break;
            }
        }
    }
    count(client).await
}

async fn count(client: &Client) -> usize {
    let answer = client.query("{ notes { count } }", Value::Null).await;
    usize::try_from(answer.data("notes.count").as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn a_full_disk_stops_writes_only_and_only_while_it_is_full() {
    Database::on_sqlite(async |database| {
        let Some(_mount) = Mount::on(database.data_dir(), 9) else { return };
        // More than the log that fills the rest, which is to be written to the database once there is space.
        let ballast = database.data_dir().join("ballast");
        std::fs::write(&ballast, vec![0; 5_000_000]).unwrap();
        let server = Server::start(database).await;
        prepare(&server).await;
        server.create_class("Note", &[("text", "String")]).await;
        let client = server.anonymous();
        let notes = fill(&client).await;
        assert!(notes > 10, "{notes} notes");

        let writers = Writers::start("full", [client.clone()]);
        let begun = std::time::Instant::now();
        while writers.told().refused.is_empty() {
            assert!(begun.elapsed() < super::writers::PATIENCE, "a full disk takes everything");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let told = writers.stop().await;
        assert_eq!(told.codes, [100].into());
        let class = "mutation { createClass(input: { name: \"More\", schemaFields: { addRelations: [{ name: \"r\", targetClassName: \"Note\" }] } }) { class { name } } }";
        refused(&server.master().query(class, Value::Null).await);
        assert_eq!(count(&client).await, notes, "reads go on");
        assert_eq!(client.get("/ready").await.status, 200);
        agreement::check(database, &told).await;

        std::fs::remove_file(&ballast).unwrap();
        let writers = Writers::start("space", [client.clone()]);
        writers.wait_for(3).await;
        let mut more: Told = writers.stop().await;
        assert!(more.codes.is_empty(), "{:?}", more.codes);
        more.add(told);
        server.master().query(class, Value::Null).await.ok();
        let server = server.kill().await.start().await;
        assert_eq!(count(&server.anonymous()).await, notes);
        agreement::check(database, &more).await;
    })
    .await;
}
