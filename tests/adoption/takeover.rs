//! Users, sessions, files, relations and rows of a Parse Server work at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::dump::{execute, on_a_parse_database, take_over, text};
use super::harness::{Answer, Client};

const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken user { username } } }
}";

async fn log_in(client: &Client, username: &str, password: &str) -> Answer {
    client.query(LOG_IN, json!({"username": username, "password": password})).await
}

#[tokio::test]
async fn an_old_password_logs_in_and_is_hashed_anew() {
    on_a_parse_database(async |database| {
        let server = take_over(database).await;
        let nobody = server.anonymous();
        let hash = r#"SELECT "_hashed_password" FROM "_User" WHERE "username" = 'alex'"#;
        let old = text(database, hash).await;
        assert!(old.starts_with("$2y$10$"), "{old}");

        assert_eq!(log_in(&nobody, "alex", "alex-secret-2").await.code(), 101);
        assert_eq!(text(database, hash).await, old);

        let answer = log_in(&nobody, "alex", "alex-secret-1").await;
        assert_eq!(answer.text("logIn.viewer.user.username"), "alex");
        let new = text(database, hash).await;
        assert!(new.starts_with("$argon2id$"), "{new}");

        let answer = log_in(&nobody, "alex@example.com", "alex-secret-1").await;
        let token = answer.text("logIn.viewer.sessionToken");
        assert_eq!(text(database, hash).await, new, "a hash that is good is kept");
        let viewer = server.session(&token).query("{ viewer { user { username } } }", Value::Null).await;
        assert_eq!(viewer.text("viewer.user.username"), "alex");
        assert_eq!(log_in(&nobody, "alex", "alex-secret-2").await.code(), 101);
    })
    .await;
}

#[tokio::test]
async fn open_sessions_stay_open_and_end_as_they_should() {
    on_a_parse_database(async |database| {
        let server = take_over(database).await;
        let viewer = "{ viewer { sessionToken user { username } } }";
        let erin = ["r:7541f2cc3727117e8db4921929b36e84", "r:971ae02f15146219f2e20b5537dca231"];
        for token in erin {
            let answer = server.session(token).query(viewer, Value::Null).await;
            assert_eq!(answer.text("viewer.user.username"), "erin");
            assert_eq!(answer.text("viewer.sessionToken"), token);
        }
        let server = server.restart().await;
        server.session(erin[0]).query("mutation { logOut(input: {}) { ok } }", Value::Null).await.ok();
        assert_eq!(server.session(erin[0]).query(viewer, Value::Null).await.code(), 209);
        server.session(erin[1]).query(viewer, Value::Null).await.ok();

        execute(database, r#"UPDATE "_Session" SET "expiresAt" = now() - interval '1 second'"#).await;
        // Somebody else did that; it is in force after `max_staleness`.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(server.session(erin[1]).query(viewer, Value::Null).await.code(), 209);
    })
    .await;
}

#[tokio::test]
async fn a_file_has_its_address() {
    on_a_parse_database(async |database| {
        execute(database, r#"UPDATE "Vehicle" SET "photo" = 'a1b2_van.jpg' WHERE "plate" = 'AA-00-ZZ'"#).await;
        let server = take_over(database).await;
        std::fs::write(database.data_dir().join("files/a1b2_van.jpg"), b"a van").unwrap();
        let query = "{ vehicles(order: [plate_ASC]) { edges { node { photo { name url } } } } }";
        let answer = server.master().query(query, Value::Null).await;
        let url = format!("{}/files/app/a1b2_van.jpg", server.origin());
        let photo = json!({"name": "a1b2_van.jpg", "url": url});
        assert_eq!(answer.each("vehicles", "photo"), [photo, Value::Null, Value::Null]);
        let answer = Answer::of(server.caller(&[]).request_at(reqwest::Method::GET, &url)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "a van"));
    })
    .await;
}

#[tokio::test]
async fn pointers_and_relations_lead_on() {
    on_a_parse_database(async |database| {
        let server = take_over(database).await;
        let trips = r#"{ trips(where: {objectId: {equalTo: "Yy5Oa7FOuT"}}) { edges { node {
            from { name } vehicle { plate driver { username } }
            sharedWith(order: [username_ASC]) { edges { node { username } } }
        } } } }"#;
        let answer = server.master().query(trips, Value::Null).await;
        let expected = json!({
            "from": {"name": "Porto"},
            "vehicle": {"plate": "AA-00-ZZ", "driver": {"username": "carla"}},
            "sharedWith": {"edges": [{"node": {"username": "erin"}}, {"node": {"username": "faisal"}}]},
        });
        assert_eq!(answer.data("trips.edges.0.node"), &expected);

        let shared = r#"{ trips(where: {sharedWith: {have: {username: {equalTo: "erin"}}}}) { count } }"#;
        let counted = server.master().query(shared, Value::Null).await;
        assert_eq!(counted.data("trips.count"), 10);
    })
    .await;
}

#[tokio::test]
async fn a_row_without_an_acl_is_public_and_one_with_an_empty_acl_is_closed() {
    on_a_parse_database(async |database| {
        let server = take_over(database).await;
        let titles = "{ announcements(order: [title_ASC]) { edges { node { title } } } }";
        let seen = server.anonymous().query(titles, Value::Null).await.each("announcements", "title");
        assert_eq!(seen, ["News 0", "News 4", "News 8"]);
        let seen = server.master().query(titles, Value::Null).await.each("announcements", "title");
        assert_eq!(seen.len(), 10);

        // Everybody may change a public row, and what it is changed to is in the columns of Parse.
        let update = r#"mutation { updateAnnouncement(input: {id: "htSbDYiukc", fields: {body: "new"}}) { announcement { body } } }"#;
        server.anonymous().query(update, Value::Null).await.ok();
        let closed = update.replace("htSbDYiukc", "AeRdmdC76f");
        assert_eq!(server.anonymous().query(&closed, Value::Null).await.code(), 101);
        let body = r#"SELECT "body" FROM "Announcement" WHERE "objectId" IN ('htSbDYiukc', 'AeRdmdC76f') ORDER BY "title""#;
        assert_eq!(database.texts(body).await, [Some("new".to_owned()), Some("………".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn tables_that_portcullis_does_not_know_are_left_alone() {
    on_a_parse_database(async |database| {
        execute(database, r#"INSERT INTO "_Hooks" DEFAULT VALUES; INSERT INTO "_JobStatus" ("objectId") VALUES ('j')"#)
            .await;
        let everything = "SELECT string_agg(concat(table_name, ' ', column_name, ' ', data_type), E'\n'
            ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = 'public'
            AND table_name NOT IN ('_Portcullis', '_Portcullis_Strangers', 'seaql_migrations')";
        let rows = r#"SELECT ((SELECT count(*) FROM "_Hooks") + (SELECT count(*) FROM "_JobStatus"))::text"#;
        let before = text(database, everything).await;
        let server = take_over(database).await;
        server.create_class("Extra", &[("text", "String")]).await;
        server
            .master()
            .query(r#"mutation { deleteClass(input: {name: "Extra"}) { class { name } } }"#, Value::Null)
            .await
            .ok();
        assert!(server.stop().await.status.success());
        assert_eq!(text(database, everything).await, before);
        assert_eq!(text(database, rows).await, "2");
    })
    .await;
}
