//! What happens to every request, whatever it asks: an id, a time-out, one line in the log, and the
//! headers that tell browsers what they may do.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use rand::TryRng as _;
use rand::rngs::SysRng;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::{App, answer};
use crate::fault::{Code, Fault};

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Peer {
    /// Who is at the other end; nobody that a list could allow if the connection did not say.
    pub(super) fn of(request: &Request) -> SocketAddr {
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        request.extensions().get::<Self>().map_or(nobody, |peer| peer.0)
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that a web page may send, besides the simple ones.
const SENT: &str = "X-Parse-Application-Id, X-Parse-Master-Key, X-Parse-Session-Token, X-Parse-Installation-Id, \
    X-Parse-REST-API-Key, X-Parse-Javascript-Key, X-Parse-Client-Key, X-Parse-Windows-Key, X-Parse-Client-Version, \
    X-Parse-Revocable-Session, X-Parse-Request-Id, X-Request-Id, X-Requested-With, Authorization, Content-Type, \
    Pragma, Cache-Control, Apollo-Require-Preflight, X-Apollo-Operation-Name, Apollographql-Client-Name, \
    Apollographql-Client-Version, Traceparent";

/// Headers that a web page may see.
const SEEN: &str = "X-Request-Id, X-Parse-Job-Status-Id, X-Parse-Push-Status-Id";

/// What every answer says, unless it says something else itself.
const HEADERS: [(HeaderName, &str); 10] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_ALLOW_METHODS, "GET,PUT,POST,DELETE,OPTIONS"),
    (ACCESS_CONTROL_ALLOW_HEADERS, SENT),
    (ACCESS_CONTROL_EXPOSE_HEADERS, SEEN),
    (ACCESS_CONTROL_MAX_AGE, "86400"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (CACHE_CONTROL, "no-store"),
];

/// Adds the headers that every answer has, and answers the questions that browsers ask before they
/// send a request.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS { "OK".into_response() } else { next.run(request).await };
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Gives the request an id and writes one line about it, whatever becomes of it.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request_id(request.headers());
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        http.method = %request.method(),
        http.path = request.uri().path(),
        request.id = id.to_str().unwrap_or_default(),
        caller.kind = Empty,
        graphql.operation.name = Empty,
        graphql.operation.type = Empty,
        http.status = Empty,
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    response.headers_mut().insert(REQUEST_ID, id);
    span.in_scope(|| conclude(response.status(), start));
    response
}

fn conclude(status: StatusCode, start: Instant) {
    Span::current().record("http.status", status.as_u16());
    let duration_ms = (start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    if status.is_server_error() {
        tracing::error!(duration_ms, "answered");
    } else {
        tracing::info!(duration_ms, "answered");
    }
}

/// The id that the client or a proxy gave the request, if it is fit for a log, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    let given = headers.get(REQUEST_ID).filter(|id| {
        let bytes = id.as_bytes();
        (1..=128).contains(&bytes.len()) && bytes.iter().all(fit)
    });
    if let Some(id) = given {
        return id.clone();
    }
    let mut bytes = [0_u8; 12];
    // Without random numbers the id is all zeros, which is no reason to refuse a request.
    SysRng.try_fill_bytes(&mut bytes).ok();
    HeaderValue::from_str(&hex::encode(bytes)).unwrap_or(HeaderValue::from_static("none"))
}

/// Ends a request that takes too long. Whatever it was doing in the database is rolled back, unless that is done already, or the
/// database was just being told to keep it.
pub(super) async fn time_out(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.settings.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            const MESSAGE: &str = "The request took too long. A change that it asked for may have been made or not.";
            answer::failed(&Fault::with(Code::Timeout, MESSAGE))
        }
    }
}

/// The answer when the server panics. The panic itself is on standard error.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    drop(panic);
    tracing::error!("a request made the server panic");
    answer::failed(&Fault::new(Code::Internal))
}
