//! The servers that are measured, and the stage on which they stand together: the same rows, on one PostgreSQL.

mod binary;
mod process;

use std::path::PathBuf;

use serde_json::{Value as Json, json};

pub(crate) use self::binary::portcullis;
pub(crate) use self::process::Process;
use crate::Result;
use crate::http;
use crate::options::{Engine, Kind, Options};
use crate::rows::{self, Database, Size};
use crate::workload::{Caller, Scene};

/// A server that runs, and what is asked of it.
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) process: Process,
    pub(crate) scene: Scene,
}

/// Servers on the same rows.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) subjects: Vec<Subject>,
    databases: Vec<Database>,
}

/// The most memory that a server has used.
#[derive(Debug, Clone)]
pub(crate) struct Peak {
    pub(crate) engine: Engine,
    pub(crate) kind: Kind,
    /// What it had done by then.
    pub(crate) load: &'static str,
    pub(crate) bytes: u64,
}

impl Stage {
    /// Makes the database if it is not there, and starts the servers.
    pub(crate) async fn set(options: &Options, engine: Engine) -> Result<Self> {
        let binary = portcullis(options)?;
        let database = rows::prepare(options, engine, &binary, "").await?;
        let mut stage = Self { engine, subjects: Vec::new(), databases: Vec::new() };
        for kind in options.kinds.iter().copied().filter(|kind| exists(*kind, engine)) {
            let process = match kind {
                Kind::Parse => {
                    // It is measured as it runs without us.
                    let own = rows::prepare(options, engine, &binary, "_parse").await?;
                    rows::drop_our_indexes(&own).await?;
                    let process = Process::parse(options, &own.url).await?;
                    stage.databases.push(own);
                    process
                }
                Kind::Portcullis => Process::portcullis(options, &binary, &database.url).await?,
                Kind::Floor => Process::floor(options, &database.url).await?,
                Kind::Baseline => {
                    let binary = baseline(options)?;
                    // It may know other migrations, so it gets a database of its own.
                    let own = rows::prepare(options, engine, &binary, "_baseline").await?;
                    let process = Process::portcullis(options, &binary, &own.url).await?;
                    stage.databases.push(own);
                    process
                }
            };
            let scene = scene(options, kind, &process).await?;
            stage.subjects.push(Subject { kind, process, scene });
        }
        stage.databases.push(database);
        Ok(stage)
    }

    /// Stops the servers, and removes the databases if that is wanted.
    pub(crate) async fn clear(self, options: &Options) -> Result<()> {
        for subject in self.subjects {
            subject.process.stop().await?;
        }
        for database in self.databases.iter().filter(|_| options.remove) {
            rows::remove(options, self.engine, database).await?;
        }
        Ok(())
    }

    /// The most memory that each server has used so far, under this load.
    pub(crate) fn peaks(&self, load: &'static str) -> Result<Vec<Peak>> {
        let peak =
            |one: &Subject| Ok(Peak { engine: self.engine, kind: one.kind, load, bytes: one.process.memory("VmHWM")? });
        self.subjects.iter().map(peak).collect()
    }

    /// The server of a kind.
    pub(crate) fn subject(&self, kind: Kind) -> Result<&Subject> {
        Ok(self.subjects.iter().find(|one| one.kind == kind).ok_or("a server that does not run")?)
    }
}

/// Parse Server has PostgreSQL only.
fn exists(kind: Kind, engine: Engine) -> bool {
    kind != Kind::Parse || engine == Engine::Postgres
}

fn baseline(options: &Options) -> Result<PathBuf> {
    binary::baseline(options, options.baseline.as_deref().ok_or("no baseline is given")?)
}

/// What is asked of a server. Each has cursors of its own.
async fn scene(options: &Options, kind: Kind, process: &Process) -> Result<Scene> {
    let size = Size::new(options.scale);
    let row = size.before_late_page();
    let cursor = match kind {
        Kind::Parse | Kind::Baseline | Kind::Portcullis => {
            let query =
                "query ($row: Int!) { posts(first: 1, skip: $row, order: [createdAt_ASC]) { edges { cursor } } }";
            let user = Caller::User(rows::token(0));
            let mut data = http::ask(process.address, &user, query, json!({"row": row})).await?;
            data.pointer_mut("/posts/edges/0/cursor").map_or(Json::Null, Json::take)
        }
        Kind::Floor => {
            let request = http::request("/cursor", &Caller::Nobody, &json!({"row": row}));
            http::Connection::open(process.address).await?.data(&request).await?
        }
    };
    Ok(Scene { kind, size, cursor })
}
