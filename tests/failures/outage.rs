//! A PostgreSQL of a test's own, and what a server must do while it is away.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::harness::{Client, Database, Options, Server};
use super::postgres_server::PostgresServer;
use super::writers::{PATIENCE, Told, Writers, prepare};

/// How long a server may take to work again once its database does. Generous: the machine may be busy.
pub(crate) const RECOVERY: Duration = Duration::from_secs(20);

/// How long an answer may take with [`options`], whatever has happened to the database.
pub(crate) const ANSWER: Duration = Duration::from_secs(15);

/// A PostgreSQL with an empty database for an application.
pub(crate) struct Stage {
    pub(crate) cluster: PostgresServer,
    pub(crate) database: Database,
}

impl Stage {
    /// Starts one with these settings, on which acknowledged writes survive a crash.
    pub(crate) async fn set(settings: &[&str]) -> Option<Self> {
        let cluster = PostgresServer::start(&[&["fsync = on"], settings].concat()).await?;
        let database = Database::at(cluster.create_database("app").await);
        Some(Self { cluster, database })
    }

    /// A server with the classes that the writers write to, which gives up soon.
    pub(crate) async fn server(&self) -> Server {
        let server = impatient(Server::options(&self.database)).start().await;
        prepare(&server).await;
        server
    }
}

/// A server that gives up soon.
pub(crate) fn impatient(options: Options) -> Options {
    options.flag("--connect-timeout", "1s").flag("--request-timeout", "5s").flag("--lock-timeout", "2s")
}

/// Eight clients that write.
pub(crate) fn eight(round: &str, server: &Server) -> Writers {
    Writers::start(round, (0..8).map(|_| server.anonymous()))
}

/// Checks that the server says that it is not ready, but alive, and turns everybody away in time and in clear words.
pub(crate) async fn is_away(server: &Server) {
    let nobody = server.anonymous();
    let begun = Instant::now();
    while nobody.get("/ready").await.status != 503 {
        assert!(begun.elapsed() < RECOVERY, "the server says that it is ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(nobody.get("/health").await.status, 200);
    for text in ["{ parents { count } }", "mutation { createChild(input: { fields: {} }) { child { id } } }"] {
        turned_away(&nobody, text).await;
    }
}

/// Sends a request that must fail in time, with the code of a database that is away or slow. Its message is for the client.
pub(crate) async fn turned_away(client: &Client, text: &str) {
    let begun = Instant::now();
    let answer = client.query(text, Value::Null).await;
    assert!(begun.elapsed() < ANSWER, "it takes too long to say no: {:?}", begun.elapsed());
    assert!([100, 124].contains(&answer.code()), "{}", answer.body);
    is_discreet(&answer.body);
}

/// Nothing of the driver, the address or the database is told.
fn is_discreet(body: &str) {
    for word in ["postgres", "sql", "127.0.0.1", "relation", "backend", "connection refused"] {
        assert!(!body.to_lowercase().contains(word), "{word} is in {body}");
    }
}

/// Waits until the server works again for all who write, and says how long that took.
pub(crate) async fn recovers(server: &Server, writers: &Writers) -> Duration {
    let begun = Instant::now();
    let nobody = server.anonymous();
    while nobody.get("/ready").await.status != 200 {
        assert!(begun.elapsed() < RECOVERY, "the server does not recover");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    writers.wait_for(8).await;
    let took = begun.elapsed();
    assert!(took < RECOVERY, "the writers get on after {took:?}");
    took
}

/// Stops the writers. They were told of nothing but a database that is away or slow.
pub(crate) async fn told(writers: Writers) -> Told {
    let told = tokio::time::timeout(PATIENCE, writers.stop()).await.expect("no request hangs");
    assert!(told.codes.is_subset(&[100, 124].into()), "{:?}", told.codes);
    told
}

/// A class that is made meanwhile, to see definitions and tables agree.
pub(crate) async fn try_to_alter(master: &Client, name: &str) {
    let text = "mutation ($name: String!) { createClass(input: { name: $name, schemaFields: {
        addStrings: [{ name: \"text\" }], addRelations: [{ name: \"kids\", targetClassName: \"Child\" }]
    } }) { class { name } } }";
    let answer = master.query(text, json!({"name": name})).await;
    assert!(answer.codes().is_empty() || [100, 124].contains(&answer.code()), "{}", answer.body);
}
