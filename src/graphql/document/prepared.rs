//! A request that can be executed.

use std::sync::Arc;

use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::introspection::partial_execute;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Node, Schema};
use serde_json::{Map, Value as Json};

use super::selection::Selection;
use crate::graphql::schema::{ApiSchema, Types};

/// A document that fits the schema.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) types: Arc<Types>,
    pub(super) executable: Valid<ExecutableDocument>,
    /// True if it asks for the schema itself.
    pub(super) introspects: bool,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) enum OperationKind {
    /// It reads.
    Query,
    /// It writes, one root field after the other.
    Mutation,
}

/// A valid document, the chosen operation and its variables.
#[derive(Debug)]
pub(in crate::graphql) struct Prepared {
    pub(super) document: Arc<Document>,
    pub(super) operation: Node<Operation>,
    pub(super) variables: Map<String, Json>,
}

impl Prepared {
    /// What the operation does.
    pub(in crate::graphql) fn kind(&self) -> OperationKind {
        if self.operation.is_mutation() { OperationKind::Mutation } else { OperationKind::Query }
    }

    /// The operation's name, if it has one.
    #[cfg(test)]
    pub(in crate::graphql) fn operation_name(&self) -> Option<&str> {
        self.operation.name.as_deref()
    }

    /// What is selected of the root type, `Query` or `Mutation`.
    pub(in crate::graphql) fn root(&self) -> Selection<'_> {
        Selection::new(self, &self.operation.selection_set)
    }

    /// The values of the root fields `__schema` and `__type`, by response key. `schema` is the one that the request was
    /// prepared for.
    pub(in crate::graphql) fn introspect(&self, schema: &ApiSchema) -> Map<String, Json> {
        if !self.document.introspects {
            return Map::new();
        }
        let Ok(Json::Object(mut values)) = serde_json::to_value(self.execute_introspection(schema.types())) else {
            return Map::new();
        };
        let fields = self.root().fields(self.operation.object_type());
        let keys = fields.iter().filter(|field| matches!(field.name, "__schema" | "__type")).map(|field| field.key);
        keys.map(|key| (key.to_owned(), values.remove(key).unwrap_or(Json::Null))).collect()
    }

    fn execute_introspection(&self, types: &Types) -> JsonMap {
        let variables = self.variables.iter().map(|(name, value)| (name.as_str().into(), value.clone().into()));
        let variables = Valid::assume_valid(variables.collect::<JsonMap>());
        let executed =
            partial_execute(&types.schema, &types.implementers, &self.document.executable, &self.operation, &variables);
        executed.ok().and_then(|response| response.data).unwrap_or_default()
    }

    pub(super) fn document(&self) -> &ExecutableDocument {
        &self.document.executable
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.document.types.schema
    }

    pub(super) const fn variables(&self) -> &Map<String, Json> {
        &self.variables
    }
}
