//! Servers that are killed, by SIGKILL, in the middle of what they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use super::agreement;
use super::harness::{Client, Database, Server, on_both_databases};
use super::writers::{Told, Writers, prepare};

on_both_databases![
    nothing_is_half_done_when_the_server_is_killed_again_and_again,
    nothing_is_half_done_when_the_first_start_is_killed,
];

/// How often a server is killed.
const ROUNDS: u64 = 8;

const CREATE: &str = "mutation ($name: String!) { createClass(input: { name: $name, schemaFields: {
    addStrings: [{ name: \"text\" }, { name: \"must\", required: true, defaultValue: \"x\" }]
    addRelations: [{ name: \"kids\", targetClassName: \"Child\" }]
} }) { class { name } } }";
const CHANGE: &str = "mutation ($name: String!) { updateClass(input: { name: $name, schemaFields: {
    remove: [{ name: \"text\" }, { name: \"kids\" }]
    addNumbers: [{ name: \"number\" }], addRelations: [{ name: \"others\", targetClassName: \"Child\" }]
    addIndexes: [{ name: \"byNumber\", keys: [{ field: \"number\" }] }]
} }) { class { name } } }";
const DELETE: &str = "mutation ($name: String!) { deleteClass(input: { name: $name }) { class { name } } }";

/// Makes, changes and deletes classes until it is told to stop, or nobody answers.
fn alter(master: Client, prefix: String, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        for count in 0.. {
            let name = format!("{prefix}x{count}");
            for text in [CREATE, CHANGE, DELETE] {
                // Some are left, so that there are tables to compare.
                if text == DELETE && count % 4 == 3 {
                    continue;
                }
                let answer = master.attempt(text, json!({"name": name})).await;
                if answer.is_err() || stop.load(Ordering::Relaxed) {
                    return;
                }
                answer.unwrap().ok();
            }
        }
    })
}

async fn nothing_is_half_done_when_the_server_is_killed_again_and_again(database: &Database) {
    let mut server = Server::start(database).await;
    prepare(&server).await;
    let mut told = Told::default();
    for round in 0..ROUNDS {
        let writers = Writers::start(&format!("r{round}"), (0..8).map(|_| server.anonymous()));
        let stop = Arc::new(AtomicBool::new(false));
        let alterers = ["A", "B"].map(|name| alter(server.master(), format!("{name}{round}"), &stop));
        writers.wait_for(3).await;
        // Somewhere in the middle, each time somewhere else.
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..150))).await;
        let options = server.kill().await;
        stop.store(true, Ordering::Relaxed);
        for alterer in alterers {
            alterer.await.unwrap();
        }
        told.add(writers.stop().await);
        server = options.start().await;
        agreement::check(database, &told).await;
    }
    assert!(told.made.len() >= 24 && told.codes.is_empty(), "{told:?}");
    let writers = Writers::start("last", [server.anonymous()]);
    writers.wait_for(1).await;
    told.add(writers.stop().await);
    agreement::check(database, &told).await;
}

async fn nothing_is_half_done_when_the_first_start_is_killed(database: &Database) {
    for step in 0..12 {
        let mut child = Server::options(database).spawn("serve");
        // Somewhere between the start of the process and the end of its migrations, which take some tenths of a second.
        tokio::time::sleep(Duration::from_millis(step * 25)).await;
        child.kill().await.unwrap();
    }
    let server = Server::start(database).await;
    prepare(&server).await;
    let writers = Writers::start("w", [server.anonymous()]);
    writers.wait_for(3).await;
    let told = writers.stop().await;
    agreement::check(database, &told).await;
}
