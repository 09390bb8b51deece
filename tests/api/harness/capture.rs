//! The output of a process, read as it comes.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use super::scan;

/// The lines of an output, read as they come.
#[derive(Debug)]
pub(crate) struct Capture {
    text: Arc<Mutex<String>>,
    /// A thread, so that a test can wait for the last line where it cannot await anything. It ends with the first
    /// leak that it found, if it found one.
    reader: Option<JoinHandle<Option<String>>>,
    leak: Option<String>,
}

impl Capture {
    /// Also watches for the address of an API.
    pub(crate) fn of(output: OwnedFd) -> (Self, watch::Receiver<Option<String>>) {
        let text = Arc::new(Mutex::new(String::new()));
        let (found, address) = watch::channel(None);
        let written = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut leak = None;
            for line in BufReader::new(File::from(output)).lines().map_while(Result::ok) {
                lock(&written).extend([line.as_str(), "\n"]);
                leak = leak.or_else(|| scan::line(&line));
                if let Some(url) = address_in(&line) {
                    found.send_if_modified(|known| known.is_none() && known.replace(url).is_none());
                }
            }
            leak
        });
        (Self { text, reader: Some(reader), leak: None }, address)
    }

    pub(crate) fn text(&self) -> String {
        lock(&self.text).clone()
    }

    /// Reads on until the output ends, which it has if its process has, and gives the first leak in it.
    pub(crate) fn end(&mut self) -> Option<&str> {
        if let Some(reader) = self.reader.take() {
            self.leak = reader.join().expect("the output is read");
        }
        self.leak.as_deref()
    }
}

fn lock(text: &Mutex<String>) -> MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address, or nothing if the output ends without one.
pub(crate) async fn first_address(mut address: watch::Receiver<Option<String>>) -> Option<String> {
    address.wait_for(Option::is_some).await.ok()?.clone()
}

/// The address of an API in a line of the server: `http://…/graphql`.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://")?;
    let (authority, _) = rest.split_once("/graphql")?;
    let plain = !authority.is_empty() && !authority.contains(|c: char| c.is_whitespace() || c == '/');
    plain.then(|| format!("http://{authority}/graphql"))
}

#[test]
fn the_address_is_found_in_any_words() {
    let check = |line, expected: Option<&str>| assert_eq!(address_in(line).as_deref(), expected, "{line}");
    check("http://127.0.0.1:1337/graphql", Some("http://127.0.0.1:1337/graphql"));
    check("API: http://127.0.0.1:1337/graphql (and GraphiQL)", Some("http://127.0.0.1:1337/graphql"));
    check("health: http://127.0.0.1:1337/health", None);
    check("listening on 127.0.0.1:1337", None);
}
