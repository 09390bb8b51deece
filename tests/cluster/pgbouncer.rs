//! A real `PgBouncer` in transaction mode, before a PostgreSQL server of the test's own.

use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

use tokio::net::TcpStream;

use super::harness::is_required;
use super::postgres_server::{PostgresServer, as_user, free_port};
use super::scene::until;

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A pooler, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    port: u16,
    watch: Child,
    input: Option<ChildStdin>,
}

impl PgBouncer {
    /// Starts one that has so many connections for each database.
    pub(crate) async fn start(postgres: &PostgresServer, connections: u32) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            assert!(!is_required(), "PgBouncer is needed in CI: there is no {PROGRAM}");
            eprintln!("SKIPPED, there is no {PROGRAM}");
            return None;
        }
        let (port, behind, directory) = (free_port(), postgres.port(), postgres.directory().display());
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={behind}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {directory}/users\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 500\n"
        );
        std::fs::write(postgres.directory().join("users"), "\"postgres\" \"\"\n").unwrap();
        std::fs::write(postgres.directory().join("pgbouncer.ini"), configuration).unwrap();
        let script = r#"
            "$0" "$1/pgbouncer.ini" >"$1/pgbouncer.log" 2>&1 &
            read -r _
            kill -KILL $!
        "#;
        let mut command = as_user("bash");
        command.args(["-c", script, PROGRAM]).arg(postgres.directory()).current_dir("/").stdin(Stdio::piped());
        let mut watch = command.spawn().unwrap();
        let input = watch.stdin.take();
        let pooler = Self { port, watch, input };
        until("the pooler answers", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some(pooler)
    }

    /// The address of a database, through the pooler.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.watch.wait();
    }
}
