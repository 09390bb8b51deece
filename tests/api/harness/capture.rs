//! The output of a process, read as it comes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The lines of an output, read as they come.
#[derive(Debug)]
pub(crate) struct Capture {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    /// Also watches for the address of an API.
    pub(crate) fn of(output: impl AsyncRead + Send + Unpin + 'static) -> (Self, watch::Receiver<Option<String>>) {
        let text = Arc::new(Mutex::new(String::new()));
        let (found, address) = watch::channel(None);
        let written = Arc::clone(&text);
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                lock(&written).extend([line.as_str(), "\n"]);
                if let Some(url) = address_in(&line) {
                    found.send_if_modified(|known| known.is_none() && known.replace(url).is_none());
                }
            }
        });
        (Self { text, reader: Some(reader) }, address)
    }

    pub(crate) fn text(&self) -> String {
        lock(&self.text).clone()
    }

    /// Reads on until the output ends.
    pub(crate) async fn end(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = timeout(Duration::from_secs(5), reader).await;
        }
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
