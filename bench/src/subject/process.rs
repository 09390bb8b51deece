//! A server as a process: started, watched and stopped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf, absolute};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::http::{APP_ID, Connection, MASTER_KEY, request};
use crate::options::Options;
use crate::workload::Caller;

/// How many connections to PostgreSQL each server may have.
const CONNECTIONS: &str = "16";

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long it may take to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Ticks of the clock by which Linux counts processor time.
const TICKS: u64 = 100;

/// A server that runs.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// How long it took from its start to its first answer.
    pub(crate) ready_after: Duration,
}

impl Process {
    /// Starts Portcullis.
    pub(crate) async fn portcullis(options: &Options, binary: &Path, url: &str) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--environment", "production", "--log", "error", "--class-defaults", "parse"]);
        command.args(["--readable-session-tokens", "true", "--max-connections", CONNECTIONS, "--app-id", APP_ID]);
        command.args(["--master-key", MASTER_KEY, "--listen", &address.to_string(), "--database-url", url]);
        command.arg("--data-dir").arg(directory(options, "portcullis")?);
        Self::start(options, "portcullis", command, address).await
    }

    /// Starts Parse Server.
    pub(crate) async fn parse(options: &Options, url: &str) -> Result<Self> {
        let address = free_address()?;
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("parse-server");
        if !place.join("node_modules").is_dir() {
            println!("npm ci, for Parse Server");
            let mut install = Command::new("npm");
            install
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
                .arg(&place);
            if !install.status()?.success() {
                return Err("npm ci failed; without Parse Server, use --subjects floor".into());
            }
        }
        let mut command = Command::new("node");
        command.arg(place.join("server.mjs")).env("DATABASE_URL", url).env("CONNECTIONS", CONNECTIONS);
        command.env("PORT", address.port().to_string());
        Self::start(options, "parse-server", command, address).await
    }

    /// Starts the floor: this program, in a process of its own.
    pub(crate) async fn floor(options: &Options, url: &str) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["floor", "--listen", &address.to_string(), "--database-url", url]);
        Self::start(options, "floor", command, address).await
    }

    async fn start(options: &Options, name: &str, mut command: Command, address: SocketAddr) -> Result<Self> {
        // What is set for whoever runs the benchmark is none of the server's.
        for (variable, _) in
            std::env::vars_os().filter(|(variable, _)| variable.to_string_lossy().starts_with("PORTCULLIS_"))
        {
            command.env_remove(variable);
        }
        let log = directory(options, "log")?.join(format!("{name}.log"));
        let file = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let began = Instant::now();
        let child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
        let mut process = Self { child, address, ready_after: Duration::ZERO };
        while !process.answers().await {
            if process.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                return Err(format!("{name} does not answer: {}", fs::read_to_string(&log).unwrap_or_default()).into());
            }
            sleep(Duration::from_millis(2)).await;
        }
        process.ready_after = began.elapsed();
        Ok(process)
    }

    async fn answers(&self) -> bool {
        let question = request("/graphql", &Caller::Nobody, &json!({"query": "{ health }"}));
        match Connection::open(self.address).await {
            Ok(mut connection) => connection.data(&question).await.is_ok(),
            Err(_) => false,
        }
    }

    /// What the process has used of the processors.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program comes second, in parentheses, and may contain anything.
        let (_, fields) = stat.rsplit_once(')').ok_or("an unknown format of /proc/PID/stat")?;
        let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// A size in bytes: `VmRSS` is the memory that the process has now, `VmHWM` the most that it has had.
    pub(crate) fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kilobytes: u64 = line.and_then(|line| line.split_whitespace().next()).ok_or("an unknown size")?.parse()?;
        Ok(kilobytes * 1024)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.terminate()?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() && began.elapsed() < GRACE {
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    fn terminate(&self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.terminate().ok();
            let began = std::time::Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < GRACE {
                std::thread::sleep(Duration::from_millis(5));
            }
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

fn directory(options: &Options, name: &str) -> Result<PathBuf> {
    let directory = absolute(options.directory.join(name))?;
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

/// An address on which nobody listens.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
