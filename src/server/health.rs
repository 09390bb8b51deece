//! For whoever keeps the server running: is it alive, and can it do its work?

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::{App, answer};
use crate::fault::{Code, Fault};

/// How long the database may take to answer. Whoever asks waits little longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process answers.
pub(super) async fn alive() -> Response {
    answer::plain(StatusCode::OK, &json!({"status": "ok"}))
}

/// The database answers, too, and is up to date.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    // Before the request itself takes too long, which would be another status.
    let patience = PATIENCE.min(app.settings.request_timeout / 2);
    let ready = tokio::time::timeout(patience, app.engine.ready()).await;
    match ready.unwrap_or_else(|_elapsed| Err(Fault::new(Code::ConnectionFailed))) {
        Ok(()) => answer::plain(StatusCode::OK, &json!({"status": "ready"})),
        Err(fault) => {
            // Logs the cause; the status says what a load balancer needs.
            drop(answer::failed(&fault));
            let body = json!({"status": "not ready", "code": fault.code().number(), "error": fault.message()});
            answer::plain(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

/// There is nothing at this address.
pub(super) async fn nothing() -> Response {
    answer::plain(StatusCode::NOT_FOUND, &json!({"error": "not found"}))
}
