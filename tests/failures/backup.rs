//! `portcullis backup`: a copy while servers work.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::agreement;
use super::harness::{Database, Finished, Options, Server};
use super::writers::{Told, Writers, prepare};

/// The program with what every command needs to know.
fn program(database: &Database) -> Options {
    ["--listen", "--app-id", "--master-key", "--read-only-master-key"]
        .into_iter()
        .fold(Server::options(database), Options::without)
}

async fn backup(database: &Database, target: &std::path::Path) -> Finished {
    program(database).finish(&format!("backup {}", target.display())).await
}

#[tokio::test]
async fn a_copy_made_while_two_servers_write_has_all_that_was_acknowledged() {
    Database::on_sqlite(async |database| {
        let (one, other) = (Server::start(database).await, Server::start(database).await);
        prepare(&one).await;
        // The other server follows within a second.
        let begun = std::time::Instant::now();
        while other.master().query("{ parents { count } }", Value::Null).await.status != 200 {
            assert!(begun.elapsed() < super::writers::PATIENCE, "the other server does not follow");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let clients = (0..8).map(|number| if number % 2 == 0 { one.anonymous() } else { other.anonymous() });
        let writers = Writers::start("w", clients);
        writers.wait_for(40).await;

        Database::on_sqlite(async |copied| {
            let target = copied.data_dir().join("portcullis.db");
            let before = writers.told();
            let finished = backup(database, &target).await;
            assert!(finished.status.success(), "{finished:?}");
            for told in ["portcullis.db", "keys.toml", "files"] {
                assert!(finished.stdout.contains(told), "{told} is not in: {}", finished.stdout);
            }
            assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::read_dir(copied.data_dir()).unwrap().count(), 1, "nothing else is left");
            writers.wait_for(8).await;
            let after = writers.stop().await;
            assert_eq!(after.codes.len(), 0, "nobody was turned away: {:?}", after.codes);
            agreement::check(copied, &before).await;
            agreement::check(database, &after).await;

            let server = Server::start(copied).await;
            let writers = Writers::start("again", [server.anonymous()]);
            writers.wait_for(1).await;
            let more = writers.stop().await;
            agreement::check(copied, &more).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_overwrites_nothing_and_says_what_it_is_for() {
    Database::on_sqlite(async |database| {
        let target = database.data_dir().join("copy");
        let finished = backup(database, &target).await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("portcullis.db: No such file"), "{}", finished.stderr);
        assert_eq!(std::fs::read_dir(database.data_dir()).unwrap().count(), 0, "no database was made");

        prepare(&Server::start(database).await).await;
        std::fs::write(&target, "something of mine").unwrap();
        let finished = backup(database, &target).await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("exists"), "{}", finished.stderr);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "something of mine");

        let finished = backup(database, &database.data_dir().join("no/such/directory")).await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("no/such/directory"), "{}", finished.stderr);
        agreement::check(database, &Told::default()).await;
    })
    .await;
}

#[tokio::test]
async fn postgresql_is_for_pg_dump() {
    Database::on_postgres(async |database| {
        let target = database.data_dir().join("copy");
        let finished = backup(database, &target).await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("pg_dump"), "{}", finished.stderr);
        assert!(!target.exists());
    })
    .await;
}
