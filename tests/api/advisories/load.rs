//! I: requests that want the server to work, or to fall.
//!
//! Whatever they bring, the answer comes soon, and the server is there for the next one. The time they may take is a multiple
//! of what they take, for many tests run at once on a small machine.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{is_alive, refused};
use crate::harness::{Answer, Client, Database, File, Server, on_both_databases};

on_both_databases![
    adv_2479qvv7_no_request_breaks_a_table_of_the_server,
    adv_xqp8w826_there_is_nothing_to_explain,
    adv_xw6gjjvf_odd_requests_for_files_are_answered,
    adv_h423w6qv_odd_ranges_are_answered,
    adv_792qq67h_a_file_without_an_extension_is_a_file,
    adv_cmj3wx7h_a_request_has_a_measure,
    adv_9xp9j92r_conditions_have_a_depth,
    adv_9fjpq3c4_the_depth_is_looked_at_first,
    adv_mfj66p54_fragments_are_measured_once,
    adv_cgxmvr2f_lists_in_lists_are_read_once,
    adv_38m682c8_a_long_header_is_read_once,
    adv_qxh46wmx_no_expression_keeps_the_database_busy,
    a_filter_has_a_measure,
    no_batch_is_one_request,
];

/// Much more than any of these takes.
const SOON: Duration = Duration::from_secs(15);

const FIND: &str = "query ($where: NoteWhereInput) { notes(where: $where) { count } }";
const CREATE: &str =
    "mutation ($fields: CreateNoteFieldsInput) { createNote(input: { fields: $fields }) { note { objectId } } }";

async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    let fields = [
        ("text", "String"),
        ("more", "Object"),
        ("tags", "Array"),
        ("place", "GeoPoint"),
        ("area", "Polygon"),
        ("next", "Pointer:Note"),
        ("many", "Relation:Note"),
    ];
    server.create_class("Note", &fields).await;
    server.master().create("Note", json!({"text": "a".repeat(20_000) + "!"})).await;
    server
}

/// The answer to a request, which comes soon and is not that of a server in trouble.
async fn soon(server: &Server, caller: &Client, text: &str, variables: Value) -> Answer {
    let start = Instant::now();
    let answer = caller.query(text, variables).await;
    assert!(start.elapsed() < SOON, "it took {:?}: {}", start.elapsed(), text.chars().take(200).collect::<String>());
    let trouble = [json!(1), json!(100), json!(124)];
    let failed = answer.status >= 500 || answer.codes().iter().any(|code| trouble.contains(code));
    assert!(!failed, "{}: {}", text.chars().take(200).collect::<String>(), answer.body);
    is_alive(server).await;
    answer
}

async fn adv_2479qvv7_no_request_breaks_a_table_of_the_server(database: &Database) {
    let server = scene(database).await;
    for name in ["_PushStatus", "_JobStatus", "_Hooks", "_GlobalConfig", "_SCHEMA", "_Idempotency"] {
        for caller in [server.anonymous(), server.master()] {
            let text = "mutation ($name: String!) { createClass(input: { name: $name }) { class { name } } }";
            assert!(!soon(&server, &caller, text, json!({"name": name})).await.codes().is_empty(), "{name}");
            let text = format!(
                "mutation {{ create{}(input: {{ fields: {{}} }}) {{ clientMutationId }} }}",
                name.trim_start_matches('_')
            );
            refused(&soon(&server, &caller, &text, Value::Null).await, "GRAPHQL_VALIDATION_FAILED", name);
        }
        assert_eq!(server.master().get(&format!("/classes/{name}")).await.status, 404);
    }
    server.master().query("{ classes { name } }", Value::Null).await.ok();
}

async fn adv_xqp8w826_there_is_nothing_to_explain(database: &Database) {
    let server = scene(database).await;
    for option in [
        "explain: true",
        "explain: \"queryPlanner\"",
        "hint: \"_id_\"",
        "options: { explain: true }",
        "options: { readPreference: NOWHERE }",
        "options: 1",
        "first: \"x\"",
        "first: -1",
        "last: -1",
        "skip: -1",
        "skip: 1e99",
        "first: 99999999999999999999",
        "after: 1",
        "after: \"x\"",
        "before: \"\\u0000\"",
        "order: [nothing_ASC]",
        "where: []",
    ] {
        let answer =
            soon(&server, &server.anonymous(), &format!("{{ notes({option}) {{ count }} }}"), Value::Null).await;
        assert!(!answer.codes().is_empty(), "{option}: {}", answer.body);
    }
}

async fn adv_xw6gjjvf_odd_requests_for_files_are_answered(database: &Database) {
    let server = scene(database).await;
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];
    for path in [
        "/files",
        "/files/",
        "/files//",
        "/files/app",
        "/files/app/%",
        "/files/app/%E0%A4%A",
        "/files/app/%00",
        "/files/%2e%2e/a",
        "/files/app/a?token=%",
        "/files/app/..;/a",
        "/files/app/a%2F..%2Fb",
        &format!("/files/app/{}", "a".repeat(5_000)),
    ] {
        for method in &methods {
            let url = format!("{}{path}", server.origin());
            let answer = Answer::of(server.master().request_at(method.clone(), &url).body("x")).await;
            assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
        }
    }
    is_alive(&server).await;
}

async fn adv_h423w6qv_odd_ranges_are_answered(database: &Database) {
    let server = scene(database).await;
    let hello = File { place: "variables.upload", name: "hello.txt", content_type: "text/plain", content: b"hello" };
    let (_, url) = server.anonymous().create_file(&hello).await;
    let many = format!("bytes={}", "0-0,".repeat(2_000));
    for range in [
        "bytes=9-1",
        "bytes=-0",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "bytes=0-99999999999999999999999",
        "bytes=99999999999999999999999-",
        "bytes=18446744073709551615-18446744073709551615",
        "bytes=-18446744073709551615",
        "bytes=-9223372036854775808",
        "bytes=0-0,9-1,-0",
        "bytes=--1",
        "bytes=1-2-3",
        "items=0-1",
        many.as_str(),
    ] {
        let answer = Answer::of(server.caller(&[]).with("Range", range).request_at(Method::GET, &url)).await;
        let whole = answer.status == 200 && answer.body == "hello";
        let part = answer.status == 206 && "hello".contains(&answer.body);
        assert!(whole || part || (answer.status == 416 && answer.body.is_empty()), "{range}: {answer:?}");
    }
    is_alive(&server).await;
}

async fn adv_792qq67h_a_file_without_an_extension_is_a_file(database: &Database) {
    let server = scene(database).await;
    for name in [
        "noext",
        "a.",
        "a..",
        ".",
        "..",
        ".a",
        "",
        " ",
        "a.b.c",
        "a. ",
        "\u{202e}txt",
        "%00",
        "a\u{0}b",
        "con",
        "a/",
        "/",
        "\\",
    ] {
        for content_type in ["application/octet-stream", "x/", "text", ""] {
            let part = reqwest::multipart::Part::bytes(b"content".to_vec()).file_name(name.to_owned());
            let Ok(part) = part.mime_str(content_type) else { continue };
            let text =
                "mutation ($upload: Upload!) { createFile(input: { upload: $upload }) { fileInfo { name url } } }";
            let form = reqwest::multipart::Form::new()
                .text("operations", json!({"query": text, "variables": {"upload": null}}).to_string())
                .text("map", json!({"0": ["variables.upload"]}).to_string())
                .part("0", part);
            let answer = Answer::of(server.anonymous().request(Method::POST, "").multipart(form)).await;
            assert!(answer.status < 500 && !answer.codes().contains(&json!(1)), "{name:?}: {}", answer.body);
            if answer.codes().is_empty() {
                let read =
                    Answer::of(server.caller(&[]).request_at(Method::GET, &answer.text("createFile.fileInfo.url")))
                        .await;
                assert_eq!((read.status, read.body.as_str()), (200, "content"), "{name:?}");
            }
        }
    }
    is_alive(&server).await;
}

/// `{ a0: PART a1: PART … }`
fn aliases(count: usize, part: &str) -> String {
    let mut text = String::from("{");
    for number in 0..count {
        write!(text, " a{number}:{part}").unwrap();
    }
    text + "}"
}

async fn adv_cmj3wx7h_a_request_has_a_measure(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    let nested = |times| "next{".repeat(times) + "id" + &"}".repeat(times);
    for text in [
        aliases(1_000, "notes{count}"),
        aliases(1_000, "health").replace("health", "notes{edges{node{id}}}"),
        format!("{{ notes {{ edges {{ node {} }} }} }}", aliases(1_000, "next{id}")),
        aliases(10_000, "health"),
        format!("{{ {} }}", "health ".repeat(20_000)),
        format!("{{ notes {{ edges {{ node {{ {} }} }} }} }}", nested(100)),
        format!("{{ notes {{ edges {{ node {{ {} }} }} }} }}", nested(10_000)),
        format!("mutation {}", aliases(1_000, "createNote(input:{fields:{}}){note{id}}")),
    ] {
        let answer = soon(&server, &caller, &text, Value::Null).await;
        assert_eq!((answer.status, answer.codes().len()), (400, 1), "{}", answer.body);
    }
    // What clients really ask is far below.
    let answer = soon(&server, &caller, &aliases(200, "notes{count}"), Value::Null).await;
    assert_eq!(answer.data("a199.count"), 1);
    assert_eq!(super::count(&server, "notes").await, 1);
}

/// Sends a body as it is, which must be refused with 400 soon.
async fn is_refused_as_it_is(server: &Server, body: String) {
    let start = Instant::now();
    let request = server.anonymous().request(Method::POST, "").header("Content-Type", "application/json").body(body);
    let answer = Answer::of(request).await;
    assert!(
        start.elapsed() < SOON && answer.status == 400 && !answer.codes().is_empty(),
        "{:?}: {}",
        start.elapsed(),
        answer.body
    );
    is_alive(server).await;
}

async fn adv_9xp9j92r_conditions_have_a_depth(database: &Database) {
    let server = scene(database).await;
    for (open, close) in [
        ("{\"OR\":[", "]}"),
        ("{\"AND\":[", "]}"),
        ("{\"NOR\":[", "]}"),
        ("{\"next\":{\"have\":", "}}"),
        ("[", "]"),
        ("{\"a\":", "}"),
    ] {
        let deep = open.repeat(10_000) + "{}" + &close.repeat(10_000);
        is_refused_as_it_is(&server, format!("{{\"query\": {}, \"variables\": {{\"where\": {deep}}}}}", json!(FIND)))
            .await;
        is_refused_as_it_is(&server, deep).await;
        let literal = (open.repeat(10_000) + "{}" + &close.repeat(10_000)).replace('"', "");
        is_refused_as_it_is(
            &server,
            json!({"query": format!("{{ notes(where: {literal}) {{ count }} }}")}).to_string(),
        )
        .await;
    }
    // Nested less deep, they come to the conditions, which have a depth of their own.
    let caller = server.anonymous();
    for (times, code) in [(30, None), (35, Some(102))] {
        for wrap in [|inner: Value| json!({"OR": [inner]}), |inner: Value| json!({"NOR": [inner]})] {
            let condition = (0..times).fold(json!({"text": {"equalTo": "x"}}), |inner, _| wrap(inner));
            let answer = soon(&server, &caller, FIND, json!({"where": condition})).await;
            assert_eq!(answer.codes().first(), code.map(Value::from).as_ref(), "{times}: {}", answer.body);
        }
    }
    let untyped = (0..35).fold(json!({"text": "x"}), |inner, _| json!({"$or": [inner]}));
    let query = json!({"className": "Note", "where": untyped});
    let condition = json!({"where": {"text": {"inQueryKey": {"query": query, "key": "text"}}}});
    refused(&soon(&server, &caller, FIND, condition).await, 102, "deep, without types");
}

async fn adv_9fjpq3c4_the_depth_is_looked_at_first(database: &Database) {
    let server = scene(database).await;
    // Two conditions at each level, whose number would double with each rewriting.
    let caller = server.anonymous();
    for word in ["OR", "NOR", "AND"] {
        let wide = (0..9).fold(json!({"text": {"equalTo": "x"}}), |inner, _| json!({word: [inner, inner]}));
        refused(&soon(&server, &caller, FIND, json!({"where": wide})).await, 102, word);
        let deep = (0..34)
            .fold(json!({"text": {"equalTo": "x"}}), |inner, _| json!({word: [inner, {"text": {"equalTo": "y"}}]}));
        refused(&soon(&server, &caller, FIND, json!({"where": deep})).await, 102, word);
    }
    let nested = (0..30).fold(json!({"text": "x"}), |inner, _| {
        let query = json!({"className": "Note", "where": inner});
        json!({"text": {"inQueryKey": {"query": query, "key": "text"}}})
    });
    refused(&soon(&server, &caller, FIND, json!({"where": nested})).await, 102, "sub-queries");
}

async fn adv_mfj66p54_fragments_are_measured_once(database: &Database) {
    let server = scene(database).await;
    for spread in [
        "...F{n} ...F{n}",
        "... { ...F{n} } ... { ...F{n} }",
        "a: node(id: \"x\") { id } ...F{n} ... on Query { ...F{n} ...F{n} }",
    ] {
        let mut bomb = String::from("{ ...F0 }");
        for number in 0..40 {
            let inner = spread.replace("{n}", &(number + 1).to_string());
            write!(bomb, " fragment F{number} on Query {{ {inner} }}").unwrap();
        }
        bomb += " fragment F40 on Query { health }";
        let answer = soon(&server, &server.anonymous(), &bomb, Value::Null).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        // With directives, and under names that differ.
        let answer =
            soon(&server, &server.anonymous(), &bomb.replace("...F1 ", "...F1 @include(if: true) "), Value::Null).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    let mut chain = String::from("{ ...F0 }");
    for number in 0..1_000 {
        write!(chain, " fragment F{number} on Query {{ ...F{} }}", number + 1).unwrap();
    }
    chain += " fragment F1000 on Query { health }";
    assert_eq!(soon(&server, &server.anonymous(), &chain, Value::Null).await.status, 400);
}

async fn adv_cgxmvr2f_lists_in_lists_are_read_once(database: &Database) {
    let server = scene(database).await;
    let deep = |times| (0..times).fold(json!(1), |inner, _| json!([inner]));
    let twice = |times| (0..times).fold(json!(1), |inner, _| json!([inner, inner]));
    for (value, fine) in
        [(deep(50), true), (deep(100), false), (twice(14), true), (json!(vec![json!([]); 100_000]), true)]
    {
        for fields in [json!({"tags": [value]}), json!({"more": {"a": value}})] {
            let answer = soon(&server, &server.anonymous(), CREATE, json!({"fields": fields})).await;
            assert_eq!(answer.codes().is_empty(), fine, "{}", answer.body);
        }
    }
    is_refused_as_it_is(
        &server,
        format!(
            "{{\"query\": {}, \"variables\": {{\"fields\": {{\"tags\": {}1{}}}}}}}",
            json!(CREATE),
            "[".repeat(10_000),
            "]".repeat(10_000)
        ),
    )
    .await;
    // Long lists of other kinds, which were read in squared time.
    let corner = |number: u32| json!({"latitude": f64::from(number % 90), "longitude": f64::from(number) / 300.0});
    let corners: Vec<Value> = (0..50_000).map(corner).collect();
    soon(&server, &server.anonymous(), CREATE, json!({"fields": {"area": corners}})).await.ok();
    let users: Vec<Value> =
        (0..50_000).map(|number| json!({"userId": format!("user{number}"), "read": true, "write": false})).collect();
    let fields = json!({"ACL": {"users": users, "public": {"read": true, "write": true}}});
    let id =
        soon(&server, &server.anonymous(), CREATE, json!({"fields": fields})).await.text("createNote.note.objectId");
    let read = "query ($id: ID!) { note(id: $id) { ACL { public { read } users { userId } } } }";
    let back = soon(&server, &server.anonymous(), read, json!({"id": id})).await;
    assert_eq!(back.data("note.ACL.users").as_array().map(Vec::len), Some(50_000));
}

async fn adv_38m682c8_a_long_header_is_read_once(database: &Database) {
    let server = scene(database).await;
    for value in ["a".repeat(100_000), "a1.".repeat(30_000), "1".repeat(50_000) + "x", " ".repeat(50_000) + "js"] {
        for name in [
            "X-Parse-Client-Version",
            "X-Parse-Session-Token",
            "X-Parse-Installation-Id",
            "X-Request-Id",
            "Authorization",
            "Accept",
            "Content-Type",
        ] {
            let start = Instant::now();
            let answer = server.anonymous().with(name, &value).query("{ health }", Value::Null).await;
            assert!(
                start.elapsed() < SOON && answer.status < 500,
                "{name}: {} after {:?}",
                answer.status,
                start.elapsed()
            );
        }
    }
    is_alive(&server).await;
}

async fn adv_qxh46wmx_no_expression_keeps_the_database_busy(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    for expression in [
        "(a+)+$",
        "(a|aa)+$",
        "(a|a?)+b",
        "(a*)*b",
        "(.*)*=",
        "^(a?){50}a{50}$",
        "(a*)*(a*)*(a*)*(a*)*(a*)*b",
        "((a{0,99}){0,99}){0,99}b",
        "(\\w+\\s?)+!!",
        "a{1000}b{1000}",
    ] {
        for options in ["", "i", "ms"] {
            let condition = json!({"where": {"text": {"matchesRegex": expression, "options": options}}});
            let answer = soon(&server, &caller, FIND, condition).await;
            assert!(answer.codes().is_empty() || answer.codes() == [json!(102)], "{expression}: {}", answer.body);
        }
    }
    // What only back-tracking can do is not there.
    for expression in ["(a)\\1", "(?=a)b", "(?<!a)b", &"a".repeat(1_001)] {
        refused(
            &soon(&server, &caller, FIND, json!({"where": {"text": {"matchesRegex": expression}}})).await,
            102,
            expression,
        );
    }
}

async fn a_filter_has_a_measure(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    let text = |number: usize| json!({"text": {"equalTo": format!("x{number}")}});
    let have = json!({"next": {"have": {"text": {"equalTo": "x"}}}});
    let corners: Vec<Value> =
        (0..2_000).map(|number| json!({"latitude": number % 90, "longitude": number % 7})).collect();
    for (what, condition) in [
        ("many conditions", json!({"OR": (0..20_000).map(text).collect::<Vec<_>>()})),
        ("many empty ones", json!({"OR": vec![json!({}); 20_000]})),
        ("many elements", json!({"tags": {"contains": (0..100_000).collect::<Vec<_>>()}})),
        ("many members", json!({"more": {"in": vec![json!({"key": "a", "value": 1}); 40_000]}})),
        ("many sub-queries", json!({"AND": vec![have; 300]})),
        ("many expressions", json!({"AND": vec![json!({"text": {"matchesRegex": "\\w{100}"}}); 300]})),
        ("many corners", json!({"place": {"geoWithin": {"polygon": corners}}})),
        ("a long search", json!({"text": {"text": {"search": {"term": "a b ".repeat(250_000)}}}})),
    ] {
        refused(&soon(&server, &caller, FIND, json!({"where": condition})).await, 102, what);
    }
    let order = "query ($order: [NoteOrder!]) { notes(order: $order) { edges { node { id } } } }";
    refused(&soon(&server, &caller, order, json!({"order": vec!["text_ASC"; 20_000]})).await, 102, "a long order");
    // Long lists that are one value to the database are no trouble, nor is what comes near the measure.
    let ids: Vec<String> = (0..50_000).map(|number| format!("id{number}")).collect();
    let corners: Vec<Value> =
        (0..1_000).map(|number| json!({"latitude": number % 90, "longitude": number % 7})).collect();
    for condition in [
        json!({"id": {"in": ids}}),
        json!({"text": {"notIn": ids}}),
        json!({"tags": {"containedBy": ids}}),
        json!({"tags": {"contains": (0..790).collect::<Vec<_>>()}}),
        json!({"OR": vec![json!({}); 790]}),
        json!({"NOR": (0..390).map(text).collect::<Vec<_>>()}),
        json!({"AND": vec![json!({"next": {"have": {}}}); 20]}),
        json!({"place": {"geoWithin": {"polygon": corners}}}),
        json!({"text": {"text": {"search": {"term": "a b ".repeat(250)}}}}),
    ] {
        soon(&server, &caller, FIND, json!({"where": condition})).await.ok();
    }
    // A find has a measure as a whole: what is asked in a sub-query counts as well.
    let inner = json!({"AND": vec![json!({"text": {"matchesRegex": "x"}}); 15]});
    let twice = json!({"next": {"have": {"AND": [inner, {"next": {"have": inner}}]}}});
    refused(&soon(&server, &caller, FIND, json!({"where": twice})).await, 102, "sub-queries count");
}

async fn no_batch_is_one_request(database: &Database) {
    let server = scene(database).await;
    for size in [1, 2, 1_000] {
        let answer = server.anonymous().post(&Value::from(vec![json!({"query": "{ health }"}); size])).await;
        assert_eq!((answer.status, answer.codes()), (400, vec![json!("BAD_REQUEST")]));
    }
    assert_eq!(server.anonymous().get("/batch").await.status, 404);
}
