//! PostgreSQL that lacks something: connections, time, space.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sea_orm::sqlx::{self, Connection as _, PgConnection};
use serde_json::{Value, json};

use super::agreement;
use super::harness::{Database, Scratch, Server};
use super::mount::Mount;
use super::outage::{RECOVERY, Stage, eight, impatient, is_away, recovers, told, turned_away};
use super::postgres_server::PostgresServer;
use super::writers::{Writers, prepare};

#[tokio::test]
async fn a_server_gets_by_with_the_connections_that_are_left() {
    let Some(stage) = Stage::set(&["max_connections = 14"]).await else { return };
    let server = stage.server().await;
    let mut others = Vec::new();
    while let Ok(connection) = PgConnection::connect(&stage.cluster.url("postgres")).await {
        others.push(connection);
    }
    assert!(others.len() > 5, "{} connections were left", others.len());
    let newcomer = impatient(Server::options(&stage.database)).finish("serve").await;
    assert_eq!(newcomer.status.code(), Some(1), "{newcomer:?}");
    assert!(newcomer.stderr.contains("the database cannot be reached in time"), "{}", newcomer.stderr);

    let writers = eight("w", &server);
    writers.wait_for(8).await;
    for connection in others {
        connection.close().await.unwrap();
    }
    recovers(&server, &writers).await;
    let told = told(writers).await;
    agreement::check(&stage.database, &told).await;
}

#[tokio::test]
async fn a_lock_that_somebody_else_holds_is_not_waited_for_without_end() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let by_lock = impatient(Server::options(&stage.database)).flag("--lock-timeout", "300ms").start().await;
    prepare(&by_lock).await;
    let by_statement = impatient(Server::options(&stage.database))
        .without("--lock-timeout")
        .flag("--statement-timeout", "300ms")
        .start()
        .await;
    let mut other = PgConnection::connect(stage.database.url().unwrap()).await.unwrap();
    sqlx::raw_sql(r#"BEGIN; LOCK TABLE "Parent""#).execute(&mut other).await.unwrap();
    for server in [&by_lock, &by_statement] {
        let writers = eight(&format!("w{}", server.url().len()), server);
        turned_away(&server.anonymous(), "{ parents { count } }").await;
        let told = told(writers).await;
        assert_eq!(told.codes, [124].into());
        assert_eq!(server.anonymous().get("/ready").await.status, 200, "it is one table only");
        agreement_after(&mut other, &stage, server, &told).await;
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_looked_up_is_not_called_invalid() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = impatient(Server::options(&stage.database)).flag("--lock-timeout", "300ms").start().await;
    let user = server.sign_up("alice").await;
    let mut other = PgConnection::connect(stage.database.url().unwrap()).await.unwrap();
    sqlx::raw_sql(r#"BEGIN; LOCK TABLE "_Session""#).execute(&mut other).await.unwrap();
    let viewer = "{ viewer { user { username } } }";
    let privy = server.master().with("X-Parse-Session-Token", &user.token);
    for caller in [server.user(&user), privy.clone()] {
        turned_away(&caller, viewer).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(privy.query(viewer, Value::Null).await.text("viewer.user.username"), "alice");
}

#[tokio::test]
async fn what_cannot_be_read_after_a_change_is_missing_from_its_answer() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = impatient(Server::options(&stage.database)).flag("--lock-timeout", "300ms").start().await;
    prepare(&server).await;
    let write = |verb: &str, rest: &str| {
        let payload = "{ parent { name child { name } } }";
        format!("mutation ($fields: {verb}ParentFieldsInput{rest}fields: $fields }}) {payload} }}")
    };
    let create = write("Create", ") { createParent(input: { ");
    let update = write("Update", ", $id: ID!) { updateParent(input: { id: $id, ");
    let fields = json!({"name": "a", "child": {"createAndLink": {"name": "b"}}});
    server.anonymous().query(&create, json!({"fields": fields})).await.ok();
    let parents =
        server.anonymous().query("{ parents { edges { node { id child { objectId } } } } }", Value::Null).await;
    let child = parents.data("parents.edges.0.node.child.objectId").clone();

    let mut other = PgConnection::connect(stage.database.url().unwrap()).await.unwrap();
    sqlx::raw_sql(r#"BEGIN; LOCK TABLE "Child""#).execute(&mut other).await.unwrap();
    let anybody = server.anonymous();
    let updated = json!({"id": parents.text("parents.edges.0.node.id"), "fields": {"name": "c"}});
    let linked = json!({"fields": {"name": "d", "child": {"link": child}}});
    for (document, variables, root, name) in
        [(&update, updated, "updateParent", "c"), (&create, linked, "createParent", "d")]
    {
        let answer = anybody.query(document, variables).await;
        assert_eq!(answer.partial(&format!("{root}.parent")), &json!({"name": name, "child": null}));
        let error = &serde_json::from_str::<Value>(&answer.body).unwrap()["errors"][0];
        assert_eq!(error["path"], json!([root, "parent", "child"]));
        assert_eq!(error["extensions"]["code"], 124);
        assert_eq!(error["message"], "The change was made, but this could not be read afterwards.");
    }
    // What would be written along with it cannot be written, so nothing is.
    let nested = json!({"fields": {"name": "e", "child": {"createAndLink": {"name": "f"}}}});
    assert_eq!(anybody.query(&create, nested).await.code(), 124);
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let parents = "{ parents(order: name_ASC) { edges { node { name } } } }";
    assert_eq!(anybody.query(parents, Value::Null).await.each("parents", "name"), ["c", "d"]);
}

/// Checks what is stored once the table is free, and takes it again.
async fn agreement_after(other: &mut PgConnection, stage: &Stage, server: &Server, told: &super::writers::Told) {
    sqlx::raw_sql("COMMIT").execute(&mut *other).await.unwrap();
    server.anonymous().query("{ parents { count } }", Value::Null).await.ok();
    agreement::check(&stage.database, told).await;
    sqlx::raw_sql(r#"BEGIN; LOCK TABLE "Parent""#).execute(&mut *other).await.unwrap();
}

/// The processes of a server.
fn processes(cluster: &PostgresServer) -> Vec<String> {
    let main = std::fs::read_to_string(cluster.directory().join("db/postmaster.pid")).unwrap();
    let main = main.lines().next().unwrap().to_owned();
    let children = std::fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap();
    children.split_whitespace().map(ToOwned::to_owned).chain([main]).collect()
}

fn signal(name: &str, processes: &[String]) {
    // One of them may have ended meanwhile.
    Command::new("kill").arg(name).args(processes).output().unwrap();
}

#[tokio::test]
async fn a_database_that_stands_still_holds_nobody_up_without_end() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = impatient(Server::options(&stage.database))
        .without("--lock-timeout")
        .flag("--request-timeout", "1s")
        .start()
        .await;
    prepare(&server).await;
    let writers = eight("w", &server);
    writers.wait_for(8).await;
    let mut stopped = processes(&stage.cluster);
    signal("-STOP", &stopped);
    is_away(&server).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        is_away(&server).await;
    }
    // The main process can have begun others between the two looks.
    stopped.extend(processes(&stage.cluster));
    signal("-CONT", &stopped);
    eprintln!("works again after {:?}", recovers(&server, &writers).await);
    let told = told(writers).await;
    agreement::check(&stage.database, &told).await;
}

#[tokio::test]
async fn a_full_disk_stops_writes_only_and_only_while_it_is_full() {
    let place = Scratch::new();
    let Some(_mount) = Mount::on(place.path(), 24) else { return };
    let Some(cluster) = PostgresServer::start(&[]).await else { return };
    let ballast = place.path().join("ballast");
    std::fs::write(&ballast, vec![0; 6_000_000]).unwrap();
    let space: PathBuf = place.path().join("space");
    std::fs::create_dir(&space).unwrap();
    // Only root has got this far.
    assert!(Command::new("chown").arg("postgres:").arg(&space).status().unwrap().success());
    cluster.execute("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", space.display())).await;
    cluster.execute("postgres", "CREATE DATABASE app TEMPLATE template0 TABLESPACE small").await;

    let database = Database::at(cluster.url("app"));
    let server = impatient(Server::options(&database)).start().await;
    prepare(&server).await;
    server.create_class("Note", &[("bytes", "Array")]).await;
    let create = "mutation ($bytes: [Any]) { createNote(input: { fields: { bytes: $bytes } }) { note { objectId } } }";
    // Random numbers do not shrink when the database compresses them.
    let bytes: Vec<u64> = (0..4_000).map(|_| rand::random::<u32>().into()).collect();
    let client = server.anonymous();
    let mut refused = None;
    for _ in 0..2_000 {
        let answer = client.query(create, json!({"bytes": bytes})).await;
        if !answer.codes().is_empty() {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a full disk takes everything");
    assert_eq!((refused.code(), refused.messages()), (100, vec!["The database is full.".to_owned()]));
    client.query("{ notes { count } }", Value::Null).await.ok();
    assert_eq!(client.get("/ready").await.status, 200);
    let writers = Writers::start("full", [client.clone()]);
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(1) && writers.told().refused.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut all = told(writers).await;

    std::fs::remove_file(&ballast).unwrap();
    let writers = Writers::start("space", [client.clone()]);
    writers.wait_for(3).await;
    let more = writers.stop().await;
    assert_eq!(more.codes, BTreeSet::new());
    all.add(more);
    assert!(begun.elapsed() < RECOVERY);
    client.query(create, json!({"bytes": bytes})).await.ok();
    agreement::check(&database, &all).await;
}
