//! For whoever keeps the server running: is it alive, and can it do its work?

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::{App, answer};

/// The process answers.
pub(super) async fn alive() -> Response {
    answer::plain(StatusCode::OK, &json!({"status": "ok"}))
}

/// The database answers, too, and is up to date.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.engine.ready().await {
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
