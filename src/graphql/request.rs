//! A GraphQL request and its answer, as they cross the border to HTTP.

use bytes::Bytes;
use serde_json::{Map, Value as Json};

/// One GraphQL request, already taken from its transport.
#[derive(Debug, Default)]
pub struct Request {
    /// The document's text.
    pub query: String,
    /// Which operation of the document to run.
    pub operation_name: Option<String>,
    /// The variables; an uploaded file is null here and listed in `uploads`.
    pub variables: Map<String, Json>,
    /// Files of a multipart request.
    pub uploads: Vec<Upload>,
    /// False for GET: a mutation is then refused.
    pub mutations_allowed: bool,
}

/// An uploaded file of a GraphQL multipart request.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Where the file belongs: `["variables", "input", "upload"]`.
    pub path: Vec<String>,
    /// The file's name as the client gave it.
    pub name: String,
    /// The content type that the client gave.
    pub content_type: Option<String>,
    /// The content.
    pub content: Bytes,
}

/// How far a request came, which decides the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed; `data` is present, errors of fields included.
    Executed,
    /// It was not executed: syntax, validation, variables or an unknown operation.
    Refused,
    /// A mutation came by GET.
    MutationByGet,
}

/// The answer to a [`Request`].
#[derive(Debug)]
pub struct Response {
    /// How far the request came.
    pub outcome: Outcome,
    /// The answer's JSON text.
    pub body: Bytes,
}
