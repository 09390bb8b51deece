//! The rules about values in a document: their types, and where variables may stand.
//!
//! `apollo-compiler` has these rules as well, but knows nothing of our scalars, counts some mistakes twice and
//! passes over others (nested variables, second unknown fields). So its findings about values are dropped, and
//! these count, which are those of `graphql-js`.

use std::collections::HashSet;

use apollo_compiler::ast::{Argument, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{DirectiveList, ExecutableDocument, Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node, Schema};

use super::error::{RequestError, VALIDATION};
use super::scalars;

/// Where a variable stands.
#[derive(Debug)]
struct Usage<'a> {
    variable: &'a Name,
    /// The type and whether there is a default; None where any type will do.
    position: Option<(&'a Type, bool)>,
    location: Option<SourceSpan>,
}

/// What one operation or fragment holds.
#[derive(Debug, Default)]
struct Found<'a> {
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a Name>,
}

struct Literals<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    found: Found<'a>,
    errors: Vec<RequestError>,
}

/// All mistakes in the values of a document.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument) -> Vec<RequestError> {
    let mut literals = Literals { schema, document, found: Found::default(), errors: Vec::new() };
    let mut fragments = std::collections::HashMap::new();
    for (name, fragment) in &document.fragments {
        literals.directives(&fragment.directives);
        literals.selection(&fragment.selection_set);
        fragments.insert(name, std::mem::take(&mut literals.found));
    }
    for operation in document.operations.iter() {
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                literals.value(Some((&variable.ty, false)), default);
            }
        }
        literals.directives(&operation.directives);
        literals.selection(&operation.selection_set);
        let own = std::mem::take(&mut literals.found);
        let mut seen = HashSet::new();
        let mut open = own.spreads.clone();
        literals.usages(operation, &own.usages);
        while let Some(name) = open.pop() {
            if let (true, Some(fragment)) = (seen.insert(name), fragments.get(name)) {
                literals.usages(operation, &fragment.usages);
                open.extend(&fragment.spreads);
            }
        }
    }
    literals.errors
}

impl<'a> Literals<'a> {
    fn report(&mut self, message: String, location: Option<SourceSpan>) {
        self.errors.push(RequestError::at(VALIDATION, message, location, &self.document.sources));
    }

    fn selection(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let owner = format!("Field \"{}\"", field.name);
                    self.arguments(&owner, &field.arguments, &field.definition.arguments, field.location());
                    self.directives(&field.directives);
                    self.selection(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.selection(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    self.found.spreads.push(&spread.fragment_name);
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        for directive in directives {
            let schema = self.schema;
            let owner = format!("Directive \"@{}\"", directive.name);
            match schema.directive_definitions.get(&directive.name) {
                Some(known) => {
                    self.arguments(&owner, &directive.arguments, &known.arguments, directive.location());
                }
                None => self.arguments(&owner, &directive.arguments, &[], directive.location()),
            }
        }
    }

    fn arguments(
        &mut self,
        owner: &str,
        given: &'a [Node<Argument>],
        known: &'a [Node<InputValueDefinition>],
        location: Option<SourceSpan>,
    ) {
        for argument in given {
            let definition = known.iter().find(|definition| definition.name == argument.name);
            self.value(definition.map(|known| (&*known.ty, known.default_value.is_some())), &argument.value);
        }
        for definition in known.iter().filter(|definition| definition.is_required()) {
            if !given.iter().any(|argument| argument.name == definition.name) {
                let (name, ty) = (&definition.name, &definition.ty);
                self.report(
                    format!("{owner} argument \"{name}\" of type \"{ty}\" is required, but it was not provided."),
                    location,
                );
            }
        }
    }

    /// Checks a value that stands where this type is expected; without a type, only its variables.
    fn value(&mut self, position: Option<(&'a Type, bool)>, value: &'a Node<Value>) {
        if let Value::Variable(variable) = &**value {
            self.found.usages.push(Usage { variable, position, location: value.location() });
            return;
        }
        let Some((ty, _)) = position else {
            self.untyped(value);
            return;
        };
        let input = match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(input)) => Some(input),
            _ => None,
        };
        match (&**value, input) {
            (Value::Null, _) => {
                if ty.is_non_null() {
                    self.report(format!("Expected value of type \"{ty}\", found null."), value.location());
                }
            }
            (Value::List(items), _) if ty.is_list() => {
                for item in items {
                    self.value(Some((ty.item_type(), false)), item);
                }
            }
            (Value::Object(members), Some(input)) => self.object(input, members, value.location()),
            _ => self.leaf(ty, value),
        }
    }

    fn object(&mut self, input: &'a InputObjectType, members: &'a [(Name, Node<Value>)], location: Option<SourceSpan>) {
        let mut seen = HashSet::new();
        for (name, value) in members {
            if !seen.insert(name) {
                self.report(format!("There can be only one input field named \"{name}\"."), name.location());
            }
            let definition = input.fields.get(name);
            if definition.is_none() {
                let message = format!("Field \"{name}\" is not defined by type \"{}\".", input.name);
                self.report(message, name.location());
            }
            self.value(definition.map(|known| (&*known.ty, known.default_value.is_some())), value);
        }
        for (name, definition) in &input.fields {
            if definition.is_required() && !seen.contains(name) {
                self.report(
                    format!("Field \"{}.{name}\" of required type \"{}\" was not provided.", input.name, definition.ty),
                    location,
                );
            }
        }
    }

    fn leaf(&mut self, ty: &Type, value: &'a Node<Value>) {
        let fits = match (self.schema.types.get(ty.inner_named_type()), &**value) {
            (Some(ExtendedType::Scalar(scalar)), literal) => scalars::literal_fits(&scalar.name, literal),
            (Some(ExtendedType::Enum(values)), Value::Enum(value)) => values.values.contains_key(value),
            _ => false,
        };
        if !fits {
            let name = ty.inner_named_type();
            let shown = shown(value);
            self.report(format!("{name} cannot represent this value: {shown}"), value.location());
        }
        self.untyped(value);
    }

    /// Takes note of the variables in a value of any type.
    fn untyped(&mut self, value: &'a Node<Value>) {
        match &**value {
            Value::Variable(variable) => {
                self.found.usages.push(Usage { variable, position: None, location: value.location() });
            }
            Value::List(items) => {
                for item in items {
                    self.untyped(item);
                }
            }
            Value::Object(members) => {
                for (_, member) in members {
                    self.untyped(member);
                }
            }
            Value::Null | Value::Enum(_) | Value::String(_) | Value::Float(_) | Value::Int(_) | Value::Boolean(_) => {}
        }
    }

    /// True for a variable of a known type that does not fit its place.
    fn is_misplaced(&self, variable: &VariableDefinition, ty: &Type, default: bool) -> bool {
        self.schema.types.contains_key(variable.ty.inner_named_type()) && !is_allowed(variable, ty, default)
    }

    /// Checks where the variables of an operation stand.
    fn usages(&mut self, operation: &Operation, usages: &[Usage<'_>]) {
        for usage in usages {
            let variable = usage.variable;
            let Some(definition) = operation.variables.iter().rfind(|definition| definition.name == *variable) else {
                self.report(format!("Variable \"${variable}\" is not defined."), usage.location);
                continue;
            };
            match usage.position {
                Some((ty, default)) if self.is_misplaced(definition, ty, default) => self.report(
                    format!(
                        "Variable \"${variable}\" of type \"{}\" used in position expecting type \"{ty}\".",
                        definition.ty
                    ),
                    usage.location,
                ),
                _ => {}
            }
        }
    }
}

/// A nullable variable may stand where null may not if either of the two has a default.
fn is_allowed(variable: &VariableDefinition, ty: &Type, default: bool) -> bool {
    if ty.is_non_null() && !variable.ty.is_non_null() {
        let own_default = variable.default_value.as_ref().is_some_and(|value| !value.is_null());
        return (own_default || default) && variable.ty.is_assignable_to(&ty.clone().nullable());
    }
    variable.ty.is_assignable_to(ty)
}

/// A value for a message: itself if it is short.
fn shown(value: &Value) -> String {
    match value {
        Value::List(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.len() > 50 => "a text".to_owned(),
        Value::Null
        | Value::Enum(_)
        | Value::Variable(_)
        | Value::String(_)
        | Value::Float(_)
        | Value::Int(_)
        | Value::Boolean(_) => value.to_string(),
    }
}
