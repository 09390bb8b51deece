//! The GraphQL endpoint: keys first, then the request, then the engine.

use std::sync::Arc;

use axum::extract::{FromRequest as _, Multipart, Request as HttpRequest, State};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, Method, StatusCode};
use tracing::Span;

use super::answer::{self, Refusal};
use super::credentials;
use super::layers::Peer;
use super::media::{self, Content, Media};
use super::{App, graphiql, multipart, parameters};
use crate::auth::{Caller, Rejection};
use crate::graphql::Request;

const CROSS_SITE: &str = "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please \
    either specify a 'content-type' header (with a type that is not one of application/x-www-form-urlencoded, \
    multipart/form-data, text/plain) or provide a non-empty value for the header X-Parse-Application-Id.";

/// Answers a request to the endpoint, by whatever method it comes.
pub(super) async fn answer(State(app): State<Arc<App>>, request: HttpRequest) -> Response {
    if app.settings.graphiql && media::wants_page(request.method(), request.headers()) {
        return graphiql::page();
    }
    let headers = request.headers();
    let address = credentials::address(Peer::of(&request), headers, &app.settings.trusted_proxies);
    let Ok(credentials) = credentials::read(headers, address) else {
        return answer::rejected(&Rejection::Unauthorized);
    };
    let caller = match app.engine.authenticate(&credentials).await {
        Ok(caller) => caller,
        Err(rejection) => return answer::rejected(&rejection),
    };
    Span::current().record("caller.kind", caller.kind());
    let Some(media) = media::accepted(headers) else {
        let message = "The answer can be application/graphql-response+json or application/json, but the header Accept allows neither.";
        return Refusal::with(StatusCode::NOT_ACCEPTABLE, message).answer(Media::Unspoken);
    };
    match read(&app, request).await {
        Ok(request) => execute(&app, caller, credentials.installation_id, request, media).await,
        Err(refusal) => refusal.answer(media),
    }
}

async fn execute(
    app: &App,
    caller: Caller,
    installation_id: Option<String>,
    request: Request,
    media: Media,
) -> Response {
    if let Some(name) = &request.operation_name {
        Span::current().record("graphql.operation.name", name);
    }
    match app.engine.execute(caller, installation_id, request).await {
        Ok(response) => answer::executed(response, media),
        Err(fault) => answer::failed(&fault),
    }
}

/// The GraphQL request in an HTTP request.
async fn read(app: &App, request: HttpRequest) -> Result<Request, Refusal> {
    let method = request.method().clone();
    let content = Content::of(request.headers());
    if method == Method::GET || method == Method::HEAD {
        refuse_cross_site(content, request.headers())?;
        return parameters::from_address(request.uri().query().unwrap_or_default());
    }
    if method != Method::POST {
        let message = "Apollo Server supports only GET/POST requests.";
        return Err(Refusal::with(StatusCode::METHOD_NOT_ALLOWED, message));
    }
    refuse_cross_site(content, request.headers())?;
    let limit = app.settings.max_upload_bytes;
    match content {
        Content::Json => parameters::from_body(&body(request, limit).await?),
        Content::Multipart => {
            let malformed =
                |_error| Refusal::malformed("The body is not valid multipart/form-data: it has no boundary.");
            multipart::read(Multipart::from_request(request, &()).await.map_err(malformed)?, limit).await
        }
        Content::OtherCharset => {
            Err(Refusal::with(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A JSON body must be encoded in UTF-8."))
        }
        Content::Unsaid | Content::Simple | Content::Other => Err(Refusal::malformed(parameters::NO_BODY)),
    }
}

/// Refuses what a foreign web page could send in the name of a visitor whose browser has stored an
/// HTTP Basic login: such a request carries no header of ours and only a simple content type.
fn refuse_cross_site(content: Content, headers: &HeaderMap) -> Result<(), Refusal> {
    let names_app = headers.get(credentials::APP_ID).is_some_and(|id| !id.is_empty());
    if content.is_simple() && !names_app { Err(Refusal::malformed(CROSS_SITE)) } else { Ok(()) }
}

/// The body, if it is not too large. Of one that is, some more is read and dropped, so that the client has sent it
/// and reads the answer, instead of finding the connection closed.
async fn body(request: HttpRequest, limit: usize) -> Result<Bytes, Refusal> {
    const DROPPED_AT_MOST: usize = 64 << 20;
    let mut stream = request.into_body().into_data_stream();
    let mut body = BytesMut::new();
    let mut dropped = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_broken| Refusal::malformed("The body could not be read to its end."))?;
        if dropped == 0 && body.len().saturating_add(chunk.len()) <= limit.saturating_add(super::OVERHEAD) {
            body.extend_from_slice(&chunk);
            continue;
        }
        dropped += chunk.len();
        if dropped > DROPPED_AT_MOST {
            break;
        }
    }
    if dropped > 0 { Err(Refusal::too_large(limit)) } else { Ok(body.freeze()) }
}
