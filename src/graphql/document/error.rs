//! Why a request was not executed.

use apollo_compiler::parser::{SourceMap, SourceSpan};

/// The document is not GraphQL.
pub(super) const PARSE: &str = "GRAPHQL_PARSE_FAILED";
/// The document does not fit the schema.
pub(super) const VALIDATION: &str = "GRAPHQL_VALIDATION_FAILED";
/// A variable has a wrong value.
pub(super) const VARIABLES: &str = "BAD_USER_INPUT";
/// It is not clear which operation is meant.
pub(super) const OPERATION: &str = "OPERATION_RESOLUTION_FAILURE";

/// After so many errors of one request the others are left out.
pub(super) const MAX_ERRORS: usize = 100;

/// One reason why a request was not executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) struct RequestError {
    /// What is wrong, in words.
    pub(in crate::graphql) message: String,
    /// What is wrong, for programs: `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, `BAD_USER_INPUT` or
    /// `OPERATION_RESOLUTION_FAILURE`.
    pub(in crate::graphql) code: &'static str,
    /// Where in the document, as lines and columns from 1.
    pub(in crate::graphql) locations: Vec<(usize, usize)>,
}

impl RequestError {
    /// An error at a place of the document.
    pub(super) fn at(
        code: &'static str,
        message: impl Into<String>,
        location: Option<SourceSpan>,
        sources: &SourceMap,
    ) -> Self {
        Self { message: message.into(), code, locations: position(location, sources).into_iter().collect() }
    }

    /// An error of the request as a whole.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), code, locations: Vec::new() }
    }

    /// The same error without any name of the schema, for callers who may not introspect it.
    fn veiled(self) -> Self {
        let message = match self.code {
            PARSE => "The document is not valid GraphQL.",
            VARIABLES => "A variable has an invalid value.",
            OPERATION => "It is not clear which operation of the document is meant.",
            _ => "The document does not fit the schema.",
        };
        Self { message: message.to_owned(), ..self }
    }
}

/// The line and column of a place.
pub(super) fn position(location: Option<SourceSpan>, sources: &SourceMap) -> Option<(usize, usize)> {
    let position = location?.line_column(sources)?;
    Some((position.line, position.column))
}

/// The error for a request that introspects where that is closed. It says nothing else about the document.
pub(super) fn introspection_is_closed() -> Vec<RequestError> {
    vec![RequestError::new(VALIDATION, "Introspection is not allowed.")]
}

/// What callers are told who may not introspect: that there is an error, of which kind and where. One only, because
/// their number would tell which names are known.
pub(super) fn veil(errors: Vec<RequestError>) -> Vec<RequestError> {
    errors.into_iter().take(1).map(RequestError::veiled).collect()
}
