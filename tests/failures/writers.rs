//! Clients that write without a pause, and remember what they were told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::harness::{Answer, Client, Server};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A parent, a child that it points to, and two that it is related to.
pub(crate) const NESTED: &str = "mutation ($name: String, $acl: ACLInput) {
    createParent(input: { fields: {
        name: $name, ACL: $acl
        child: { createAndLink: { name: $name } }
        kids: { createAndAdd: [{ name: $name }, { name: $name }] }
    } }) { parent { name child { name } kids { count } } }
}";

/// A parent and a child that it points to, which need no transaction on PostgreSQL.
pub(crate) const POINTING: &str = "mutation ($name: String, $acl: ACLInput) {
    createParent(input: { fields: {
        name: $name, ACL: $acl
        child: { createAndLink: { name: $name } }
    } }) { parent { name child { name } } }
}";

/// How the names of parents end that have no kids.
pub(crate) const KIDLESS: &str = "-kidless";

/// What the clients were told of the names that they wrote.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    /// It is there.
    pub(crate) made: BTreeSet<String>,
    /// It is not there.
    pub(crate) refused: BTreeSet<String>,
    /// The codes of refusals.
    pub(crate) codes: BTreeSet<i64>,
}

impl Told {
    /// Notes what became of a name. Whoever got no answer, or one that says so, does not know.
    pub(crate) fn note(&mut self, name: &str, answer: Result<Answer, reqwest::Error>) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                // What reached nobody was done by nobody.
                if error.is_connect() {
                    self.refused.insert(name.to_owned());
                }
                return;
            }
        };
        assert!(!answer.body.to_lowercase().contains("sql"), "no word of the driver: {}", answer.body);
        if answer.status == 200 && (answer.codes().is_empty() || answer.body.contains("The change was made")) {
            self.made.insert(name.to_owned());
            return;
        }
        self.codes.insert(answer.code());
        if !answer.body.contains("may have been made") {
            self.refused.insert(name.to_owned());
        }
    }

    /// Adds what others were told.
    pub(crate) fn add(&mut self, other: Self) {
        self.made.extend(other.made);
        self.refused.extend(other.refused);
        self.codes.extend(other.codes);
    }
}

/// Makes the classes that the clients write to.
pub(crate) async fn prepare(server: &Server) {
    server.create_class("Child", &[("name", "String")]).await;
    let fields = [("name", "String"), ("child", "Pointer:Child"), ("kids", "Relation:Child")];
    server.create_class("Parent", &fields).await;
}

/// Clients that write until they are told to stop.
pub(crate) struct Writers {
    stop: Arc<AtomicBool>,
    told: Arc<Mutex<Told>>,
    tasks: JoinSet<()>,
}

impl Writers {
    /// Begins to write with these clients. The names they give begin with `round`.
    pub(crate) fn start(round: &str, clients: impl IntoIterator<Item = Client>) -> Self {
        let (stop, told) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Told::default())));
        let mut tasks = JoinSet::new();
        for (number, client) in clients.into_iter().enumerate() {
            let (stop, told, round) = (Arc::clone(&stop), Arc::clone(&told), round.to_owned());
            tasks.spawn(async move {
                for count in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let (document, end) = if count % 2 == 0 { (NESTED, "") } else { (POINTING, KIDLESS) };
                    let name = format!("{round}-{number}-{count}{end}");
                    let readers = json!({"public": {"read": count % 3 == 0, "write": true}, "users": [{"userId": name, "read": true, "write": false}]});
                    let answer = client.attempt(document, json!({"name": name, "acl": readers})).await;
                    let away = answer.is_err();
                    told.lock().unwrap().note(&name, answer);
                    if away {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            });
        }
        Self { stop, told, tasks }
    }

    /// What they have been told so far.
    pub(crate) fn told(&self) -> Told {
        self.told.lock().unwrap().clone()
    }

    /// Waits until so many more writes have been acknowledged.
    pub(crate) async fn wait_for(&self, more: usize) {
        let (begun, before) = (Instant::now(), self.told().made.len());
        while self.told().made.len() < before + more {
            assert!(begun.elapsed() < PATIENCE, "the writers get nowhere: {:?}", self.told().codes);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops them, and says what they have been told.
    pub(crate) async fn stop(mut self) -> Told {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(done) = self.tasks.join_next().await {
            done.unwrap();
        }
        self.told()
    }
}
