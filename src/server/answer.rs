//! Answers: of the engine, and of requests that never reached it.
//!
//! There are two shapes. Whoever passed the keys talks GraphQL and gets `{"errors": […]}`. Refused
//! keys, sessions and failures of the server are plain JSON, as Parse's clients expect it.

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value as Json, json};

use super::media::Media;
use crate::auth::Rejection;
use crate::fault::{Code, Fault};
use crate::graphql;
use crate::graphql::Outcome;
use crate::telemetry;

/// The methods that the API answers.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// A request that is not a GraphQL request, in words for its author.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A request that makes no sense: 400.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::with(StatusCode::BAD_REQUEST, message)
    }

    /// Variables that do not fit together: 400.
    pub(super) fn bad_input(message: impl Into<String>) -> Self {
        Self { code: "BAD_USER_INPUT", ..Self::malformed(message) }
    }

    /// A request that is refused with a status that says more.
    pub(super) fn with(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: "BAD_REQUEST", message: message.into() }
    }

    /// A body that is too large: 413.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::with(StatusCode::PAYLOAD_TOO_LARGE, format!("The request is larger than {limit} bytes."))
    }

    /// The hash of a query instead of its text. Clients then send the text.
    pub(super) fn not_persisted() -> Self {
        Self {
            status: StatusCode::OK,
            code: "PERSISTED_QUERY_NOT_SUPPORTED",
            message: "PersistedQueryNotSupported".to_owned(),
        }
    }

    /// The answer that says so.
    pub(super) fn answer(self, media: Media) -> Response {
        let body = json!({"errors": [{"message": self.message, "extensions": {"code": self.code}}]});
        let mut response = respond(self.status, media.content_type(), body.to_string());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
        }
        response
    }
}

/// The answer to a request that reached the engine.
pub(super) fn executed(answer: graphql::Response, media: Media) -> Response {
    let status = match (answer.outcome, media) {
        (Outcome::Executed, _) | (Outcome::Refused, Media::Json) => StatusCode::OK,
        (Outcome::Refused, Media::GraphQl | Media::Unspoken) => StatusCode::BAD_REQUEST,
        (Outcome::MutationByGet, _) => StatusCode::METHOD_NOT_ALLOWED,
    };
    let mut response = respond(status, media.content_type(), answer.body);
    if answer.outcome == Outcome::MutationByGet {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// The answer to whoever was turned away.
pub(super) fn rejected(rejection: &Rejection) -> Response {
    match rejection {
        Rejection::Unauthorized => plain(StatusCode::FORBIDDEN, &json!({"error": "unauthorized"})),
        Rejection::Fault(fault) => failed(fault),
    }
}

/// A fault that concerns the whole request. Its cause is logged here and nowhere else.
pub(super) fn failed(fault: &Fault) -> Response {
    if let Some(cause) = fault.source() {
        tracing::error!(code = fault.code().number(), cause = telemetry::chain(cause), "request failed");
    }
    plain(status(fault.code()), &json!({"code": fault.code().number(), "error": fault.message()}))
}

/// A plain JSON answer.
pub(super) fn plain(status: StatusCode, body: &Json) -> Response {
    respond(status, Media::Unspoken.content_type(), body.to_string())
}

fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever the client can correct is 400")]
const fn status(code: Code) -> StatusCode {
    match code {
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::ConnectionFailed => StatusCode::SERVICE_UNAVAILABLE,
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}
