//! Where PostgreSQL is, and a database of one's own in it.
//!
//! It is looked for once per run: at `PORTCULLIS_TEST_POSTGRES_URL`, else on this machine, else among the
//! installed programs, of which a server is then started, in a temporary directory, for the time of the run.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection, raw_sql};

use super::scratch::unique;

const LOCAL: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// A PostgreSQL in which databases can be made.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: reqwest::Url,
    /// Ends with this process, and the server that was started with it.
    _watch: Option<std::process::ChildStdin>,
}

/// The cluster of this run, or why there is none.
pub(crate) fn cluster() -> Result<&'static Cluster, &'static str> {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    CLUSTER.get_or_init(find).as_ref().map_err(String::as_str)
}

/// Whether a missing PostgreSQL is a failure.
pub(crate) fn is_required() -> bool {
    setting("CI").is_some_and(|ci| ci == "true")
}

/// A database of its own, dropped with this.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    cluster: &'static Cluster,
    name: String,
    url: String,
}

impl PostgresDatabase {
    pub(crate) async fn create(cluster: &'static Cluster) -> Self {
        let name = unique("portcullis-test");
        let create = format!(r#"CREATE DATABASE "{name}" ENCODING 'UTF8' TEMPLATE template0"#);
        execute(cluster.url.as_str(), create).await.unwrap();
        let mut url = cluster.url.clone();
        url.set_path(&name);
        Self { cluster, name, url: url.into() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let drop = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        if let Err(error) = wait_for(execute(self.cluster.url.as_str(), drop)) {
            eprintln!("the database {} is left over: {error}", self.name);
        }
    }
}

fn find() -> Result<Cluster, String> {
    if let Some(url) = setting("PORTCULLIS_TEST_POSTGRES_URL") {
        return reach(&url).map_err(|error| format!("PORTCULLIS_TEST_POSTGRES_URL: {error}"));
    }
    reach(LOCAL).or_else(|missing| start().map_err(|error| format!("{LOCAL}: {missing}; none can be started: {error}")))
}

fn reach(url: &str) -> Result<Cluster, String> {
    let parsed = url.parse().map_err(|error| format!("{error}"))?;
    wait_for(execute(url, "SELECT 1".to_owned())).map_err(|error| error.to_string())?;
    Ok(Cluster { url: parsed, _watch: None })
}

/// Starts a server of the newest programs that are installed. A shell waits for the end of its input, which is the
/// end of this process, however it comes, and then stops the server and removes its data.
fn start() -> Result<Cluster, String> {
    let programs = newest_programs().ok_or("there is no /usr/lib/postgresql/*/bin")?;
    let port = free_port();
    let script = format!(
        r#"
        set -e
        cd /
        data=$(mktemp -d)
        trap '"$0/pg_ctl" stop -D "$data/db" -m immediate >/dev/null 2>&1 || true; rm -rf "$data"' EXIT
        "$0/initdb" -D "$data/db" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >&2
        "$0/pg_ctl" start -w -D "$data/db" -l "$data/log" \
            -o "-h 127.0.0.1 -p {port} -c unix_socket_directories= -c fsync=off -c max_connections=300" >&2
        echo ready
        read -r _ || true
        "#
    );

    // As root: PostgreSQL refuses to run as root, and its package has made a user for it.
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = Command::new(if is_root { "runuser" } else { "bash" });
    if is_root {
        command.args(["-u", "postgres", "--", "bash"]);
    }
    command.arg("-c").arg(script).arg(&programs);
    let errors = std::env::temp_dir().join(unique("portcullis-test-postgres"));
    let log = std::fs::File::create(&errors).map_err(|error| error.to_string())?;
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn();
    let mut child = child.map_err(|error| error.to_string())?;

    let mut said = String::new();
    let _ = BufReader::new(child.stdout.take().unwrap()).read_line(&mut said);
    let log = std::fs::read_to_string(&errors).unwrap_or_default();
    let _ = std::fs::remove_file(&errors);
    if said != "ready\n" {
        return Err(format!("{} failed: {log}", programs.display()));
    }
    let cluster = reach(&format!("postgres://postgres@127.0.0.1:{port}/postgres"))?;
    Ok(Cluster { _watch: child.stdin.take(), ..cluster })
}

fn newest_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let usable = programs.filter(|bin| bin.join("initdb").exists());
    let version = |bin: &PathBuf| bin.parent().and_then(Path::file_name)?.to_str()?.parse::<u32>().ok();
    usable.max_by_key(version)
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn execute(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let work = async {
        let mut connection = PgConnection::connect(url).await?;
        raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    };
    let late = |_| sqlx::Error::Protocol("no answer within 30 s".to_owned());
    tokio::time::timeout(Duration::from_secs(30), work).await.map_err(late)?
}

/// Runs async work where nothing can be awaited, such as in `drop`: on a thread of its own.
fn wait_for<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime().block_on(work)).join().unwrap()
    })
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests is none of the server")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
