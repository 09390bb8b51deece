//! An address that leads to a database: to another one after a while, to nobody, or to one whose answers get lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to whatever passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It passes.
    Open,
    /// It vanishes, and nobody is told, as when a machine loses its power.
    Silent,
    /// A commit passes, and its answer does not: the connection ends.
    LosingAnswers,
    /// A commit does not pass: the connection ends.
    LosingCommits,
    /// One row does not pass as an answer: the connection ends.
    LosingRows,
}

/// Where new connections lead, and what happens to all of them.
#[derive(Debug, Clone, Copy)]
struct State {
    port: u16,
    passage: Passage,
    /// Connections that began before this many others have ended for good.
    since: usize,
    /// As `since`, for connections that nobody is told about.
    silent: usize,
}

/// The address.
#[derive(Debug)]
pub(crate) struct Forwarder {
    port: u16,
    state: watch::Sender<State>,
    made: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Forwarder {
    /// A new address that leads to this port.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let state = watch::Sender::new(State { port, passage: Passage::Open, since: 0, silent: 0 });
        let made = Arc::new(AtomicUsize::new(0));
        let (watched, counted) = (state.subscribe(), Arc::clone(&made));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(forward(client, watched.clone(), number));
            }
        });
        Self { port: own, state, made, task }
    }

    /// The address of a database there.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Changes what happens to everything that passes.
    pub(crate) fn set(&self, passage: Passage) {
        self.state.send_modify(|state| state.passage = passage);
    }

    /// Leads to another port. Connections that there are end.
    pub(crate) fn lead_to(&self, port: u16) {
        let since = self.made.load(Ordering::SeqCst);
        self.state.send_modify(|state| *state = State { port, passage: Passage::Open, since, ..*state });
    }

    /// Leads to another port. Connections that there are stay, and nothing ever comes of them.
    pub(crate) fn lead_silently_to(&self, port: u16) {
        let silent = self.made.load(Ordering::SeqCst);
        self.state.send_modify(|state| *state = State { port, passage: Passage::Open, silent, ..*state });
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(client: TcpStream, state: watch::Receiver<State>, number: usize) {
    passable(&state, number).await;
    let port = state.borrow().port;
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let ended = {
        let mut state = state.clone();
        async move {
            let _ = state.wait_for(|state| number < state.since).await;
        }
    };
    let there = async {
        while let Some(data) = next(&mut from_client).await {
            passable(&state, number).await;
            let commits = data.windows(6).any(|bytes| bytes == b"COMMIT");
            let passage = state.borrow().passage;
            if commits && passage == Passage::LosingCommits || to_server.write_all(&data).await.is_err() {
                return;
            }
            if commits && passage == Passage::LosingAnswers {
                // The answer has come when the commit is done.
                next_answer(&state).await;
                return;
            }
        }
    };
    let back = async {
        while let Some(data) = next(&mut from_server).await {
            passable(&state, number).await;
            let tells = |tag: &[u8]| data.windows(tag.len()).any(|bytes| bytes == tag);
            let is_lost = match state.borrow().passage {
                Passage::LosingAnswers => tells(b"COMMIT\0"),
                Passage::LosingRows => tells(b"SELECT 1\0"),
                Passage::Open | Passage::Silent | Passage::LosingCommits => false,
            };
            if is_lost || to_client.write_all(&data).await.is_err() {
                return;
            }
        }
    };
    tokio::select! { () = ended => {}, () = there => {}, () = back => {} }
}

/// Waits for `back`, which ends the connection.
async fn next_answer(state: &watch::Receiver<State>) {
    let mut state = state.clone();
    let _ = state.wait_for(|state| state.passage != Passage::LosingAnswers).await;
}

/// Waits until something may pass, which can be never.
async fn passable(state: &watch::Receiver<State>, number: usize) {
    let mut state = state.clone();
    let _ = state.wait_for(|state| state.passage != Passage::Silent && number >= state.silent).await;
}

async fn next(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 64 * 1024];
    let count = from.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
    buffer.truncate(count);
    Some(buffer)
}
