//! M: a rule that holds for one request of a kind, and not for the next.

use reqwest::Method;
use serde_json::{Value, json};

use super::{LOG_IN, count, is_alive, refused};
use crate::harness::{Answer, Database, Server, on_both_databases};

on_both_databases![
    adv_775h3xrc_aliases_give_no_more_guesses,
    adv_4jj8x76w_an_odd_token_gives_no_more_guesses,
    adv_jmvh84q9_no_batch_gives_more_guesses,
    adv_vpvjhfh8_no_method_in_a_body_counts,
    adv_p84rh6rx_what_is_nested_is_judged_alike,
    an_odd_path_leads_to_no_other_rules,
];

fn guesses(count: usize) -> String {
    let guess = |number| {
        format!(
            "g{number}: logIn(input: {{ username: \"alice\", password: \"guess {number}\" }}) {{ viewer {{ sessionToken }} }} "
        )
    };
    format!("mutation {{ {} }}", (0..count).map(guess).collect::<String>())
}

async fn adv_775h3xrc_aliases_give_no_more_guesses(database: &Database) {
    let server = Server::options(database).flag("--lockout-threshold", "3").start().await;
    let alice = server.sign_up("alice").await;
    // One request holds few of them,
    for many in [6, 100] {
        let answer = server.anonymous().query(&guesses(many), Value::Null).await;
        let codes = answer.codes();
        assert!(!codes.is_empty() && !codes.contains(&json!(101)), "none is tried: {}", answer.body);
    }
    // and those that it holds are counted one by one.
    let answer = server.anonymous().query(&guesses(5), Value::Null).await;
    assert_eq!(answer.messages().iter().filter(|message| message.contains("Invalid username/password")).count(), 3);
    let right = json!({"username": "alice", "password": alice.password});
    refused(&server.anonymous().query(LOG_IN, right).await, 101, "a locked account");
    // Fragments and nested objects are counted as well.
    let fragment = "mutation { ...A ...B } fragment A on Mutation { a: logIn(input: {username: \"a\", password: \"1\"}) { viewer { sessionToken } } b: logIn(input: {username: \"a\", password: \"2\"}) { viewer { sessionToken } } c: logIn(input: {username: \"a\", password: \"3\"}) { viewer { sessionToken } } } fragment B on Mutation { d: logIn(input: {username: \"a\", password: \"4\"}) { viewer { sessionToken } } e: logIn(input: {username: \"a\", password: \"5\"}) { viewer { sessionToken } } f: logIn(input: {username: \"a\", password: \"6\"}) { viewer { sessionToken } } }";
    let answer = server.anonymous().query(fragment, Value::Null).await;
    assert!(!answer.codes().is_empty() && !answer.codes().contains(&json!(101)), "{}", answer.body);
}

async fn adv_4jj8x76w_an_odd_token_gives_no_more_guesses(database: &Database) {
    let server = Server::options(database).flag("--lockout-threshold", "3").start().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let wrong = json!({"username": "alice", "password": "wrong"});
    let callers = [
        server.anonymous(),
        server.user(&bob),
        server.anonymous().with("X-Parse-Installation-Id", "another"),
        server.anonymous().with("X-Forwarded-For", "203.0.113.9"),
        server.anonymous().with("X-Request-Id", "another"),
        server.master(),
    ];
    for caller in &callers {
        refused(&caller.query(LOG_IN, wrong.clone()).await, 101, "a wrong password");
    }
    // A token that is none does not get as far as a guess.
    let odd = server.session("r:ffffffffffffffffffffffffffffffff").query(LOG_IN, wrong.clone()).await;
    refused(&odd, 209, "an odd token");
    let right = json!({"username": "alice", "password": alice.password});
    for caller in &callers {
        let answer = caller.query(LOG_IN, right.clone()).await;
        assert!(answer.messages().concat().contains("locked"), "whoever asks: {}", answer.body);
    }
}

async fn adv_jmvh84q9_no_batch_gives_more_guesses(database: &Database) {
    let server = Server::options(database).flag("--lockout-threshold", "3").start().await;
    let alice = server.sign_up("alice").await;
    let one = json!({"query": LOG_IN, "variables": {"username": "alice", "password": "wrong"}});
    let answer = server.anonymous().post(&Value::from(vec![one; 50])).await;
    assert_eq!((answer.status, answer.codes()), (400, vec![json!("BAD_REQUEST")]));
    let parts =
        json!({"requests": [{"method": "POST", "path": "/login", "body": {"username": "alice", "password": "wrong"}}]});
    let batch = server.anonymous().request_at(Method::POST, &format!("{}/batch", server.origin())).json(&parts);
    assert_eq!(Answer::of(batch).await.status, 404);
    let right = json!({"username": "alice", "password": alice.password});
    server.anonymous().query(LOG_IN, right).await.ok();
}

async fn adv_vpvjhfh8_no_method_in_a_body_counts(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let mutation = "mutation { createNote(input: { fields: {} }) { note { id } } }";
    let address = form_urlencoded::Serializer::new(String::new()).append_pair("query", mutation).finish();
    for suffix in [format!("?{address}"), format!("?{address}&_method=POST"), format!("?_method=POST&{address}")] {
        let answer = Answer::of(server.anonymous().request(Method::GET, &suffix)).await;
        assert!(answer.status >= 400, "{suffix}: {}", answer.body);
        let overridden = server.anonymous().with("X-HTTP-Method-Override", "POST").request(Method::GET, &suffix);
        assert!(Answer::of(overridden).await.status >= 400);
    }
    // Keys and tokens in a body are nobody's.
    let body = json!({
        "query": "{ classes { name } }", "_method": "GET", "_ApplicationId": "app", "_MasterKey": "no key at all",
        "_SessionToken": "no token at all",
    });
    refused(&server.anonymous().post(&body).await, 119, "a body that brings keys");
    assert_eq!(server.caller(&[]).post(&body).await.status, 403);
    assert_eq!(count(&server, "notes").await, 0);
}

async fn adv_p84rh6rx_what_is_nested_is_judged_alike(database: &Database) {
    let server = Server::start(database).await;
    let fields = [
        ("text", "String"),
        ("next", "Pointer:Note"),
        ("many", "Relation:Note"),
        ("shut", "Pointer:Shut"),
        ("shuts", "Relation:Shut"),
    ];
    server.create_class("Shut", &[("text", "String")]).await;
    server.create_class("Note", &fields).await;
    let shut = server.master().create("Shut", json!({"text": "x"})).await;
    let note = server.master().create("Note", json!({"shut": {"link": shut}, "shuts": {"add": [shut]}})).await;
    server.set_permissions("Shut", json!({})).await;
    let alice = server.sign_up("alice").await;
    for caller in [server.anonymous(), server.user(&alice)] {
        for text in [
            "mutation { createShut(input: { fields: {} }) { shut { id } } }",
            "mutation { createNote(input: { fields: { shut: { createAndLink: {} } } }) { note { id } } }",
            "mutation { createNote(input: { fields: { shuts: { createAndAdd: [{}] } } }) { note { id } } }",
            "mutation { createNote(input: { fields: { next: { createAndLink: { shut: { createAndLink: {} } } } } }) { note { id } } }",
            "mutation { createNote(input: { fields: { many: { createAndAdd: [{}, { shuts: { createAndAdd: [{}] } }] } } }) { note { id } } }",
            "{ shuts { count } }",
            "{ a: shuts { count } b: shuts { count } }",
            "{ notes(where: { shut: { have: {} } }) { count } }",
            "{ notes(where: { OR: [{ shuts: { have: {} } }] }) { count } }",
            "{ notes(where: { text: { notInQueryKey: { query: { className: \"Shut\", where: {} }, key: \"text\" } } }) { count } }",
        ] {
            refused(&caller.query(text, Value::Null).await, 119, text);
        }
        for text in [
            "query ($id: ID!) { note(id: $id) { shuts { count } } }",
            "query ($id: ID!) { note(id: $id) { a: shuts { edges { node { text } } } } }",
        ] {
            refused(&caller.query(text, json!({"id": note})).await, 119, text);
        }
    }
    assert_eq!((count(&server, "notes").await, count(&server, "shuts").await), (1, 1));
}

async fn an_odd_path_leads_to_no_other_rules(database: &Database) {
    let server = Server::start(database).await;
    for path in [
        "/graphql/",
        "/GRAPHQL",
        "/graphql//",
        "//graphql",
        "/graphql;x",
        "/graphql%2f",
        "/./graphql",
        "/x/../graphql",
        "/graphql%20",
        "/graphql?",
        "/parse/graphql",
    ] {
        let url = format!("{}{path}", server.origin());
        let stranger = server.caller(&[("Content-Type", "application/json")]);
        let answer = Answer::of(stranger.request_at(Method::POST, &url).body("{\"query\": \"{ health }\"}")).await;
        assert!([403, 404, 405].contains(&answer.status), "{path}: {}", answer.body);
    }
    is_alive(&server).await;
}
