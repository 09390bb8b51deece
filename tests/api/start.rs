//! A server starts without any configuration, and says all that is wrong with one that it is given.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::harness::{Database, Options, Server, on_both_databases};

on_both_databases![
    a_server_without_configuration_makes_keys_and_shows_none,
    the_second_start_keeps_the_keys,
    two_servers_that_start_together_share_one_set_of_keys,
    a_database_is_migrated_without_a_server,
    the_schema_of_a_database_is_printed,
    the_first_start_logs_nothing_that_went_as_it_should,
];

/// The server as a newcomer starts it, but for its port.
fn unconfigured(database: &Database) -> Options {
    let flags = ["--app-id", "--master-key", "--read-only-master-key", "--class-defaults"];
    flags.into_iter().fold(Server::options(database), Options::without)
}

/// A key of the file in the data directory.
fn key(data_dir: &Path, name: &str) -> String {
    let file = std::fs::read_to_string(data_dir.join("keys.toml")).expect("there are keys");
    let line = file.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
    line.expect("the key is in the file").trim_matches('"').to_owned()
}

fn keys(data_dir: &Path) -> [String; 3] {
    ["app_id", "master_key", "read_only_master_key"].map(|name| key(data_dir, name))
}

async fn a_server_without_configuration_makes_keys_and_shows_none(database: &Database) {
    let server = unconfigured(database).start().await;
    let [app_id, master_key, read_only] = keys(database.data_dir());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&database.data_dir().join("keys.toml")), 0o600);
    assert!(master_key.len() >= 32 && read_only.len() >= 32 && master_key != read_only);

    let master = server.caller(&[("X-Parse-Application-Id", &app_id), ("X-Parse-Master-Key", &master_key)]);
    master.query("{ classes { name } }", Value::Null).await.ok();
    let reader = server.caller(&[("X-Parse-Application-Id", &app_id), ("X-Parse-Master-Key", &read_only)]);
    reader.query("{ classes { name } }", Value::Null).await.ok();

    let url = server.url().to_owned();
    let finished = server.stop().await;
    let output = finished.stdout.clone() + &finished.stderr;
    assert!(!output.contains(&master_key) && !output.contains(&read_only), "a key was printed: {output}");
    for told in [url.as_str(), "keys.toml", "GraphiQL"] {
        assert!(finished.stdout.contains(told), "{told} is not in: {}", finished.stdout);
    }
}

async fn the_second_start_keeps_the_keys(database: &Database) {
    let server = unconfigured(database).start().await;
    let before = keys(database.data_dir());
    let server = server.restart().await;
    assert_eq!(keys(database.data_dir()), before);

    let output = server.stop().await;
    let output = output.stdout + &output.stderr;
    assert!(before.iter().skip(1).all(|key| !output.contains(key)), "a key was printed: {output}");
}

async fn two_servers_that_start_together_share_one_set_of_keys(database: &Database) {
    let (one, other) = tokio::join!(unconfigured(database).start(), unconfigured(database).start());
    let [app_id, master_key, _] = keys(database.data_dir());
    for server in [&one, &other] {
        let master = server.caller(&[("X-Parse-Application-Id", &app_id), ("X-Parse-Master-Key", &master_key)]);
        let answer = master.query("{ classes { name } }", Value::Null).await;
        assert_eq!(answer.data("classes").as_array().unwrap().len(), 3, "{}", answer.body);
    }
}

async fn a_database_is_migrated_without_a_server(database: &Database) {
    let options = database_only(database);
    for _ in ["the first time", "and again"] {
        let finished = options.finish("migrate").await;
        assert!(finished.status.success(), "{finished:?}");
    }
    let tables = if database.is_postgres() {
        "SELECT table_name::text FROM information_schema.tables WHERE table_name = '_SCHEMA'"
    } else {
        "SELECT name FROM sqlite_master WHERE name = '_SCHEMA'"
    };
    assert_eq!(database.texts(tables).await, [Some("_SCHEMA".to_owned())]);
}

async fn the_schema_of_a_database_is_printed(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let finished = database_only(database).finish("schema print").await;
    assert!(finished.status.success(), "{finished:?}");
    assert!(finished.stdout.contains("type Note implements"), "{}", finished.stdout);
}

async fn the_first_start_logs_nothing_that_went_as_it_should(database: &Database) {
    let finished = Server::start(database).await.stop().await;
    assert!(!finished.stderr.contains("already exists"), "{}", finished.stderr);
}

#[tokio::test]
async fn a_server_listens_on_a_name() {
    Database::on_sqlite(async |database| {
        let server = Server::options(database).flag("--listen", "localhost:0").start().await;
        assert!(server.url().starts_with("http://localhost:"), "{}", server.url());
        server.anonymous().query("{ health }", Value::Null).await.ok();
    })
    .await;
}

/// The options that every command has.
fn database_only(database: &Database) -> Options {
    ["--listen", "--app-id", "--master-key", "--read-only-master-key"]
        .into_iter()
        .fold(Server::options(database), Options::without)
}

#[tokio::test]
async fn all_mistakes_are_listed_at_once() {
    Database::on_sqlite(async |database| {
        let file = "sessoin_length = \"1d\"\nmax_connections = \"many\"\n";
        std::fs::write(database.data_dir().join("portcullis.toml"), file).unwrap();
        let options = Server::options(database)
            .flag("--request-timeout", "30")
            .flag("--environment", "nowhere")
            .variable("PORTCULLIS_MASTER_KY", "a secret of the operator")
            .variable("PORTCULLIS_TRUST_PROXY", "everybody");
        let finished = options.finish("serve").await;
        assert_eq!(finished.status.code(), Some(2), "{finished:?}");
        for told in ["sessoin_length", "max_connections", "request", "nowhere", "PORTCULLIS_MASTER_KY", "everybody"] {
            assert!(finished.stderr.contains(told), "{told} is not in: {}", finished.stderr);
        }
        assert!(!finished.stderr.contains("a secret of the operator"), "{}", finished.stderr);
        assert_eq!(finished.stdout, "");
    })
    .await;
}

#[tokio::test]
async fn settings_that_contradict_each_other_stop_the_start() {
    Database::on_sqlite(async |database| {
        let refused = async |options: Options, told: &[&str]| {
            let finished = options.finish("serve").await;
            assert_eq!(finished.status.code(), Some(2), "{finished:?}");
            for told in told {
                assert!(finished.stderr.contains(told), "{told} is not in: {}", finished.stderr);
            }
            assert!(!finished.stderr.contains("hunter2"), "a key was printed: {}", finished.stderr);
        };
        let same = Server::options(database).flag("--master-key", "hunter2").flag("--read-only-master-key", "hunter2");
        refused(same, &["--master-key", "--read-only-master-key"]).await;
        let weak = Server::options(database)
            .flag("--master-key", "hunter2")
            .flag("--read-only-master-key", "hunter3")
            .flag("--environment", "production");
        refused(weak, &["--master-key", "--read-only-master-key"]).await;
    })
    .await;
}

#[tokio::test]
async fn keys_that_others_can_read_stop_the_start() {
    Database::on_sqlite(async |database| {
        unconfigured(database).start().await.stop().await;
        let file = database.data_dir().join("keys.toml");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let finished = unconfigured(database).finish("serve").await;
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains("keys.toml") && finished.stderr.contains("chmod 600"), "{}", finished.stderr);
    })
    .await;
}

#[tokio::test]
async fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    Database::on_sqlite(async |database| {
        let file = "app_id = \"of-the-file\"\nclass_defaults = \"parse\"\n";
        std::fs::write(database.data_dir().join("portcullis.toml"), file).unwrap();
        let knows = async |options: Options, app_id: &str| {
            let server = options.start().await;
            let caller = server.caller(&[("X-Parse-Application-Id", app_id)]);
            caller.query("{ health }", Value::Null).await.ok();
        };
        let options = Server::options(database).without("--app-id").without("--class-defaults");
        knows(options.clone(), "of-the-file").await;
        let options = options.variable("PORTCULLIS_APP_ID", "of-the-environment");
        knows(options.clone(), "of-the-environment").await;
        knows(options.flag("--app-id", "of-the-flag"), "of-the-flag").await;
    })
    .await;
}
