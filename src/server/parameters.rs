//! The parameters of a GraphQL request, from a JSON body or from the query of an address.
//!
//! The words for what is wrong are Apollo Server's, which is what Parse's clients have met so far.

use serde_json::{Map, Value as Json};

use super::answer::Refusal;
use crate::graphql::Request;

/// The body is not a JSON object with anything in it.
pub(super) const NO_BODY: &str = "POST body missing, invalid Content-Type, or JSON object has no keys.";

const NO_QUERY: &str = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.";
const BATCH: &str = "Operation batching disabled.";

/// The request in the body of a POST.
pub(super) fn from_body(body: &[u8]) -> Result<Request, Refusal> {
    if body.is_empty() {
        return Err(Refusal::malformed(NO_BODY));
    }
    match serde_json::from_slice(body) {
        Ok(json) => from_json(json),
        Err(error) => Err(Refusal::malformed(format!(
            "The body is not valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        ))),
    }
}

/// The request in a JSON value.
pub(super) fn from_json(json: Json) -> Result<Request, Refusal> {
    if json.is_array() {
        return Err(Refusal::malformed(BATCH));
    }
    let Json::Object(mut body) = json else {
        return Err(Refusal::malformed(NO_BODY));
    };
    if body.is_empty() {
        return Err(Refusal::malformed(NO_BODY));
    }
    let query = match body.remove("query") {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(query)) => query,
        Some(_) => return Err(Refusal::malformed("GraphQL queries must be strings.")),
    };
    let operation_name = match body.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => {
            return Err(Refusal::malformed("`operationName` in a POST body must be a string if provided."));
        }
    };
    let mut object = |name: &str| match body.remove(name) {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(Refusal::malformed(format!("`{name}` in a POST body must be an object if provided."))),
    };
    let (variables, extensions) = (object("variables")?, object("extensions")?);
    complete(Request { query, operation_name, variables, uploads: Vec::new(), mutations_allowed: true }, &extensions)
}

/// The request in the query of an address, which may not change anything.
pub(super) fn from_address(address: &str) -> Result<Request, Refusal> {
    let mut request = Request::default();
    let mut extensions = Map::new();
    let mut seen = Vec::new();
    for (name, value) in form_urlencoded::parse(address.as_bytes()) {
        match name.as_ref() {
            "query" => request.query = value.into_owned(),
            "operationName" => request.operation_name = Some(value.into_owned()),
            "variables" => request.variables = object(&name, &value)?,
            "extensions" => extensions = object(&name, &value)?,
            _ => continue,
        }
        if seen.contains(&name) {
            return Err(Refusal::malformed(format!("The '{name}' search parameter may only be specified once.")));
        }
        seen.push(name);
    }
    complete(request, &extensions)
}

fn object(name: &str, text: &str) -> Result<Map<String, Json>, Refusal> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(Json::Null) => Ok(Map::new()),
        Ok(_) => Err(Refusal::malformed(format!("The {name} search parameter must contain a JSON object."))),
        Err(_malformed) => Err(Refusal::malformed(format!("The {name} search parameter contains invalid JSON."))),
    }
}

/// What holds for both ways: there is a query, and an empty name is none.
fn complete(mut request: Request, extensions: &Map<String, Json>) -> Result<Request, Refusal> {
    request.operation_name = request.operation_name.filter(|name| !name.is_empty());
    if !request.query.is_empty() {
        return Ok(request);
    }
    if extensions.contains_key("persistedQuery") {
        return Err(Refusal::not_persisted());
    }
    Err(Refusal::malformed(NO_QUERY))
}

#[cfg(test)]
mod tests {
    use super::super::media::Media;
    use super::*;

    fn shown(request: Result<Request, Refusal>) -> String {
        match request {
            Ok(request) => format!(
                "{} {} {}",
                request.query,
                request.operation_name.as_deref().unwrap_or("-"),
                Json::Object(request.variables)
            ),
            Err(refusal) => refusal.answer(Media::Unspoken).status().to_string(),
        }
    }

    #[test]
    fn bodies_are_read() {
        for (body, expected) in [
            (r#"{"query":"{a}"}"#, "{a} - {}"),
            (r#"{"query":"{a}","variables":null,"operationName":null,"extensions":null}"#, "{a} - {}"),
            (r#"{"query":"{a}","variables":{"n":1},"operationName":"A","extensions":{"x":1}}"#, r#"{a} A {"n":1}"#),
            (r#"{"query":"{a}","operationName":""}"#, "{a} - {}"),
            (r#"{"query":"{a}","extensions":{"persistedQuery":{}}}"#, "{a} - {}"),
            (r#"{"extensions":{"persistedQuery":{}}}"#, "200 OK"),
            ("", "400 Bad Request"),
            ("{", "400 Bad Request"),
            ("{}", "400 Bad Request"),
            ("3", "400 Bad Request"),
            ("[]", "400 Bad Request"),
            (r#"{"query":""}"#, "400 Bad Request"),
            (r#"{"query":0}"#, "400 Bad Request"),
            (r#"{"query":"{a}","variables":"{}"}"#, "400 Bad Request"),
            (r#"{"query":"{a}","variables":[]}"#, "400 Bad Request"),
            (r#"{"query":"{a}","operationName":0}"#, "400 Bad Request"),
            (r#"{"query":"{a}","extensions":false}"#, "400 Bad Request"),
        ] {
            assert_eq!(shown(from_body(body.as_bytes())), expected, "{body}");
        }
    }

    #[test]
    fn addresses_are_read() {
        for (address, expected) in [
            ("query=%7Ba%7D", "{a} - {}"),
            ("query=%7Ba%7D&variables=%7B%22n%22%3A1%7D&operationName=A&other=1", r#"{a} A {"n":1}"#),
            ("query=%7Ba%7D&operationName=&variables=", "{a} - {}"),
            ("query=%7Ba%7D&variables=null", "{a} - {}"),
            ("", "400 Bad Request"),
            ("query=", "400 Bad Request"),
            ("query=%7Ba%7D&query=%7Bb%7D", "400 Bad Request"),
            ("query=%7Ba%7D&variables=nonsense", "400 Bad Request"),
            ("query=%7Ba%7D&variables=3", "400 Bad Request"),
        ] {
            assert_eq!(shown(from_address(address)), expected, "{address}");
        }
        assert!(!from_address("query=%7Ba%7D").unwrap().mutations_allowed);
    }
}
