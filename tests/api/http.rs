//! GraphQL over HTTP, beyond what the conformance scenarios ask: limits, headers, and requests that mean harm.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, Server};

async fn with_server(test: impl AsyncFnOnce(&Server)) {
    Database::on_sqlite(async |database| {
        let server = Server::start(database).await;
        test(&server).await;
    })
    .await;
}

/// The request is refused in little time, and the server is still there.
async fn is_refused(caller: &Client, query: &str) {
    let start = Instant::now();
    let answer = caller.query(query, Value::Null).await;
    assert!(!answer.codes().is_empty(), "it must be refused: {}", answer.body);
    assert!(start.elapsed() < Duration::from_secs(5), "it took {:?}", start.elapsed());
    assert_eq!(caller.query("{ health }", Value::Null).await.data("health"), true);
}

#[tokio::test]
async fn documents_beyond_all_measure_are_refused_quickly() {
    with_server(async |server| {
        let caller = server.anonymous();
        let nested = |open: &str, inner: &str, close: &str, times| open.repeat(times) + inner + &close.repeat(times);
        let lists = nested("[", "1", "]", 10_000);
        is_refused(&caller, &nested("{ a ", "b", "}", 10_000)).await;
        is_refused(&caller, &format!("{{ users(where: {{ OR: {lists} }}) {{ count }} }}")).await;
        let or = nested("{ OR: [", "{ id: { exists: true } }", "] }", 1_000);
        is_refused(&caller, &format!("{{ users(where: {or}) {{ count }} }}")).await;

        let mut aliases = String::from("{");
        for number in 0..10_000 {
            write!(aliases, " a{number}: health").unwrap();
        }
        is_refused(&caller, &(aliases + "}")).await;

        let mut bomb = String::from("{ ...F0 }");
        for number in 0..40 {
            let next = number + 1;
            write!(bomb, " fragment F{number} on Query {{ ...F{next} ...F{next} }}").unwrap();
        }
        is_refused(&caller, &(bomb + " fragment F40 on Query { health }")).await;
        is_refused(&caller, "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }").await;
    })
    .await;
}

#[tokio::test]
async fn variables_nested_beyond_all_measure_are_refused() {
    with_server(async |server| {
        let caller = server.anonymous();
        let query = "query ($w: UserWhereInput) { users(where: $w) { count } }";
        for variable in
            ["{\"OR\":[".repeat(2_000) + "{}" + &"]}".repeat(2_000), "[".repeat(100_000) + &"]".repeat(100_000)]
        {
            let body = format!("{{\"query\": {}, \"variables\": {{\"w\": {variable}}}}}", json!(query));
            let request = caller.request(Method::POST, "").header("Content-Type", "application/json").body(body);
            let answer = Answer::of(request).await;
            assert!(!answer.codes().is_empty(), "HTTP {}: {}", answer.status, answer.body);
            caller.query("{ health }", Value::Null).await.ok();
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    Database::on_sqlite(async |database| {
        let server = Server::options(database).flag("--max-upload-size", "100kb").start().await;
        let body = json!({"query": "{ health }", "variables": {"x": "x".repeat(3_000_000)}});
        let answer = server.anonymous().post(&body).await;
        assert_eq!(answer.status, 413, "{}", answer.body);
        server.anonymous().query("{ health }", Value::Null).await.ok();
    })
    .await;
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_guessing_and_names_its_request() {
    with_server(async |server| {
        let nobody = server.caller(&[("X-Request-Id", "mine-1")]);
        for path in ["/graphql", "/health", "/nowhere", "/graphiql/nothing"] {
            let answer = nobody.get(path).await;
            assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
            assert_eq!(answer.headers["x-request-id"], "mine-1", "{path}");
        }
        assert_eq!(nobody.get("/nowhere").await.status, 404);
        let injected = server.caller(&[("X-Request-Id", "a b\tc")]);
        assert_ne!(injected.get("/health").await.headers["x-request-id"], "a b\tc");
    })
    .await;
}

#[tokio::test]
async fn a_web_page_may_ask_before_it_sends() {
    with_server(async |server| {
        let page = server.caller(&[("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "POST")]);
        let answer = Answer::of(page.request(Method::OPTIONS, "")).await;
        assert_eq!(answer.status, 200);
        let allowed = answer.headers["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        for header in ["x-parse-application-id", "x-parse-session-token", "authorization", "content-type"] {
            assert!(allowed.contains(header), "{header} is not in {allowed}");
        }
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    })
    .await;
}

#[tokio::test]
async fn a_bearer_token_that_is_none_is_refused() {
    with_server(async |server| {
        for token in ["r:0123456789abcdef0123456789abcdef", "key", "nothing"] {
            let caller = server.anonymous().with("Authorization", &format!("Bearer {token}"));
            let answer = caller.query("{ health }", Value::Null).await;
            assert_eq!((answer.status, answer.code()), (400, 209), "{token}: {}", answer.body);
        }
    })
    .await;
}

#[tokio::test]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    Database::on_sqlite(async |database| {
        let from = |server: &Server| server.master().with("X-Forwarded-For", "203.0.113.7");
        let server = Server::start(database).await;
        from(&server).query("{ classes { name } }", Value::Null).await.ok();
        drop(server);

        let server = Server::options(database).flag("--trust-proxy", "127.0.0.1").start().await;
        let answer = from(&server).query("{ classes { name } }", Value::Null).await;
        assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})));
        server.master().query("{ classes { name } }", Value::Null).await.ok();
    })
    .await;
}

#[tokio::test]
async fn the_master_key_counts_only_from_its_addresses() {
    Database::on_sqlite(async |database| {
        let server = Server::options(database).flag("--master-key-ips", "10.0.0.0/8").start().await;
        let answer = server.master().query("{ classes { name } }", Value::Null).await;
        assert_eq!((answer.status, answer.json), (403, json!({"error": "unauthorized"})));
        server.read_only_master().query("{ classes { name } }", Value::Null).await.ok();
    })
    .await;
}

#[tokio::test]
async fn with_client_keys_every_request_needs_one() {
    Database::on_sqlite(async |database| {
        let server = Server::options(database).flag("--client-keys", "web,app-key").start().await;
        let ask = async |caller: &Client| caller.query("{ health }", Value::Null).await.status;
        assert_eq!(ask(&server.anonymous()).await, 403);
        assert_eq!(ask(&server.anonymous().with("X-Parse-REST-API-Key", "wrong")).await, 403);
        for header in ["X-Parse-Client-Key", "X-Parse-REST-API-Key", "X-Parse-Javascript-Key", "X-Parse-Windows-Key"] {
            assert_eq!(ask(&server.anonymous().with(header, "app-key")).await, 200, "{header}");
        }
        assert_eq!(ask(&server.master()).await, 200);
    })
    .await;
}
