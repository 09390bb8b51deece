//! Random HTTP requests to the real program.

use std::time::Duration;

use apollo_compiler::Schema;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::case::Case;
use crate::dice::Dice;
use crate::generate::{Generator, mutate};
use crate::harness::scan::Asked;
use crate::harness::{Database, MASTER_KEY, READ_ONLY_MASTER_KEY, Server};
use crate::names::Names;

/// A request over HTTP.
#[derive(Debug, Clone)]
struct Sent {
    method: Method,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

const BOUNDARY: &str = "b0undary";

const PATHS: [&str; 12] = [
    "/graphql",
    "/graphql",
    "/graphql",
    "/graphql",
    "/graphql",
    "/graphql/",
    "/",
    "/health",
    "/ready",
    "/files/app/a.txt",
    "/files/%00/%ff",
    "/files/app/..%2f..%2fetc%2fpasswd",
];

const TYPES: [&str; 16] = [
    "application/json",
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=latin1",
    "application/graphql",
    "text/plain",
    "multipart/form-data; boundary=b0undary",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"",
    "application/x-www-form-urlencoded",
    "",
    "nonsense",
    "*/*",
    "application/json;;;",
    "application/graphql-response+json",
];

const ACCEPTED: [&str; 10] = [
    "*/*",
    "application/json",
    "application/graphql-response+json",
    "application/graphql-response+json, application/json;q=0.5",
    "text/html",
    "",
    "nonsense",
    "application/json;q=0",
    "text/*;q=1e9",
    "a/b;;;q=",
];

const HEADERS: [&str; 11] = [
    "x-parse-installation-id",
    "x-request-id",
    "authorization",
    "range",
    "if-none-match",
    "traceparent",
    "origin",
    "x-parse-javascript-key",
    "expect",
    "content-encoding",
    "x-forwarded-for",
];

/// Sends so many requests, none of which may bring the server down.
pub(crate) async fn run(database: &Database, seed: u64, cases: usize) {
    let server = Server::start(database).await;
    server
        .create_class("Thing", &[("text", "String"), ("number", "Number"), ("file", "File"), ("next", "Pointer:_User")])
        .await;
    // That of the classes of the system; requests that do not fit the server's are as good as those that do.
    let text = include_str!("../../schema.graphql");
    let schema = Schema::parse_and_validate(text, "schema.graphql").unwrap();
    let mut dice = Dice::new(seed);
    let names = Names::default();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap();
    for _ in 0..cases {
        if dice.percent(5) {
            raw(&server, &mut dice).await;
            continue;
        }
        let reading = dice.percent(50);
        let mut case = Generator::new(&mut dice, &schema, &names).case(reading);
        if dice.percent(20) {
            mutate(&mut dice, &mut case);
        }
        let sent = request(&mut dice, &case);
        if let Err(reason) = send(&server, &client, &sent).await {
            let body = String::from_utf8_lossy(&sent.body).into_owned();
            panic!(
                "PORTCULLIS_TEST_FUZZ_SEED={seed}: {reason}\n{} {}\n{:?}\n{body}",
                sent.method,
                sent.path,
                shown(&sent)
            );
        }
    }
    let alive = server.anonymous().get("/health").await;
    assert_eq!(alive.status, 200, "the server is still there");
    let finished = server.stop().await;
    assert!(finished.status.success(), "{finished:?}");
    let log = finished.stderr + &finished.stdout;
    let bad: Vec<&str> =
        log.lines().filter(|line| line.contains("panicked") || line.contains("a field failed")).collect();
    assert!(bad.is_empty(), "PORTCULLIS_TEST_FUZZ_SEED={seed}: the log says: {}", bad.join("\n"));
}

fn shown(sent: &Sent) -> Vec<(&str, String)> {
    sent.headers.iter().map(|(name, value)| (*name, String::from_utf8_lossy(value).into_owned())).collect()
}

fn request(dice: &mut Dice, case: &Case) -> Sent {
    let mut operations = json!({"query": case.text, "variables": case.variables});
    if let Some(operation) = &case.operation {
        operations["operationName"] = operation.as_str().into();
    }
    let mut method = Method::POST;
    let mut path = dice.pick(&PATHS).to_owned();
    let mut content = "application/json".to_owned();
    let mut body = Vec::new();
    if case.by_get || dice.percent(10) {
        let methods = [Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH];
        method = if dice.percent(40) { Method::GET } else { dice.pick(&methods) };
        path = format!("{path}?{}", parameters(dice, case));
    } else if !case.uploads.is_empty() || dice.percent(15) {
        content = format!("multipart/form-data; boundary={BOUNDARY}");
        body = multipart(dice, case, &operations);
    } else {
        body = odd_json(dice, &operations).into_bytes();
    }
    if dice.percent(8) {
        content = dice.pick(&TYPES).to_owned();
    }
    if dice.percent(10) {
        damage(dice, &mut body);
    }
    Sent { method, path, headers: headers(dice, content), body }
}

fn headers(dice: &mut Dice, content: String) -> Vec<(&'static str, Vec<u8>)> {
    let mut headers: Vec<(&'static str, Vec<u8>)> = vec![("content-type", content.into_bytes())];
    if !dice.percent(3) {
        headers.push(("x-parse-application-id", b"app".to_vec()));
    }
    match dice.below(10) {
        0..5 => headers.push(("x-parse-master-key", MASTER_KEY.into())),
        5 => headers.push(("x-parse-master-key", READ_ONLY_MASTER_KEY.into())),
        6 => headers.push(("x-parse-session-token", dice.pick(&["r:0", "", "\u{ff}", "%00"]).into())),
        _ => {}
    }
    if dice.percent(20) {
        headers.push(("accept", dice.pick(&ACCEPTED).into()));
    }
    if dice.percent(10) {
        let bytes: Vec<u8> = (0..dice.below(12)).map(|_| 32 + dice.byte() % 95).collect();
        let known = dice.pick(&["Basic Og==", "Basic !!", "Bearer ", "bytes=0-", "gzip", "00-00-00-00", "127.0.0.1"]);
        headers.push((dice.pick(&HEADERS), if dice.percent(50) { bytes } else { known.into() }));
    }
    headers
}

/// What comes after the question mark.
fn parameters(dice: &mut Dice, case: &Case) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("query", &case.text);
    query.append_pair("variables", &Json::Object(case.variables.clone()).to_string());
    if dice.percent(10) {
        let name = dice.pick(&["query", "operationName", "extensions", ""]);
        query.append_pair(name, dice.pick(&["", "{", "x", "[]"]));
    }
    let mut query = query.finish();
    if dice.percent(10) {
        query.insert_str(0, dice.pick(&["%", "&&==&", "%ff%fe=", "query=%00&", "?"]));
    }
    query.truncate(6000);
    query
}

/// The body of a JSON request, or of something like it.
fn odd_json(dice: &mut Dice, operations: &Json) -> String {
    let (query, variables) = (&operations["query"], &operations["variables"]);
    let any = dice.pick(&[json!([]), json!("{}"), json!(""), json!(1), json!(null), json!({"persistedQuery": {}})]);
    match dice.below(40) {
        0 => json!([operations]).to_string(),
        1 => "[]".to_owned(),
        2 => "null".to_owned(),
        3 => json!({"query": any, "variables": variables}).to_string(),
        4 => json!({"query": query, "variables": any}).to_string(),
        5 => json!({"query": query, "operationName": any}).to_string(),
        6 => json!({"query": query, "extensions": any}).to_string(),
        7 => json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}).to_string(),
        8 => format!("{}{}", "[".repeat(3000), "]".repeat(3000)),
        9 => format!("{{\"query\": {query}, \"variables\": {}1{}}}", "{\"a\":".repeat(200), "}".repeat(200)),
        10 => format!("{operations}{operations}"),
        11 => json!({"query": "{".repeat(5000)}).to_string(),
        12 => json!({"query": format!("{}a{}", "{a".repeat(150), "}".repeat(151))}).to_string(),
        13 => format!("{{\"query\": {query}, \"query\": \"{{health}}\"}}"),
        _ => operations.to_string(),
    }
}

/// The parts of a multipart body.
struct Parts(Vec<u8>);

impl Parts {
    fn add(&mut self, head: &str, content: &[u8]) {
        self.0.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
    }
}

fn named(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

/// The body of a request with files, sometimes with parts that are wrong, missing or once too often.
fn multipart(dice: &mut Dice, case: &Case, operations: &Json) -> Vec<u8> {
    let mut parts = Parts(Vec::new());
    let map = map(dice, case).to_string();
    if dice.percent(5) {
        parts.add(&named("map"), map.as_bytes());
    }
    if !dice.percent(4) {
        parts.add(&named("operations"), odd_json(dice, operations).as_bytes());
    }
    if !dice.percent(4) {
        parts.add(&named("map"), map.as_bytes());
    }
    for (number, upload) in case.uploads.iter().enumerate() {
        let name = upload.name.replace(['\r', '\n'], "");
        let mut head = format!("{}; filename=\"{name}\"", named(&number.to_string()));
        if let Some(kind) = &upload.content_type {
            head.push_str("\r\nContent-Type: ");
            head.push_str(kind);
        }
        if dice.percent(5) {
            dice.pick(&HEADS).clone_into(&mut head);
        }
        parts.add(&head, &upload.content);
    }
    let ends = ["--b0undary--\r\n", "--b0undary--", "--b0undary", "", "--b0undary--\r\n--b0undary"];
    let end = if dice.percent(80) { ends[0] } else { dice.pick(&ends) };
    parts.0.extend_from_slice(end.as_bytes());
    parts.0
}

const HEADS: [&str; 6] = [
    "",
    "Content-Disposition",
    "Content-Disposition: form-data",
    ":",
    "A: \u{0}",
    "Content-Disposition: form-data; name=0; filename*=UTF-8''%ff",
];

/// Which file belongs where.
fn map(dice: &mut Dice, case: &Case) -> Json {
    let odd = [json!([]), json!(null), json!({"0": "variables.v1"}), json!({"": []}), json!({"9": ["variables.v1"]})];
    if dice.percent(10) {
        return dice.pick(&odd);
    }
    let odd = ["variables", "query", "", "variables.v1.0.0.0", "variables..", "variables.18446744073709551616"];
    let mut map = serde_json::Map::new();
    for (number, upload) in case.uploads.iter().enumerate() {
        let mut paths = vec![Json::from(upload.path.join("."))];
        if dice.percent(10) {
            paths.push(dice.pick(&odd).into());
        }
        map.insert(number.to_string(), paths.into());
    }
    map.into()
}

fn damage(dice: &mut Dice, body: &mut Vec<u8>) {
    for _ in 0..=dice.below(4) {
        if body.is_empty() {
            return;
        }
        let at = dice.below(body.len());
        match dice.below(4) {
            0 => body[at] = dice.byte(),
            1 => drop(body.remove(at)),
            2 => body.insert(at, dice.byte()),
            _ => body.truncate(at),
        }
    }
}

async fn send(server: &Server, client: &reqwest::Client, sent: &Sent) -> Result<(), String> {
    let url = format!("{}{}", server.origin(), sent.path);
    let mut request = client.request(sent.method.clone(), &url).body(sent.body.clone());
    for (name, value) in &sent.headers {
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        request = request.header(HeaderName::from_static(name), value);
    }
    let request = request.build().map_err(|error| format!("no request: {error:?}"))?;
    let asked = Asked::of(&request);
    let response = client.execute(request).await.map_err(|error| format!("no answer: {error:?}"))?;
    let status = response.status();
    let head =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (kind, request_id) = (head("content-type"), head("x-request-id"));
    let body = response.text().await.map_err(|error| format!("half an answer: {error:?}"))?;
    asked.check(&body);
    if status.is_server_error() {
        return Err(format!("{status}: {body}"));
    }
    if request_id.is_empty() {
        return Err("no x-request-id".to_owned());
    }
    if !kind.contains("json") || sent.method == Method::HEAD {
        return Ok(());
    }
    let json: Json = serde_json::from_str(&body).map_err(|error| format!("{status}: {error}: {body}"))?;
    let errors = json.get("errors").and_then(Json::as_array).into_iter().flatten();
    let codes = errors.filter_map(|error| error.pointer("/extensions/code")?.as_i64());
    if let Some(code) = codes.chain(json.get("code").and_then(Json::as_i64)).find(|code| matches!(code, 1 | 100 | 124))
    {
        return Err(format!("{status}: code {code}: {body}"));
    }
    let graphql = ["data", "errors", "error", "status"].iter().any(|member| json.get(member).is_some());
    if graphql { Ok(()) } else { Err(format!("{status}: no GraphQL answer: {body}")) }
}

/// Sends bytes that are hardly HTTP, and reads what comes back, if anything does.
async fn raw(server: &Server, dice: &mut Dice) {
    let address = server.origin().trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.expect("the server accepts");
    let openings = [
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{",
        "GET / HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\n",
        "GET http://%/ HTTP/1.1\r\nHost: %\r\n\r\n",
        "POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /graphql?query=\u{ff} HTTP/1.1\r\nHost:a\r\n\r\n",
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "GET /graphql HTTP/1.0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    let mut bytes = dice.pick(&openings).as_bytes().to_vec();
    if dice.percent(40) {
        damage(dice, &mut bytes);
    }
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let patience = Duration::from_secs(20);
    let _ = tokio::time::timeout(patience, stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(!answer.contains("HTTP/1.1 5"), "{:?} is answered with {answer}", String::from_utf8_lossy(&bytes));
}
