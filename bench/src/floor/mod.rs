//! The floor: the least that a server can do for the same answers.
//!
//! One handler for each workload, SQL written by hand, and JSON written straight from the rows. It knows who is asking
//! without looking, and has no GraphQL and no guard; the condition that makes the rows those that the caller may see stands
//! in its statements.

mod answers;
mod database;
mod json;
mod statements;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
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

async fn answer(State(database): State<Arc<Database>>, Path(workload): Path<String>, body: Bytes) -> Response {
    let answered = match serde_json::from_slice::<Json>(&body) {
        Ok(variables) => answers::answer(&database, &workload, &variables).await,
        Err(error) => Err(error.into()),
    };
    let (status, body) = match answered {
        Ok(text) => (200, text),
        Err(error) => (500, error.to_string().into_bytes()),
    };
    let response = Response::builder().status(status).header("content-type", "application/json; charset=utf-8");
    response.body(Body::from(body)).unwrap_or_default()
}
