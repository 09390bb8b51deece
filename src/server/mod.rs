//! HTTP: requests in, answers out.
//!
//! A request passes, from the outside in: [`layers::log`] (an id, one line in the log),
//! [`layers::headers`] (CORS, safe defaults), the catcher of panics, [`layers::time_out`], and then
//! [`endpoint`]:
//!
//! ```text
//! headers ── credentials ──> Engine::authenticate ──> Caller
//! body ──── parameters or multipart ──> Request ──> Engine::execute ──> Response ── answer ──> HTTP
//! ```
//!
//! This room knows HTTP and nothing of classes, permissions or SQL.

mod answer;
mod credentials;
mod endpoint;
mod files;
mod graphiql;
mod health;
mod layers;
mod media;
mod multipart;
mod parameters;
mod serve;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;

pub use self::serve::{StopSignals, Stopped, serve};
use crate::graphql::Engine;

/// Where the GraphQL endpoint is.
pub const ENDPOINT: &str = "/graphql";

/// What a body may have besides the files in it: the operation and the frames of its parts.
const OVERHEAD: usize = 1 << 20;

/// What the operator decided about requests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether browsers get GraphiQL.
    pub graphiql: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How large a request and the files in it may be.
    pub max_upload_bytes: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
}

/// What every request shares.
struct App {
    engine: Arc<Engine>,
    settings: Settings,
}

/// The whole server as a service.
pub fn router(engine: Arc<Engine>, settings: Settings) -> Router {
    let body = settings.max_upload_bytes.saturating_add(OVERHEAD);
    let app = Arc::new(App { engine, settings });
    Router::new()
        .route(ENDPOINT, any(endpoint::answer))
        .route(&format!("{ENDPOINT}/"), any(endpoint::answer))
        .route("/graphiql/{file}", get(graphiql::file))
        .route("/files/{app_id}/{name}", get(files::answer))
        .route("/health", get(health::alive))
        .route("/ready", get(health::ready))
        .fallback(health::nothing)
        .layer(DefaultBodyLimit::max(body))
        .layer(from_fn_with_state(Arc::clone(&app), layers::time_out))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::headers))
        .layer(from_fn(layers::log))
        .with_state(app)
}
