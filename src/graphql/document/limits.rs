//! How large a document may be, measured before anything looks at it closely.
//!
//! Fragments make a short document mean a long one: each spread counts as all that it stands for. The measure of a
//! fragment is taken once, so a document whose fragments double each other is refused in linear time.

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};

use super::error::{RequestError, VALIDATION};

/// Tokens of a document.
pub(super) const MAX_TOKENS: usize = 15_000;
/// How deep selections, lists and objects may be nested in the text.
pub(super) const MAX_NESTING: usize = 200;
/// Fields of an operation, with those of fragments counted each time that they are put in.
const MAX_FIELDS: usize = 5_000;
/// Fields of an operation that select from an object or a list: each may be a statement.
const MAX_SELECTIONS: usize = 500;
/// How deep fields may be nested. Each step through a relation takes three levels.
const MAX_DEPTH: usize = 60;
/// How many fragments may be put into one another.
const MAX_CHAIN: usize = 100;

/// What a selection amounts to.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    fields: usize,
    selections: usize,
    depth: usize,
}

impl Measure {
    /// Puts something beside it.
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.selections = self.selections.saturating_add(other.selections);
        self.depth = self.depth.max(other.depth);
    }
}

struct Limits<'a> {
    fragments: HashMap<&'a Name, &'a FragmentDefinition>,
    /// What is known already; None while a fragment is being measured, so that a cycle ends.
    known: HashMap<&'a Name, Option<Measure>>,
    chain: usize,
    too_long: bool,
}

/// Refuses documents that are too large to be looked at.
pub(super) fn check(document: &Document) -> Result<(), Vec<RequestError>> {
    let fragments = document.definitions.iter().filter_map(|definition| definition.as_fragment_definition());
    let fragments = fragments.map(|fragment| (&fragment.name, &**fragment)).collect();
    let mut limits = Limits { fragments, known: HashMap::new(), chain: 0, too_long: false };
    let mut total = Measure::default();
    for definition in &document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            let measure = limits.measure(&operation.selection_set);
            total.add(measure);
        }
    }
    let refusal = |what: &str| Err(vec![RequestError::new(VALIDATION, what)]);
    if limits.too_long {
        return refusal(&format!("Fragments may be nested {MAX_CHAIN} levels deep."));
    }
    if total.fields > MAX_FIELDS {
        return refusal(&format!("A document may select {MAX_FIELDS} fields."));
    }
    if total.selections > MAX_SELECTIONS {
        return refusal(&format!("A document may select from {MAX_SELECTIONS} objects and lists."));
    }
    if total.depth > MAX_DEPTH {
        return refusal(&format!("Fields may be nested {MAX_DEPTH} levels deep."));
    }
    Ok(())
}

impl<'a> Limits<'a> {
    fn measure(&mut self, selections: &'a [Selection]) -> Measure {
        let mut total = Measure::default();
        for selection in selections {
            let measure = match selection {
                Selection::Field(field) => {
                    let inner = self.measure(&field.selection_set);
                    Measure {
                        fields: inner.fields.saturating_add(1),
                        selections: inner.selections.saturating_add(usize::from(!field.selection_set.is_empty())),
                        depth: inner.depth + 1,
                    }
                }
                Selection::InlineFragment(inline) => self.measure(&inline.selection_set),
                Selection::FragmentSpread(spread) => self.measure_fragment(&spread.fragment_name),
            };
            total.add(measure);
        }
        total
    }

    fn measure_fragment(&mut self, name: &'a Name) -> Measure {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.fragments.get(name).copied() else { return Measure::default() };
        if self.chain >= MAX_CHAIN {
            self.too_long = true;
            return Measure::default();
        }
        self.known.insert(name, None);
        self.chain += 1;
        let measure = self.measure(&fragment.selection_set);
        self.chain -= 1;
        self.known.insert(name, Some(measure));
        measure
    }
}

/// True if the document asks for the schema itself, anywhere.
pub(super) fn introspects(document: &Document) -> bool {
    fn any(selections: &[Selection]) -> bool {
        selections.iter().any(|selection| match selection {
            Selection::Field(field) => {
                matches!(field.name.as_str(), "__schema" | "__type") || any(&field.selection_set)
            }
            Selection::InlineFragment(inline) => any(&inline.selection_set),
            Selection::FragmentSpread(_) => false,
        })
    }
    document.definitions.iter().any(|definition| {
        definition.as_operation_definition().is_some_and(|operation| any(&operation.selection_set))
            || definition.as_fragment_definition().is_some_and(|fragment| any(&fragment.selection_set))
    })
}
