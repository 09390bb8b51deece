//! Files that the server may not write to: it says so at the start, and names them.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, raw_sql};

use super::harness::{Database, Options, Scratch, Server};

/// A start that must fail, and say this.
async fn refused(options: Options, told: &[&str]) {
    for command in ["serve", "migrate"] {
        let options = match command {
            "serve" => options.clone(),
            _ => ["--listen", "--app-id", "--master-key", "--read-only-master-key"]
                .into_iter()
                .fold(options.clone(), Options::without),
        };
        let finished = options.powerless().finish(command).await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert_eq!(finished.stdout, "", "{finished:?}");
        for told in told {
            assert!(finished.stderr.contains(told), "{told} is not in: {}", finished.stderr);
        }
    }
}

/// Ends what a server may have left beside the file, which would be enough for the next one.
async fn tidy(file: &Path) {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    assert!(!file.with_extension("db-wal").exists() && !file.with_extension("db-shm").exists());
}

fn permit(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_written_stops_the_start() {
    Database::on_sqlite(async |database| {
        Server::start(database).await.stop().await;
        let file = database.data_dir().join("portcullis.db");
        permit(&file, 0o400);
        refused(Server::options(database), &["portcullis.db cannot be written to", "Permission denied"]).await;
        permit(&file, 0o600);
        Server::options(database).powerless().start().await;
    })
    .await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_stops_the_start() {
    Database::on_sqlite(async |database| {
        let place = Scratch::new();
        let file = place.path().join("app.db");
        let options = || Server::options(database).flag("--database-url", &format!("sqlite:{}", file.display()));
        permit(place.path(), 0o500);
        refused(options(), &["app.db cannot be made", "Permission denied"]).await;

        permit(place.path(), 0o700);
        options().start().await.stop().await;
        tidy(&file).await;
        permit(place.path(), 0o500);
        refused(options(), &["app.db cannot be written to", "files beside it"]).await;
        permit(place.path(), 0o700);
        options().powerless().start().await;
    })
    .await;
}
