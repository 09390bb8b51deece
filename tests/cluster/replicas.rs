//! Reading from replicas: clients who ask for it get it, and nobody sees what has been withdrawn.

use serde_json::{Value, json};

use super::harness::{Client, Options, Scratch, Server};
use super::postgres_server::{PostgresServer, Stop};
use super::scene::{a_second, find, readable, set_acl, texts, until};

const FROM_REPLICA: &str = "options: { readPreference: SECONDARY }";

/// A primary with a standby, and how to start servers that know both.
struct Scene {
    primary: PostgresServer,
    standby: PostgresServer,
    data_dir: Scratch,
}

impl Scene {
    async fn new() -> Option<Self> {
        let primary = PostgresServer::start(&["log_statement = 'all'"]).await?;
        primary.create_database("app").await;
        let standby = primary.standby().await;
        Some(Self { primary, standby, data_dir: Scratch::new() })
    }

    fn options(&self) -> Options {
        let options = Options::on(self.data_dir.path(), Some(&self.primary.url("app")));
        options.flag("--replica-urls", &self.standby.url("app"))
    }

    /// Stops or continues to replay what the primary writes; the standby goes on answering.
    async fn replay(&self, runs: bool) {
        let (call, wanted) = if runs { ("resume", "not paused") } else { ("pause", "paused") };
        self.standby.execute("app", &format!("SELECT pg_wal_replay_{call}()")).await;
        until("the replay is paused or not", async || {
            let state = self.standby.texts("app", "SELECT pg_get_wal_replay_pause_state()").await;
            state == [Some(wanted.to_owned())]
        })
        .await;
    }

    /// How many statements on notes the standby was sent.
    fn asked_of_standby(&self) -> usize {
        let log = self.standby.log();
        log.lines().filter(|line| line.contains("execute") && line.contains(r#"FROM "Note""#)).count()
    }

    /// Waits until the standby answers queries that prefer it.
    async fn answers(&self, caller: &Client) {
        let before = self.asked_of_standby();
        until("the standby is asked", async || {
            find(caller, "notes", FROM_REPLICA).await.ok();
            self.asked_of_standby() > before
        })
        .await;
    }
}

/// The texts of the notes, as a caller sees them who prefers a replica.
async fn seen(caller: &Client) -> Vec<Value> {
    find(caller, "notes", FROM_REPLICA).await.each("notes", "text")
}

async fn counted(caller: &Client) -> Value {
    let query = format!("{{ notes({FROM_REPLICA}) {{ count }} }}");
    caller.query(&query, Value::Null).await.data("notes.count").clone()
}

async fn with_a_note(server: &Server) -> String {
    server.create_class("Note", &[("text", "String"), ("next", "Pointer:Note")]).await;
    server.master().create("Note", json!({"text": "a", "ACL": readable(true)})).await
}

#[tokio::test]
async fn a_replica_answers_who_asks_for_it() {
    let Some(scene) = Scene::new().await else { return };
    let server = scene.options().start().await;
    with_a_note(&server).await;
    let stranger = server.anonymous();
    scene.answers(&stranger).await;

    let asked = scene.asked_of_standby();
    for options in ["", "options: { readPreference: PRIMARY }", "options: { readPreference: PRIMARY_PREFERRED }"] {
        assert_eq!(find(&stranger, "notes", options).await.each("notes", "text"), [json!("a")]);
    }
    assert_eq!(scene.asked_of_standby(), asked, "nobody asked for the replica");
    for name in ["SECONDARY_PREFERRED", "NEAREST"] {
        let asked = scene.asked_of_standby();
        let options = format!("options: {{ readPreference: {name} }}");
        until("the standby is asked", async || {
            find(&stranger, "notes", &options).await.ok();
            scene.asked_of_standby() > asked
        })
        .await;
    }
    // What a mutation answers is read where it was written.
    let asked = scene.asked_of_standby();
    let create = "mutation { createNote(input: { fields: { text: \"b\" } }) { note { text } } }";
    assert_eq!(stranger.query(create, Value::Null).await.data("createNote.note.text"), "b");
    assert_eq!(scene.asked_of_standby(), asked);

    scene.standby.stop(Stop::Immediate).await;
    assert_eq!(seen(&stranger).await, [json!("a"), json!("b")], "the primary takes over");
    scene.standby.start_again().await;
    scene.answers(&stranger).await;
    assert_eq!(seen(&stranger).await, [json!("a"), json!("b")]);
}

/// The replica goes on answering, and what it shows gets older and older.
#[tokio::test]
async fn a_replica_that_falls_behind_shows_nothing_withdrawn() {
    let Some(scene) = Scene::new().await else { return };
    let (one, other) = tokio::join!(scene.options().start(), scene.options().start());
    let note = with_a_note(&one).await;
    a_second().await;
    scene.answers(&one.anonymous()).await;
    scene.answers(&other.anonymous()).await;

    scene.replay(false).await;
    set_acl(&one, &note, readable(false)).await;
    // The control: the replica itself still shows the note to everybody.
    let public = r#"SELECT "text" FROM "Note" WHERE '*' = ANY("_rperm")"#;
    assert_eq!(scene.standby.texts("app", public).await, [Some("a".to_owned())]);
    assert_eq!(seen(&one.anonymous()).await, Vec::<Value>::new(), "at once on the server that withdrew it");
    assert_eq!(counted(&one.anonymous()).await, 0);
    a_second().await;
    for server in [&one, &other] {
        assert_eq!(seen(&server.anonymous()).await, Vec::<Value>::new(), "a second later on all servers");
        assert_eq!(counted(&server.anonymous()).await, 0);
        let get = format!("query ($id: ID!) {{ note(id: $id {FROM_REPLICA}) {{ text }} }}");
        assert_eq!(server.anonymous().query(&get, json!({"id": note})).await.code(), 101);
        // Nor does a sub-query find it.
        let inner = format!(
            r#"{{ notes(where: {{ next: {{ have: {{ text: {{ equalTo: "a" }} }} }} }} {FROM_REPLICA}) {{ count }} }}"#
        );
        assert_eq!(server.anonymous().query(&inner, Value::Null).await.data("notes.count"), 0);
    }
    // New columns are not there yet on the replica.
    one.create_class("Note2", &[("text", "String")]).await;
    assert_eq!(find(&one.anonymous(), "note2s", FROM_REPLICA).await.each("note2s", "text"), Vec::<Value>::new());

    scene.replay(true).await;
    scene.answers(&one.anonymous()).await;
    assert_eq!(seen(&one.anonymous()).await, Vec::<Value>::new());
}

/// What this server has done is in force at once, however fast the replica is.
#[tokio::test]
async fn who_withdraws_something_does_not_see_it_any_more() {
    let Some(scene) = Scene::new().await else { return };
    let server = scene.options().start().await;
    let note = with_a_note(&server).await;
    let stranger = server.anonymous();
    scene.answers(&stranger).await;
    for round in 0..30 {
        let open = round % 2 == 1;
        set_acl(&server, &note, readable(open)).await;
        assert_eq!(seen(&stranger).await.len(), usize::from(open), "round {round}");
    }
}

/// A standby that was promoted goes its own way, and so does a server that never was one.
#[tokio::test]
async fn a_server_that_follows_nobody_is_no_replica() {
    let Some(scene) = Scene::new().await else { return };
    let server = scene.options().start().await;
    with_a_note(&server).await;
    let stranger = server.anonymous();
    scene.answers(&stranger).await;
    scene.standby.promote().await;
    scene.standby.execute("app", r#"UPDATE "Note" SET "text" = 'of another history'"#).await;
    a_second().await;
    for _ in 0..5 {
        assert_eq!(seen(&stranger).await, [json!("a")]);
    }
    assert_eq!(texts(&stranger, "notes").await, Ok(vec![json!("a")]));
}

#[tokio::test]
async fn a_standby_of_another_cluster_is_no_replica() {
    let Some(scene) = Scene::new().await else { return };
    let Some(foreign) = PostgresServer::start(&[]).await else { return };
    foreign.create_database("app").await;
    // It has the same classes and another note, and is further in its own log.
    let other_dir = Scratch::new();
    let other = Options::on(other_dir.path(), Some(&foreign.url("app"))).start().await;
    other.create_class("Note", &[("text", "String"), ("next", "Pointer:Note")]).await;
    other.master().create("Note", json!({"text": "foreign", "ACL": readable(true)})).await;
    for _ in 0..3 {
        foreign
            .execute(
                "app",
                "SELECT pg_switch_wal(); CREATE TABLE IF NOT EXISTS filler (n int); INSERT INTO filler VALUES (1)",
            )
            .await;
    }
    let follower = foreign.standby().await;
    until("it follows", async || {
        follower.texts("app", r#"SELECT "text" FROM "Note""#).await == [Some("foreign".to_owned())]
    })
    .await;

    let server = scene.options().flag("--replica-urls", &follower.url("app")).start().await;
    with_a_note(&server).await;
    for _ in 0..5 {
        assert_eq!(seen(&server.anonymous()).await, [json!("a")]);
    }
}
