//! What one class adds to the schema.
//!
//! It is kept for as long as the class stays as it is: with hundreds of classes, a change of one would otherwise make, and for a
//! while keep, all types twice.

use std::sync::Arc;

use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::schema::{Component, ExtendedType};

use super::fields::{ClassTypes, Targets};
use super::{ApiSchema, inputs, objects, roots};
use crate::class::ClassName;
use crate::graphql::naming::ClassNames;

/// What one class adds to the schema.
#[derive(Debug, Clone)]
pub(super) struct ClassSchema {
    /// The class with its names.
    pub(super) types: Arc<ClassTypes>,
    /// What is made of them.
    pub(super) parts: Arc<Parts>,
}

/// The types and root fields of a class.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) types: Vec<ExtendedType>,
    pub(super) queries: Vec<Component<FieldDefinition>>,
    pub(super) mutations: Vec<Component<FieldDefinition>>,
}

impl ClassSchema {
    pub(super) fn new(types: &Arc<ClassTypes>, targets: &Targets<'_>) -> Self {
        let mut all: Vec<_> = objects::types(types, targets).into_iter().chain(inputs::types(types, targets)).collect();
        let (mutations, payloads): (Vec<_>, Vec<_>) = roots::mutations(types).into_iter().unzip();
        all.extend(payloads);
        let parts = Parts {
            types: all,
            queries: roots::queries(types).into_iter().map(Component::new).collect(),
            mutations: mutations.into_iter().map(Component::new).collect(),
        };
        Self { types: Arc::clone(types), parts: parts.into() }
    }

    /// True if it would be made of the same class again, among these targets: its fields name the types of the classes to which they lead.
    pub(super) fn is_of(&self, types: &Arc<ClassTypes>, targets: &Targets<'_>, before: Option<&ApiSchema>) -> bool {
        let names_before = |class: &ClassName| before.and_then(|before| before.names_of(class));
        let names_now = |class: &ClassName| -> Option<&ClassNames> { targets.get(class).map(|target| &target.names) };
        let mut leads = types.class.fields.values().filter_map(|field| field.kind.target());
        Arc::ptr_eq(&self.types, types) && leads.all(|class| names_before(class) == names_now(class))
    }
}
