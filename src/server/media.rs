//! Which media type a request has, and which one its answer.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method};

/// The media types of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status says how the request went.
    GraphQl,
    /// `application/json` because the client named it: the status of a well-formed request is 200,
    /// so that clients that trust the body alone get to see it.
    Json,
    /// `application/json` because the client did not care. Parse's clients do this, and are told
    /// by the status, as Parse Server does.
    Unspoken,
}

impl Media {
    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Unspoken => "application/json; charset=utf-8",
        }
    }
}

/// The media type that the client likes best, if it likes any that there is.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut ranges = ranges(headers).peekable();
    if ranges.peek().is_none() {
        return Some(Media::Unspoken);
    }
    let mut best: Option<(f32, Media)> = None;
    for (range, quality) in ranges {
        let media = match range.as_str() {
            "application/graphql-response+json" => Media::GraphQl,
            "application/json" => Media::Json,
            "*/*" | "application/*" => Media::Unspoken,
            _ => continue,
        };
        if quality > 0.0 && best.is_none_or(|(other, _)| quality > other) {
            best = Some((quality, media));
        }
    }
    best.map(|(_, media)| media)
}

/// Whether a browser asks for a page to look at.
pub(super) fn wants_page(method: &Method, headers: &HeaderMap) -> bool {
    let is_read = method == Method::GET || method == Method::HEAD;
    is_read && ranges(headers).any(|(range, quality)| range == "text/html" && quality > 0.0)
}

/// The media ranges of `Accept` with their qualities.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = (String, f32)> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q="));
        Some((name.to_ascii_lowercase(), quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0))))
    })
}

/// What a request's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing says what it is.
    Unsaid,
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// JSON in an encoding that is not UTF-8.
    OtherCharset,
    /// A type that any web page may send to any server without being asked.
    Simple,
    /// Something else.
    Other,
}

impl Content {
    /// What the headers say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Self::Unsaid;
        };
        let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
        let mut parts = value.split(';').map(str::trim);
        let charset =
            |parameter: &str| parameter.strip_prefix("charset=").map(|name| name.trim_matches('"').to_owned());
        match parts.next().unwrap_or_default() {
            "application/json" => match parts.find_map(charset).as_deref() {
                None | Some("utf-8" | "utf8") => Self::Json,
                Some(_) => Self::OtherCharset,
            },
            "multipart/form-data" => Self::Multipart,
            "application/x-www-form-urlencoded" | "text/plain" | "" => Self::Simple,
            _ => Self::Other,
        }
    }

    /// Whether a foreign web page could have sent a request with this type in a visitor's name.
    pub(super) const fn is_simple(self) -> bool {
        match self {
            Self::Unsaid | Self::Multipart | Self::Simple => true,
            Self::Json | Self::OtherCharset | Self::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn accept(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(text))])
    }

    #[test]
    fn the_answer_has_the_type_that_the_client_likes_best() {
        assert_eq!(accepted(&HeaderMap::new()), Some(Media::Unspoken));
        for (text, expected) in [
            ("*/*", Some(Media::Unspoken)),
            ("application/*", Some(Media::Unspoken)),
            ("application/json", Some(Media::Json)),
            ("Application/JSON; charset=utf-8", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::GraphQl)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphQl)),
            ("application/graphql-response+json;q=0.1, application/json;q=0.9", Some(Media::Json)),
            ("application/json, */*", Some(Media::Json)),
            ("text/html, */*;q=0.8", Some(Media::Unspoken)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(accepted(&accept(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_browser_gets_a_page() {
        assert!(wants_page(&Method::GET, &accept("text/html,application/xhtml+xml,*/*;q=0.8")));
        assert!(!wants_page(&Method::GET, &accept("*/*")));
        assert!(!wants_page(&Method::POST, &accept("text/html")));
    }

    #[test]
    fn the_type_of_a_body_is_told_apart() {
        for (text, expected) in [
            ("application/json", Content::Json),
            ("application/json; charset=UTF-8", Content::Json),
            ("application/json; charset=latin1", Content::OtherCharset),
            ("multipart/form-data; boundary=x", Content::Multipart),
            ("text/plain", Content::Simple),
            ("application/graphql", Content::Other),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(text))]);
            assert_eq!(Content::of(&headers), expected, "{text}");
        }
        assert_eq!(Content::of(&HeaderMap::new()), Content::Unsaid);
    }
}
