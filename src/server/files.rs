//! Files to download. Their content is somebody else's, and must not act in the name of this server.
//!
//! Browsers are told to believe the type (`nosniff`), to give what they show an origin of its own (`sandbox`), and to
//! store everything that is not known to be inert instead of showing it.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::{App, answer};
use crate::files::{Download, Found, Wanted};

/// What a file may do in a browser that shows it: be looked at.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; sandbox";

/// The content of an address never changes. Who may know the address is not for shared caches to decide.
const CACHING: &str = "private, max-age=86400, immutable";

/// Answers with a file.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Ok(Path((app_id, name))) = path else { return missing() };
    if !app.engine.is_app(&app_id) {
        return answer::plain(StatusCode::FORBIDDEN, &json!({"error": "unauthorized"}));
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let head = method == Method::HEAD;
    let wanted =
        Wanted { head, unless: text(IF_NONE_MATCH), range: text(RANGE).filter(|_| !head), range_if: text(IF_RANGE) };
    match app.engine.file(&name, &wanted).await {
        Ok(Some(Found::Content(download))) => content(download),
        Ok(Some(Found::Unchanged(tag))) => {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            put(&mut response, &[(ETAG, &tag), (CACHE_CONTROL, CACHING)]);
            response
        }
        Ok(Some(Found::NoSuchPart(size))) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            put(&mut response, &[(CONTENT_RANGE, &format!("bytes */{size}"))]);
            response
        }
        Ok(None) => missing(),
        Err(fault) => answer::failed(&fault),
    }
}

fn content(download: Download) -> Response {
    let Download { kind, name, tag, size, range, content } = download;
    let Range { start, end } = range;
    let mut response = Response::new(Body::from_stream(content));
    let disposition = if kind.is_inert() { "inline" } else { "attachment" };
    put(
        &mut response,
        &[
            (CONTENT_TYPE, &kind.content_type()),
            // The rule for names of files leaves nothing in them to be quoted.
            (CONTENT_DISPOSITION, &format!("{disposition}; filename=\"{name}\"")),
            (CONTENT_LENGTH, &end.saturating_sub(start).to_string()),
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, CACHING),
            (ACCEPT_RANGES, "bytes"),
            (ETAG, &tag),
        ],
    );
    if (start, end) != (0, size) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = end.saturating_sub(1);
        put(&mut response, &[(CONTENT_RANGE, &format!("bytes {start}-{last}/{size}"))]);
    }
    response
}

/// There is no such file. Parse Server says it in these words.
fn missing() -> Response {
    let mut response = (StatusCode::NOT_FOUND, "File not found.").into_response();
    put(&mut response, &[(CONTENT_TYPE, "text/plain; charset=utf-8")]);
    response
}

/// Sets headers. A value that no header can have is left out.
fn put(response: &mut Response, headers: &[(HeaderName, &str)]) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
}
