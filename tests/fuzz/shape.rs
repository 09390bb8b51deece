//! The data of an answer have the shape that the schema and the selection say.

use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node, Schema};
use serde_json::Value as Json;

use crate::case::Case;

struct Shape<'s> {
    schema: &'s Schema,
    document: &'s ExecutableDocument,
}

/// Checks the data of an answer. Documents that this cannot make sense of are passed over.
pub(crate) fn check(schema: &Valid<Schema>, case: &Case, json: &Json) -> Result<(), String> {
    let data = &json["data"];
    let Ok(document) = ExecutableDocument::parse(schema, case.text.clone(), "case.graphql") else {
        return Err("a document was executed that is none".to_owned());
    };
    let operation = case.operation.as_deref().filter(|name| !name.is_empty());
    let Ok(operation) = document.operations.get(operation) else {
        return Err("an operation was executed that is none".to_owned());
    };
    if data.is_null() {
        return Ok(());
    }
    let shape = Shape { schema, document: &document };
    shape.object(&[&operation.selection_set], data, "data")
}

impl Shape<'_> {
    fn object(&self, selections: &[&SelectionSet], json: &Json, path: &str) -> Result<(), String> {
        let Json::Object(members) = json else { return Err(format!("{path} is no object")) };
        let mut fields = Vec::new();
        for selection in selections {
            self.collect(selection, &mut fields, 0);
        }
        for (key, value) in members {
            let mine: Vec<&Node<Field>> =
                fields.iter().copied().filter(|field| field.response_key().as_str() == key).collect();
            let Some(first) = mine.first() else { return Err(format!("nobody asked for {path}.{key}")) };
            let inner: Vec<&SelectionSet> = mine.iter().map(|field| &field.selection_set).collect();
            self.value(first.ty(), &inner, value, &format!("{path}.{key}"))?;
        }
        Ok(())
    }

    /// All fields that the answer may have, whatever the types of objects are.
    fn collect<'d>(&'d self, selection: &'d SelectionSet, fields: &mut Vec<&'d Node<Field>>, depth: usize) {
        for part in &selection.selections {
            match part {
                Selection::Field(field) => fields.push(field),
                Selection::InlineFragment(inline) => self.collect(&inline.selection_set, fields, depth + 1),
                Selection::FragmentSpread(spread) => {
                    if let (Some(fragment), true) = (self.document.fragments.get(&spread.fragment_name), depth < 100) {
                        self.collect(&fragment.selection_set, fields, depth + 1);
                    }
                }
            }
        }
    }

    fn value(&self, kind: &Type, selections: &[&SelectionSet], json: &Json, path: &str) -> Result<(), String> {
        if json.is_null() {
            return if kind.is_non_null() { Err(format!("null where the type is {kind}: {path}")) } else { Ok(()) };
        }
        if kind.is_list() {
            let items = json.as_array().ok_or_else(|| format!("no list where the type is {kind}: {path}"))?;
            return items.iter().try_for_each(|item| self.value(kind.item_type(), selections, item, path));
        }
        let named = kind.inner_named_type();
        let fits = match self.schema.types.get(named) {
            Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_)) => {
                return self.object(selections, json, path);
            }
            Some(ExtendedType::Enum(definition)) => {
                json.as_str().is_some_and(|name| definition.values.contains_key(name))
            }
            _ => match named.as_str() {
                "String" | "ID" | "Date" | "Bytes" => json.is_string(),
                "Boolean" => json.is_boolean(),
                "Int" => json.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                "Float" => json.is_number(),
                "Object" => json.is_object(),
                _ => true,
            },
        };
        if fits { Ok(()) } else { Err(format!("no {named}: {path} is {json}")) }
    }
}
