//! GraphiQL for browsers, complete: its files are part of the program, so it works without internet.
//!
//! The page holds no key and no application id; whoever looks at it types them in. Licences of the
//! files are in `LICENSES.txt` beside them, and served with them.

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::answer;

/// Scripts and requests stay with this server. Only the editor's styles are made at run time.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How long a browser keeps a file without asking for it again. They change with the server only.
const KEPT: &str = "public, max-age=3600";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The page itself.
pub(super) fn page() -> Response {
    let mut response = respond(HTML, include_bytes!("page.html"));
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    response
}

/// A file of the page.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let (content_type, content): (_, &'static [u8]) = match name.as_str() {
        "graphiql.min.js" => (SCRIPT, include_bytes!("graphiql.min.js")),
        "graphiql.min.css" => (STYLE, include_bytes!("graphiql.min.css")),
        "react.production.min.js" => (SCRIPT, include_bytes!("react.production.min.js")),
        "react-dom.production.min.js" => (SCRIPT, include_bytes!("react-dom.production.min.js")),
        "page.js" => (SCRIPT, include_bytes!("page.js")),
        "page.css" => (STYLE, include_bytes!("page.css")),
        "LICENSES.txt" => (TEXT, include_bytes!("LICENSES.txt")),
        _ => return answer::plain(StatusCode::NOT_FOUND, &json!({"error": "not found"})),
    };
    let mut response = respond(content_type, content);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(KEPT));
    response
}

fn respond(content_type: &'static str, content: &'static [u8]) -> Response {
    let mut response = Response::new(Body::from(Bytes::from_static(content)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
