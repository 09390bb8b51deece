//! Documents: parsed, validated, and ready to be executed.
//!
//! [`Documents::prepare`] is the only way from a request to a [`Prepared`] one. The parser and the rules are those of
//! `apollo-compiler`; the rules about values and all coercion are ours, and follow `graphql-js`, which Parse's
//! clients know. Whoever may not introspect the schema gets no message from here that names anything in it.

mod arguments;
mod check;
mod error;
mod limits;
mod literals;
mod prepared;
mod scalars;
mod selection;
mod syntax;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use apollo_compiler::Node;
use apollo_compiler::executable::{ExecutableDocument, Operation};
use moka::sync::Cache;

use self::error::{OPERATION, introspection_is_closed, veil};
use self::prepared::Document;
use super::request::Request;
use super::schema::ApiSchema;

pub(in crate::graphql) use self::error::RequestError;
pub(in crate::graphql) use self::prepared::{OperationKind, Prepared};
pub(in crate::graphql) use self::selection::{SelectedField, Selection};
pub(in crate::graphql) use self::variables::UPLOAD;

/// How much text the kept documents may have together, in bytes. A parsed document takes about thirty times as much.
const CACHED_TEXT: u64 = 2 * 1024 * 1024;

/// Valid documents, by their text. Make a new one for each schema.
#[derive(Debug)]
pub(in crate::graphql) struct Documents {
    cache: Cache<Arc<str>, Arc<Document>>,
}

impl Default for Documents {
    fn default() -> Self {
        Self::new()
    }
}

impl Documents {
    /// No documents yet.
    pub(in crate::graphql) fn new() -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Document>| u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { cache: Cache::builder().weigher(weigh).max_capacity(CACHED_TEXT).build() }
    }

    /// Makes a request ready to be executed, or says all that is wrong with it. `introspection`: the caller may look at
    /// the schema itself.
    pub(in crate::graphql) fn prepare(
        &self,
        schema: &ApiSchema,
        request: &Request,
        introspection: bool,
    ) -> Result<Prepared, Vec<RequestError>> {
        let prepared = self.document(schema, &request.query, introspection).and_then(|document| {
            if document.introspects && !introspection {
                return Err(introspection_is_closed());
            }
            let executable = &document.executable;
            let operation = choose(executable, request.operation_name.as_deref())?;
            let variables = variables::coerce(&document.types.schema, &executable.sources, &operation, request)?;
            Ok(Prepared { document, operation, variables })
        });
        prepared.map_err(
            |errors| {
                if introspection || errors == introspection_is_closed() { errors } else { veil(errors) }
            },
        )
    }

    fn document(
        &self,
        schema: &ApiSchema,
        text: &str,
        introspection: bool,
    ) -> Result<Arc<Document>, Vec<RequestError>> {
        if let Some(known) = self.cache.get(text)
            && Arc::ptr_eq(&known.types, schema.types())
        {
            return Ok(known);
        }
        let document = Arc::new(check::document(schema.types(), text, introspection)?);
        self.cache.insert(text.into(), Arc::clone(&document));
        Ok(document)
    }
}

/// The operation of this name, or the only one. An empty name is none.
fn choose(document: &ExecutableDocument, name: Option<&str>) -> Result<Node<Operation>, Vec<RequestError>> {
    let operations = &document.operations;
    let failed = |message: String| Err(vec![RequestError::new(OPERATION, message)]);
    match name.filter(|name| !name.is_empty()) {
        Some(name) => match operations.named.get(name) {
            Some(operation) => Ok(operation.clone()),
            None => failed(format!("Unknown operation named \"{name}\".")),
        },
        None if operations.is_empty() => failed("Must provide an operation.".to_owned()),
        None => match operations.get(None) {
            Ok(operation) => Ok(operation.clone()),
            Err(_) => failed("Must provide operation name if query contains multiple operations.".to_owned()),
        },
    }
}
