//! The real server as a process: started, watched, stopped.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::capture::{Capture, first_address};
use super::client::Client;
use super::database::Database;
use super::scan;
use super::setup::User;

/// How long a server may take to start or to stop. Generous: many start at once on a small machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const APP_ID: &str = "app";
pub(crate) const MASTER_KEY: &str = "key-of-the-masters";
pub(crate) const READ_ONLY_MASTER_KEY: &str = "key-of-the-readers";

/// How to start a server. [`Server::options`] has what most tests need.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    data_dir: PathBuf,
    flags: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    powerless: bool,
}

impl Options {
    /// The usual options, for a server that keeps its things in a directory, and its data there or in a database.
    pub(crate) fn on(data_dir: &Path, database_url: Option<&str>) -> Self {
        let mut flags = vec![
            ("--listen", "127.0.0.1:0"),
            ("--data-dir", data_dir.to_str().unwrap()),
            ("--app-id", APP_ID),
            ("--master-key", MASTER_KEY),
            ("--read-only-master-key", READ_ONLY_MASTER_KEY),
            ("--class-defaults", "parse"),
        ];
        flags.extend(database_url.map(|url| ("--database-url", url)));
        let flags = flags.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { data_dir: data_dir.to_owned(), flags, variables: Vec::new(), powerless: false }
    }

    /// Runs the program without the powers of root, to whom no file is forbidden.
    pub(crate) fn powerless(self) -> Self {
        Self { powerless: is_root(), ..self }
    }

    /// Sets a flag, whatever its value was.
    pub(crate) fn flag(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.flags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves out a flag.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.flags.retain(|(other, _)| other != name);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the server, which must succeed.
    pub(crate) async fn start(self) -> Server {
        self.attempt().await.unwrap_or_else(|output| panic!("the server did not start: {output}"))
    }

    /// Starts the server, or says what it said.
    pub(crate) async fn attempt(self) -> Result<Server, String> {
        let mut child = self.command("serve").spawn().unwrap();
        let (stdout, address) = Capture::of(child.stdout.take().unwrap().into_owned_fd().unwrap());
        let (stderr, _) = Capture::of(child.stderr.take().unwrap().into_owned_fd().unwrap());
        let mut server = Server { child, stdout, stderr, nobody: Client::new(), options: self };

        let found = tokio::select! {
            found = timeout(PATIENCE, first_address(address)) => found.ok().flatten(),
            _ = server.child.wait() => None,
        };
        match found {
            Some(url) => server.nobody = server.nobody.at(&url),
            None => return Err(server.output().await),
        }
        Ok(server)
    }

    /// Runs a command of the program that ends by itself, such as `serve` with a mistake in its settings. The
    /// words are the command and arguments that are no flags.
    pub(crate) async fn finish(&self, words: &str) -> Finished {
        let child = self.command(words).kill_on_drop(true).spawn().unwrap();
        let output = timeout(PATIENCE, child.wait_with_output()).await;
        let output = output.expect("the command did not end by itself").unwrap();
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let leak = stdout.lines().chain(stderr.lines()).find_map(scan::line);
        assert_eq!(leak, None, "a command printed what it must not");
        Finished { status: output.status, stdout, stderr }
    }

    /// Begins a command of the program, for tests that watch or kill it. It is killed when this is dropped.
    pub(crate) fn spawn(&self, words: &str) -> Child {
        self.command(words).kill_on_drop(true).spawn().unwrap()
    }

    fn command(&self, words: &str) -> Command {
        let mut command = if self.powerless {
            let mut setpriv = Command::new("setpriv");
            setpriv.args(["--bounding-set=-all", "--inh-caps=-all", "--", env!("CARGO_BIN_EXE_portcullis")]);
            setpriv
        } else {
            Command::new(env!("CARGO_BIN_EXE_portcullis"))
        };
        command.args(words.split_whitespace());
        for (name, value) in &self.flags {
            command.arg(name).arg(value);
        }
        // The settings of whoever runs the tests are none of the server's, nor is a file in their directory.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PORTCULLIS_") {
                command.env_remove(name);
            }
        }
        command.envs(self.variables.iter().cloned());
        command.current_dir(&self.data_dir);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stdout: Capture,
    stderr: Capture,
    /// A caller without headers, whose connections all callers share.
    nobody: Client,
    options: Options,
}

impl Server {
    /// Starts a server with the open defaults of Parse.
    pub(crate) async fn start(database: &Database) -> Self {
        Self::options(database).start().await
    }

    /// The usual options, for a test to change.
    pub(crate) fn options(database: &Database) -> Options {
        Options::on(database.data_dir(), database.url())
    }

    /// Where the API is: `http://127.0.0.1:PORT/graphql`.
    pub(crate) fn url(&self) -> &str {
        self.nobody.url()
    }

    /// Where the server is, for paths beside the API: `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> &str {
        self.url().strip_suffix("/graphql").unwrap()
    }

    /// A caller who knows the application id only.
    pub(crate) fn anonymous(&self) -> Client {
        self.caller(&[("X-Parse-Application-Id", APP_ID)])
    }

    /// A caller with the master key.
    pub(crate) fn master(&self) -> Client {
        self.anonymous().with("X-Parse-Master-Key", MASTER_KEY)
    }

    /// A caller with the read-only master key.
    pub(crate) fn read_only_master(&self) -> Client {
        self.anonymous().with("X-Parse-Master-Key", READ_ONLY_MASTER_KEY)
    }

    /// A user with the session of signing up.
    pub(crate) fn user(&self, user: &User) -> Client {
        self.session(&user.token)
    }

    /// A caller with a session token.
    pub(crate) fn session(&self, token: &str) -> Client {
        self.anonymous().with("X-Parse-Session-Token", token)
    }

    /// A caller with these headers, and no others.
    pub(crate) fn caller(&self, headers: &[(&str, &str)]) -> Client {
        let nobody = self.nobody.clone();
        headers.iter().fold(nobody, |client, (name, value)| client.with(name, value))
    }

    /// What it has printed so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has logged so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Asks the server to stop, by SIGTERM, and waits until it has.
    pub(crate) async fn stop(mut self) -> Finished {
        self.terminate().await;
        let status = self.ended().await;
        self.stdout.end();
        self.stderr.end();
        Finished { status, stdout: self.stdout(), stderr: self.stderr() }
    }

    /// Sends SIGTERM, for tests that watch the server stop.
    pub(crate) async fn terminate(&self) {
        let id = self.child.id().expect("the server runs").to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(status.success(), "kill -TERM {id}");
    }

    /// Waits for the end of a server that was told to stop.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        if let Ok(status) = timeout(PATIENCE, self.child.wait()).await {
            return status.unwrap();
        }
        panic!("the server did not stop: {}", self.output().await)
    }

    /// Stops the server and starts another one with the same options on the same data.
    pub(crate) async fn restart(self) -> Self {
        let options = self.options.clone();
        let finished = self.stop().await;
        assert!(finished.status.success(), "{finished:?}");
        options.start().await
    }

    /// Kills the server, by SIGKILL, and gives the options with which another one takes its place.
    pub(crate) async fn kill(mut self) -> Options {
        self.child.kill().await.unwrap();
        self.options.clone()
    }

    /// Everything it said, once it is dead, for the message of a panic.
    async fn output(&mut self) -> String {
        let _ = self.child.kill().await;
        self.stdout.end();
        self.stderr.end();
        format!("--- stdout ---\n{}\n--- stderr ---\n{}", self.stdout(), self.stderr())
    }
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    std::process::Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        // Until it is gone, it may write to a directory that is about to be removed.
        let patience = std::time::Instant::now() + Duration::from_secs(5);
        while matches!(self.child.try_wait(), Ok(None)) && std::time::Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
        if std::thread::panicking() {
            eprintln!("--- the log of the server ---\n{}", self.stderr());
        } else if matches!(self.child.try_wait(), Ok(Some(_))) {
            let leaks = [self.stdout.end(), self.stderr.end()];
            assert_eq!(leaks, [None, None], "a server printed what it must not");
        }
    }
}
