//! What is selected of an object.

use std::collections::HashSet;
use std::sync::Arc;

use apollo_compiler::Node;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{DirectiveList, Field, Selection as Item, SelectionSet};
use serde_json::{Map, Value as Json};

use super::prepared::Prepared;

/// What is selected of an object: one selection set, or several of fields that share their place in the answer.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct Selection<'a> {
    prepared: &'a Prepared,
    sets: Sets<'a>,
}

#[derive(Debug, Clone)]
enum Sets<'a> {
    One(&'a SelectionSet),
    Many(Arc<[&'a SelectionSet]>),
}

/// A selected field.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct SelectedField<'a> {
    /// Its name in the answer.
    pub(in crate::graphql) key: &'a str,
    /// Its name in the schema.
    pub(in crate::graphql) name: &'a str,
    /// Its arguments, in the shape that the schema says: variables put in, defaults filled in, single values in
    /// lists where lists are expected, values of enums as text. What is absent stays absent, and null stays null.
    pub(in crate::graphql) arguments: Map<String, Json>,
    /// What is selected of its value.
    pub(in crate::graphql) selection: Selection<'a>,
}

/// Fields of one response key, in the order of their appearance.
type Groups<'a> = IndexMap<&'a str, Vec<&'a Node<Field>>>;

impl<'a> Selection<'a> {
    pub(super) const fn new(prepared: &'a Prepared, set: &'a SelectionSet) -> Self {
        Self { prepared, sets: Sets::One(set) }
    }

    /// True if nothing is selected, as of scalars.
    pub(in crate::graphql) fn is_empty(&self) -> bool {
        self.sets().iter().all(|set| set.is_empty())
    }

    /// The fields that are selected of an object of this type: fragments put in, `@skip` and `@include` obeyed, fields
    /// of one response key merged.
    pub(in crate::graphql) fn fields(&self, type_name: &str) -> Vec<SelectedField<'a>> {
        let mut groups = Groups::default();
        let mut seen = HashSet::new();
        for set in self.sets() {
            self.collect(type_name, set, &mut seen, &mut groups);
        }
        groups.into_iter().filter_map(|(key, fields)| self.selected(key, &fields)).collect()
    }

    fn sets(&self) -> &[&'a SelectionSet] {
        match &self.sets {
            Sets::One(set) => std::slice::from_ref(set),
            Sets::Many(sets) => sets,
        }
    }

    fn collect(&self, type_name: &str, set: &'a SelectionSet, seen: &mut HashSet<&'a str>, groups: &mut Groups<'a>) {
        for item in &set.selections {
            if !self.is_included(item.directives()) {
                continue;
            }
            match item {
                Item::Field(field) => groups.entry(field.response_key().as_str()).or_default().push(field),
                Item::InlineFragment(inline) => {
                    let applies = inline.type_condition.as_ref().is_none_or(|ty| self.applies(ty, type_name));
                    if applies {
                        self.collect(type_name, &inline.selection_set, seen, groups);
                    }
                }
                Item::FragmentSpread(spread) => {
                    let Some(fragment) = self.prepared.document().fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    if seen.insert(fragment.name.as_str()) && self.applies(fragment.type_condition(), type_name) {
                        self.collect(type_name, &fragment.selection_set, seen, groups);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, type_name: &str) -> bool {
        condition == type_name || self.prepared.schema().is_subtype(condition, type_name)
    }

    fn is_included(&self, directives: &DirectiveList) -> bool {
        let says = |name: &str| {
            let argument = directives.get(name)?.specified_argument_by_name("if")?;
            match argument.as_variable() {
                Some(variable) => self.prepared.variables().get(variable.as_str())?.as_bool(),
                None => argument.to_bool(),
            }
        };
        !says("skip").unwrap_or(false) && says("include").unwrap_or(true)
    }

    fn selected(&self, key: &'a str, fields: &[&'a Node<Field>]) -> Option<SelectedField<'a>> {
        let field = *fields.first()?;
        let sets = match fields {
            [single] => Sets::One(&single.selection_set),
            several => Sets::Many(several.iter().map(|field| &field.selection_set).collect()),
        };
        let prepared = self.prepared;
        let arguments = super::arguments::coerce(
            prepared.schema(),
            prepared.variables(),
            &field.definition.arguments,
            &field.arguments,
        );
        Some(SelectedField { key, name: field.name.as_str(), arguments, selection: Self { prepared, sets } })
    }
}
