//! What depends on the number of classes: start, memory, and the time until a new class can be used.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::http::{self, Connection};
use crate::load;
use crate::options::{Engine, Kind, Options};
use crate::rows;
use crate::subject::{Process, portcullis};
use crate::workload::Caller;

/// How many idle connections are opened.
const IDLE: usize = 500;

/// How many classes are made one after the other, with many there.
const NEW_CLASSES: usize = 5;

/// How long a new class may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was measured of one server with some classes.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    pub(crate) engine: Engine,
    pub(crate) kind: Kind,
    pub(crate) classes: usize,
    /// From the start of the process to its first answer: the least of several starts.
    pub(crate) ready: Duration,
    /// Memory after the start, before any request of a client.
    pub(crate) memory: u64,
    /// Memory for each open connection that has asked once.
    pub(crate) connection: Option<f64>,
    /// From the mutation that makes a class to the first answer about its objects: the middle of several.
    pub(crate) new_class: Option<Duration>,
    /// The most memory, after many sessions have asked as well.
    pub(crate) peak: u64,
}

/// Measures everything with 10 classes and with 500.
pub(crate) async fn measure(options: &Options, engine: Engine) -> Result<Vec<Sizes>> {
    let binary = portcullis(options)?;
    let mut all = Vec::new();
    for classes in [10, 500] {
        let database = rows::empty(options, engine, &format!("classes_{classes}")).await?;
        let server = Process::portcullis(options, &binary, &database.url).await?;
        for number in 0..classes {
            rows::create_class(&server, class(&format!("Kind{number}Item"))).await?;
        }
        server.stop().await?;
        rows::fill_sessions(options, engine, &database).await?;
        for kind in [Kind::Portcullis, Kind::Parse] {
            if kind == Kind::Parse && (engine == Engine::Sqlite || !options.kinds.contains(&kind)) {
                continue;
            }
            let sizes = of_server(options, (engine, kind, classes), &binary, &database.url).await?;
            println!("{}", crate::report::sizes_line(&sizes));
            all.push(sizes);
        }
        rows::remove(options, engine, &database).await?;
    }
    Ok(all)
}

fn class(name: &str) -> Json {
    let names = |names: &[&str]| -> Json { names.iter().map(|name| json!({"name": name})).collect() };
    json!({"name": name, "schemaFields": {
        "addStrings": names(&["title", "body", "category"]),
        "addNumbers": names(&["score"]),
        "addBooleans": names(&["active"]),
        "addDates": names(&["publishedAt"]),
        "addPointers": [{"name": "owner", "targetClassName": "_User"}],
    }})
}

async fn start(options: &Options, kind: Kind, binary: &Path, url: &str) -> Result<Process> {
    match kind {
        Kind::Parse => Process::parse(options, url).await,
        Kind::Portcullis | Kind::Baseline | Kind::Floor => Process::portcullis(options, binary, url).await,
    }
}

async fn of_server(
    options: &Options,
    (engine, kind, classes): (Engine, Kind, usize),
    binary: &Path,
    url: &str,
) -> Result<Sizes> {
    let mut ready = Duration::MAX;
    for _ in 0..if kind == Kind::Parse { 1 } else { 3 } {
        let server = start(options, kind, binary, url).await?;
        ready = ready.min(server.ready_after);
        server.stop().await?;
    }
    let server = start(options, kind, binary, url).await?;
    let memory = server.memory("VmRSS")?;
    let connection = Some(idle_connections(&server).await?);
    let new_class = if classes > 100 { Some(new_class(&server).await?) } else { None };
    many_sessions(&server, options.seconds).await?;
    let peak = server.memory("VmHWM")?;
    server.stop().await?;
    Ok(Sizes { engine, kind, classes, ready, memory, connection, new_class, peak })
}

/// Bytes for each connection that stays open.
async fn idle_connections(server: &Process) -> Result<f64> {
    let question = http::request("/graphql", &Caller::User(rows::token(0)), &json!({"query": "{ health }"}));
    // What is allocated once only is there afterwards.
    for _ in 0..50 {
        Connection::open(server.address).await?.exchange(&question).await?;
    }
    let before = server.memory("VmRSS")?;
    let mut open = Vec::new();
    for _ in 0..IDLE {
        let mut connection = Connection::open(server.address).await?;
        connection.exchange(&question).await?;
        open.push(connection);
    }
    Ok((server.memory("VmRSS")?.saturating_sub(before)) as f64 / IDLE as f64)
}

/// From the mutation to the first answer about the objects of the class.
async fn new_class(server: &Process) -> Result<Duration> {
    let mut times = Vec::new();
    for number in 0..NEW_CLASSES {
        // Every server makes other ones in the same database.
        let number = format!("{}{number}", server.address.port());
        let name = format!("Fresh{number}Item");
        let question = json!({"query": format!("query {{ fresh{number}Items {{ edges {{ node {{ title }} }} }} }}")});
        let question = http::request("/graphql", &Caller::User(rows::token(0)), &question);
        let began = Instant::now();
        rows::create_class(server, class(&name)).await?;
        while Connection::open(server.address).await?.data(&question).await.is_err() {
            if began.elapsed() > PATIENCE {
                return Err(format!("the class {name} cannot be used").into());
            }
            sleep(Duration::from_millis(2)).await;
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Each of 10,000 sessions asks, and among the questions are several for each class.
async fn many_sessions(server: &Process, seconds: f64) -> Result<()> {
    let request = |n: u64| {
        let query =
            format!("query {{ kind{}Items(first: 10) {{ count edges {{ node {{ objectId title }} }} }} }}", n % 10);
        http::request("/graphql", &Caller::User(rows::token(n % rows::SESSIONS)), &json!({"query": query}))
    };
    let requests: Arc<[Vec<u8>]> = (0..rows::SESSIONS).map(request).collect();
    load::run(server.address, server, &requests, 16, seconds * 3.0).await?;
    Ok(())
}
