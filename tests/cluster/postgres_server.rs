//! PostgreSQL servers of a test's own: started, restarted, killed, followed by standbys.
//!
//! A server keeps its port whatever happens to it. It listens on 127.0.0.1 only, lets everybody in as `postgres`, and goes away
//! with this process, however that ends. A test that has no PostgreSQL is skipped, which says so, and fails in CI.

#![allow(dead_code, reason = "a helper may come before the first test that needs it")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection};
use tokio::process::Command;

use super::harness::is_required;

/// How long the database may take to do what it is told.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Its clients are sent away first.
    Fast,
    /// As if it had crashed, but its processes are told.
    Immediate,
}

/// A PostgreSQL server in a directory of its own.
#[derive(Debug)]
pub(crate) struct PostgresServer {
    directory: PathBuf,
    port: u16,
    /// A shell that waits for the end of its input, stops the server, and removes its data.
    watch: Child,
    input: Option<ChildStdin>,
}

impl PostgresServer {
    /// Starts an empty server with these lines in its configuration, such as `max_connections = 20`.
    pub(crate) async fn start(settings: &[&str]) -> Option<Self> {
        let server = Self::prepare()?;
        let data = server.data();
        let arguments =
            ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-N"];
        server.must("initdb", &arguments).await;
        server.set(&["listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "fsync = off"]);
        server.set(settings);
        server.start_again().await;
        Some(server)
    }

    /// Starts a standby that streams from this server, which must be running.
    pub(crate) async fn standby(&self) -> Self {
        let standby = Self::prepare().expect("there are programs, as this server was started with them");
        let (data, port) = (standby.data(), self.port.to_string());
        let source = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres"];
        let target = ["-D", &data, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
        standby.must("pg_basebackup", &[source.as_slice(), target.as_slice()].concat()).await;
        standby.start_again().await;
        standby
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Changes the port from the next start on, so that a server can take the place of another one.
    pub(crate) const fn move_to(&mut self, port: u16) {
        self.port = port;
    }

    /// A directory of the server's user, beside the data.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds lines to the configuration, for the next start or [`reload`](Self::reload).
    pub(crate) fn set(&self, settings: &[&str]) {
        self.append("postgresql.conf", settings);
    }

    /// Replaces the rules of who is let in, for the next start or [`reload`](Self::reload).
    pub(crate) fn admit(&self, rules: &[&str]) {
        std::fs::write(self.directory.join("db/pg_hba.conf"), "").unwrap();
        self.append("pg_hba.conf", rules);
    }

    /// Starts the server after it was stopped or killed.
    pub(crate) async fn start_again(&self) {
        let (data, log, port) = (self.data(), self.directory.join("log"), self.port);
        let options = format!("-p {port}");
        self.must("pg_ctl", &["start", "-w", "-D", &data, "-l", log.to_str().unwrap(), "-o", &options]).await;
    }

    pub(crate) async fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.must("pg_ctl", &["stop", "-w", "-D", &self.data(), "-m", mode]).await;
    }

    pub(crate) async fn restart(&self, how: Stop) {
        self.stop(how).await;
        self.start_again().await;
    }

    /// Ends the server's main process with SIGKILL, and waits until all of its processes are gone.
    pub(crate) async fn kill(&self) {
        let file = self.directory.join("db/postmaster.pid");
        let id = std::fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        assert!(Command::new("kill").args(["-KILL", &id]).status().await.unwrap().success());
        let ended = async {
            let processes: Vec<_> = children.split_whitespace().chain([id.as_str()]).collect();
            while processes.iter().any(|process| lives(process)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("the server's processes end");
        // A process that nobody has waited for yet would count as a server that runs.
        std::fs::remove_file(file).unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.must("pg_ctl", &["reload", "-D", &self.data()]).await;
    }

    /// Makes a standby a server that is written to.
    pub(crate) async fn promote(&self) {
        self.must("pg_ctl", &["promote", "-w", "-D", &self.data()]).await;
    }

    /// Makes an empty database, and answers its address.
    pub(crate) async fn create_database(&self, name: &str) -> String {
        self.execute("postgres", &format!(r#"CREATE DATABASE "{name}" TEMPLATE template0"#)).await;
        self.url(name)
    }

    /// Does something in a database, which must work.
    pub(crate) async fn execute(&self, database: &str, sql: &str) {
        let done = async {
            let mut connection = PgConnection::connect(&self.url(database)).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            connection.close().await
        };
        tokio::time::timeout(PATIENCE, done).await.expect("an answer in time").unwrap();
    }

    /// What a query answers, as a column of texts.
    pub(crate) async fn texts(&self, database: &str, sql: &str) -> Vec<Option<String>> {
        let asked = async {
            let mut connection = PgConnection::connect(&self.url(database)).await?;
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("an answer in time").unwrap()
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// Runs a program as the user of the server, in its directory, and answers whether it succeeded and what it said.
    pub(crate) async fn run(&self, program: &str, arguments: &[&str]) -> (bool, String) {
        let said = self.directory.join("said");
        let output = std::fs::File::create(&said).unwrap();
        let mut command = Command::from(as_user(program));
        // The server inherits its output, so a pipe would never end.
        command.args(arguments).current_dir(&self.directory).stdin(Stdio::null());
        command.stdout(output.try_clone().unwrap()).stderr(output).kill_on_drop(true);
        let status = tokio::time::timeout(PATIENCE, command.status()).await;
        let status = status.unwrap_or_else(|_late| panic!("{program} {arguments:?} takes too long")).unwrap();
        (status.success(), std::fs::read_to_string(said).unwrap_or_default())
    }

    async fn must(&self, program: &str, arguments: &[&str]) {
        let path = programs().expect("there are programs").join(program);
        let (success, said) = self.run(path.to_str().unwrap(), arguments).await;
        assert!(success, "{program} {arguments:?}: {said}\n{}", self.log());
    }

    fn data(&self) -> String {
        self.directory.join("db").to_str().unwrap().to_owned()
    }

    fn append(&self, file: &str, lines: &[&str]) {
        let path = self.directory.join("db").join(file);
        let text = std::fs::read_to_string(&path).unwrap() + &lines.join("\n") + "\n";
        std::fs::write(path, text).unwrap();
    }

    /// Makes a directory and its watch.
    fn prepare() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(!is_required(), "PostgreSQL is needed in CI: there is no /usr/lib/postgresql/*/bin");
            eprintln!("SKIPPED, there is no PostgreSQL in /usr/lib/postgresql/*/bin");
            return None;
        };
        let script = r#"
            cd /
            directory=$(mktemp -d)
            trap '"$0/pg_ctl" stop -D "$directory/db" -m immediate >/dev/null 2>&1; rm -rf "$directory"' EXIT
            echo "$directory"
            read -r _
            true
        "#;
        let mut command = as_user("bash");
        command.args(["-c", script]).arg(programs).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut watch = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(watch.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let input = watch.stdin.take();
        Some(Self { directory: said.trim_end().into(), port: free_port(), watch, input })
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the log of PostgreSQL at port {} ---\n{}", self.port, self.log());
        }
        drop(self.input.take());
        let _ = self.watch.wait();
    }
}

/// A program, as the user that the package of PostgreSQL has made for it if this is root, whom PostgreSQL refuses.
pub(crate) fn as_user(program: &str) -> std::process::Command {
    let is_root = std::process::Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root {
        return std::process::Command::new(program);
    }
    let mut command = std::process::Command::new("runuser");
    command.args(["-u", "postgres", "--", program]);
    command
}

/// The newest programs that are installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let version = |bin: &PathBuf| bin.parent().and_then(Path::file_name)?.to_str()?.parse::<u32>().ok();
    programs.filter(|bin| bin.join("initdb").exists()).max_by_key(version)
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether a process is there, and not only waiting to be reaped.
fn lives(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

#[tokio::test]
async fn a_server_is_killed_started_again_and_followed() {
    let Some(primary) = PostgresServer::start(&["max_connections = 20"]).await else { return };
    let standby = primary.standby().await;
    primary.execute("postgres", "CREATE TABLE kept (name text); INSERT INTO kept VALUES ('a')").await;
    primary.kill().await;
    assert!(PgConnection::connect(&primary.url("postgres")).await.is_err());
    primary.start_again().await;
    assert_eq!(primary.texts("postgres", "SELECT name FROM kept").await, [Some("a".to_owned())]);
    primary.restart(Stop::Fast).await;
    primary.stop(Stop::Immediate).await;
    standby.promote().await;
    standby.execute("postgres", "INSERT INTO kept VALUES ('b')").await;
    let kept = standby.texts("postgres", "SELECT name FROM kept ORDER BY name").await;
    assert_eq!(kept, [Some("a".to_owned()), Some("b".to_owned())]);
}
