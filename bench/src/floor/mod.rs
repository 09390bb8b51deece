//! The floor: the least that a server can do for the same answers.
//!
//! One handler for each workload, SQL written by hand, and JSON written straight from the rows. It has no GraphQL and no guard;
//! the condition that makes the rows those that the caller may see stands in its statements. It knows who is asking without
//! looking, unless that is somebody else each time.

mod answers;
mod database;
mod json;
mod statements;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value as Json;

use self::database::Database;
use crate::Result;

/// Serves until the process is ended.
pub(crate) async fn serve(listen: SocketAddr, database_url: &str) -> Result<()> {
    let database = Arc::new(Database::open(database_url).await?);
    let router = Router::new().route("/{workload}", axum::routing::post(answer)).with_state(database);
    axum::serve(tokio::net::TcpListener::bind(listen).await?, router).await?;
    Ok(())
}

async fn answer(
    State(database): State<Arc<Database>>,
    Path(workload): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers.get("x-parse-session-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let answered = match serde_json::from_slice::<Json>(&body) {
        Ok(variables) => answers::answer(&database, &workload, token, &variables).await,
        Err(error) => Err(error.into()),
    };
    let (status, body) = match answered {
        Ok(text) => (200, text),
        Err(error) => (500, error.to_string().into_bytes()),
    };
    let response = Response::builder().status(status).header("content-type", "application/json; charset=utf-8");
    response.body(Body::from(body)).unwrap_or_default()
}
