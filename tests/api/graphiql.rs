//! GraphiQL comes with the server, and tells no secrets.

use serde_json::Value;

use super::harness::{Answer, Database, Options, Server};

const KEYS: [&str; 3] = ["the-application", "the-master-key", "the-read-only-key"];

fn options(database: &Database) -> Options {
    let flags = ["--app-id", "--master-key", "--read-only-master-key"].into_iter().zip(KEYS);
    flags.fold(Server::options(database), |options, (flag, key)| options.flag(flag, key))
}

/// What a browser gets.
async fn page(server: &Server) -> Answer {
    let browser = server.caller(&[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
    browser.get("/graphql").await
}

#[tokio::test]
async fn a_browser_gets_graphiql_without_keys_and_without_the_internet() {
    Database::on_sqlite(async |database| {
        let server = options(database).start().await;
        let page = page(&server).await;
        assert_eq!(page.status, 200);
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");

        let mut texts = vec![page.body.clone()];
        let parts = page.body.split(['"', '\'']).filter(|part| part.starts_with("graphiql/"));
        for part in parts {
            let file = server.caller(&[]).get(&format!("/{part}")).await;
            assert_eq!(file.status, 200, "{part}");
            assert_eq!(file.headers["x-content-type-options"], "nosniff");
            texts.push(file.body);
        }
        assert!(texts.len() > 4, "the page has its parts: {}", page.body);
        assert!(!page.body.contains("//"), "the page needs something from elsewhere: {}", page.body);
        for text in texts {
            assert!(KEYS.iter().all(|key| !text.contains(key)), "a key is in what a browser gets");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_gets_no_page() {
    Database::on_sqlite(async |database| {
        let server = Server::start(database).await;
        let client = server.anonymous().with("Accept", "application/json");
        let answer = Answer::of(client.request(reqwest::Method::GET, "?query={health}")).await;
        assert_eq!(answer.data("health"), true);
    })
    .await;
}

#[tokio::test]
async fn there_is_no_graphiql_in_production() {
    Database::on_sqlite(async |database| {
        let long = "a-key-that-is-long-enough-for-anybody";
        let server = options(database)
            .flag("--master-key", long)
            .flag("--read-only-master-key", &long.replace('a', "b"))
            .flag("--environment", "production")
            .start()
            .await;
        let page = page(&server).await;
        assert_ne!(page.status, 200);
        assert!(!page.body.contains("<html"), "{}", page.body);

        let anonymous = server.caller(&[("X-Parse-Application-Id", KEYS[0])]);
        assert_ne!(
            anonymous.query("{ __schema { queryType { name } } }", Value::Null).await.codes(),
            Vec::<Value>::new()
        );
    })
    .await;
}
