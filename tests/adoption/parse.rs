//! A real Parse Server as a process, and its REST API.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::harness::{Database, is_required};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_mins(2);

/// Who asks it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum As<'a> {
    Nobody,
    Master,
    Session(&'a str),
}

/// A Parse Server. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct ParseServer {
    _child: Child,
    url: String,
    http: reqwest::Client,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl ParseServer {
    /// Starts one on the database; nothing if it is not installed, which says so, and fails in CI.
    pub(crate) async fn start(database: &Database) -> Option<Self> {
        let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/adoption/parse-server");
        if !directory.join("node_modules/parse-server").exists() {
            assert!(!is_required(), "Parse Server is needed in CI: npm ci --prefix tests/adoption/parse-server");
            eprintln!("SKIPPED, there is no Parse Server: npm ci --prefix tests/adoption/parse-server");
            return None;
        }
        let mut command = Command::new("node");
        command.arg(directory.join("server.mjs")).env("DATABASE_URL", database.url().unwrap());
        command.current_dir(database.data_dir()).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("there is node");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, url)) = line.split_once("is ready at ") {
                    return Some(url.to_owned());
                }
            }
            None
        };
        let Some(url) = timeout(PATIENCE, ready).await.expect("Parse Server starts in time") else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
            panic!("Parse Server did not start: {said}");
        };
        // Nobody has to read what it says from now on.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Some(Self { _child: child, url, http })
    }

    /// Sends a request; `body` is null for none.
    pub(crate) async fn send(&self, caller: As<'_>, method: Method, path: &str, body: Value) -> Reply {
        let mut request =
            self.http.request(method, format!("{}{path}", self.url)).header("X-Parse-Application-Id", "app");
        request = match caller {
            As::Nobody => request,
            As::Master => request.header("X-Parse-Master-Key", "mk"),
            As::Session(token) => request.header("X-Parse-Session-Token", token),
        };
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.expect("Parse Server answers");
        let status = response.status().as_u16();
        Reply { status, body: response.json().await.unwrap_or_default() }
    }

    /// What a request that must succeed answers.
    pub(crate) async fn ok(&self, caller: As<'_>, method: Method, path: &str, body: Value) -> Value {
        let reply = self.send(caller, method.clone(), path, body).await;
        assert!(reply.status < 300, "{method} {path}: {reply:?}");
        reply.body
    }

    /// What it has at a path.
    pub(crate) async fn get(&self, caller: As<'_>, path: &str) -> Reply {
        self.send(caller, Method::GET, path, Value::Null).await
    }

    /// Makes an object, and answers its id.
    pub(crate) async fn create(&self, caller: As<'_>, class: &str, fields: Value) -> String {
        let made = self.ok(caller, Method::POST, &format!("/classes/{class}"), fields).await;
        made["objectId"].as_str().unwrap().to_owned()
    }
}
