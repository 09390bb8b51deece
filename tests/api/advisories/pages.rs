//! O and P: pages, and what is for the operator alone.

use serde_json::Value;

use super::refused;
use crate::harness::{Database, Server, on_both_databases};

on_both_databases![
    adv_jhgf2h8h_no_page_repeats_what_it_was_asked,
    adv_7cx5254x_nothing_explains_a_query,
    no_page_has_a_key,
    what_one_request_knows_is_its_own,
];

const SCRIPT: &str = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";

async fn adv_jhgf2h8h_no_page_repeats_what_it_was_asked(database: &Database) {
    let server = Server::start(database).await;
    let browser = server.caller(&[("Accept", "text/html")]);
    for path in [
        "/graphql?query=",
        "/graphql?variables=",
        "/graphql?operationName=",
        "/graphql?",
        "/graphiql/",
        "/graphql/",
        "/files/app/",
        "/files/",
        "/apps/app/choose_password?token=",
        "/apps/app/verify_email?username=",
        "/",
    ] {
        let answer = browser.get(&format!("{path}{SCRIPT}")).await;
        assert!(!answer.body.contains("<script>alert(1)"), "{path}: {}", answer.body);
        let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-eval"), "{path}: {policy}");
        let scripts = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!kind.contains("html") || !scripts.contains("unsafe-inline"), "{path}: {policy}");
    }
}

async fn adv_7cx5254x_nothing_explains_a_query(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let alice = server.sign_up("alice").await;
    for caller in [server.anonymous(), server.user(&alice), server.master()] {
        for text in [
            "{ notes(explain: true) { count } }",
            "{ notes(hint: \"x\") { count } }",
            "{ notes(comment: \"x\") { count } }",
        ] {
            refused(&caller.query(text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", text);
        }
    }
    for path in ["/metrics", "/debug", "/serverInfo", "/config", "/schemas", "/scriptlog"] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    // What the health of the server is, and nothing about the database.
    for path in ["/health", "/ready"] {
        let body = server.caller(&[]).get(path).await.body.to_lowercase();
        assert!(!body.contains("postgres") && !body.contains("sqlite") && !body.contains("note"), "{path}: {body}");
    }
}

/// The scanner looks for the keys in each page and each of its parts.
async fn no_page_has_a_key(database: &Database) {
    let server = Server::start(database).await;
    let browser = server.caller(&[("Accept", "text/html")]);
    let page = browser.get("/graphql").await;
    assert!(page.body.contains("graphiql"), "{}", page.body);
    let parts: Vec<&str> = page.body.split(['"', '\'']).filter(|part| part.starts_with("graphiql/")).collect();
    assert!(!parts.is_empty(), "{}", page.body);
    for part in parts {
        assert_eq!(browser.get(&format!("/{part}")).await.status, 200, "{part}");
    }
}

/// Many requests of many callers at once: each is answered as its own caller.
async fn what_one_request_knows_is_its_own(database: &Database) {
    let server = Server::start(database).await;
    let mut users = Vec::new();
    for number in 0..5 {
        users.push(server.sign_up(&format!("user{number}")).await);
    }
    let ask = |number: usize| {
        let user = &users[number % 5];
        let caller = match number % 3 {
            0 => server.master(),
            1 => server.user(user),
            _ => server.anonymous(),
        };
        async move {
            let classes = caller.query("{ classes { name } }", Value::Null).await;
            let viewer = caller.query("{ viewer { user { username } } }", Value::Null).await;
            (number, classes, viewer)
        }
    };
    for (number, classes, viewer) in futures::future::join_all((0..60).map(ask)).await {
        assert_eq!(classes.codes().is_empty(), number % 3 == 0, "{}", classes.body);
        match number % 3 {
            1 => assert_eq!(viewer.data("viewer.user.username"), users[number % 5].username.as_str()),
            _ => refused(&viewer, 209, "nobody is signed in"),
        }
    }
}
