//! Connections in, until somebody asks to stop.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower::ServiceExt as _;

use super::layers::Peer;

/// How long a client may take to send the head of a request, or to send the next one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether every request in flight was answered before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// All were.
    Clean,
    /// Some took longer than they were given.
    Cut,
}

/// Serves until `stop` returns, then finishes the requests in flight within `patience`, or until
/// `stop` returns again.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    mut stop: impl AsyncFnMut(),
    patience: Duration,
) -> Stopped {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIMEOUT);
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            // Unlike the listener's own, this waits when the process has no file handles left.
            accepted = Listener::accept(&mut listener) => accepted,
            () = stop() => break,
        };
        let service = router.clone().map_request(move |mut request: http::Request<_>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection failed");
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => Stopped::Clean,
        () = tokio::time::sleep(patience) => Stopped::Cut,
        () = stop() => Stopped::Cut,
    }
}

/// Requests to stop: SIGTERM and SIGINT.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Takes the signals over from the system, which would end the process.
    pub fn take() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
