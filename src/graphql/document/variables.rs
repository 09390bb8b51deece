//! The values of variables, checked and brought into shape as `graphql-js` does.

use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Operation, VariableDefinition};
use apollo_compiler::parser::SourceMap;
use apollo_compiler::schema::{EnumType, ExtendedType, InputObjectType};
use apollo_compiler::{Node, Schema};
use serde_json::{Map, Value as Json, json};

use super::arguments::constant;
use super::error::{RequestError, VARIABLES};
use crate::graphql::request::{Request, Upload};

/// After so many errors the others are left out.
const MAX_ERRORS: usize = 50;

/// The key under which the value of an `Upload` holds its number in the request.
pub(in crate::graphql) const UPLOAD: &str = "__upload";

struct Coercion<'a> {
    schema: &'a Schema,
    sources: &'a SourceMap,
    uploads: &'a [Upload],
    variable: &'a Node<VariableDefinition>,
    /// Where we are in the request: `["variables", "input", "upload"]`.
    path: Vec<String>,
    errors: Vec<RequestError>,
}

/// The variables of an operation.
pub(super) fn coerce(
    schema: &Schema,
    sources: &SourceMap,
    operation: &Operation,
    request: &Request,
) -> Result<Map<String, Json>, Vec<RequestError>> {
    let mut values = Map::new();
    let mut errors = Vec::new();
    for variable in &operation.variables {
        let path = vec!["variables".to_owned(), variable.name.to_string()];
        let mut coercion = Coercion { schema, sources, uploads: &request.uploads, variable, path, errors: Vec::new() };
        let given = request.variables.get(variable.name.as_str());
        let given = given.or_else(|| coercion.upload().map(|_| &Json::Null));
        let value = match (given, &variable.default_value) {
            (Some(given), _) => coercion.value(&variable.ty, given),
            (None, Some(default)) => constant(schema, &variable.ty, default),
            (None, None) => {
                if variable.ty.is_non_null() {
                    let (name, ty) = (&variable.name, &variable.ty);
                    let message = format!("Variable \"${name}\" of required type \"{ty}\" was not provided.");
                    coercion.errors.push(RequestError::at(VARIABLES, message, variable.location(), sources));
                }
                None
            }
        };
        errors.append(&mut coercion.errors);
        if let Some(value) = value {
            values.insert(variable.name.to_string(), value);
        }
    }
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

impl Coercion<'_> {
    fn report(&mut self, what: &str) {
        let place = match self.path.get(1..) {
            Some([_]) | None => String::new(),
            Some(path) => format!(" at \"{}\"", path.join(".")),
        };
        let message = format!("Variable \"${}\" got an invalid value{place}; {what}.", self.variable.name);
        self.errors.push(RequestError::at(VARIABLES, message, self.variable.location(), self.sources));
    }

    /// The number of the uploaded file that belongs here.
    fn upload(&self) -> Option<usize> {
        self.uploads.iter().position(|upload| upload.path == self.path)
    }

    /// The value in shape; None if there was something to report.
    fn value(&mut self, ty: &Type, value: &Json) -> Option<Json> {
        if let (false, "Upload", Some(number)) = (ty.is_list(), ty.inner_named_type().as_str(), self.upload()) {
            return Some(json!({ UPLOAD: number }));
        }
        if value.is_null() {
            if ty.is_non_null() {
                self.report(&format!("Expected non-nullable type \"{ty}\" not to be null"));
                return None;
            }
            return Some(Json::Null);
        }
        if ty.is_list() {
            let item = ty.item_type();
            let Json::Array(items) = value else { return Some(Json::Array(vec![self.value(item, value)?])) };
            let mut values = Vec::with_capacity(items.len());
            for (index, member) in items.iter().enumerate() {
                self.path.push(index.to_string());
                values.extend(self.value(item, member));
                self.path.pop();
            }
            return Some(Json::Array(values));
        }
        let schema = self.schema;
        match schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(input)) => self.object(input, value),
            Some(ExtendedType::Enum(values)) => self.enumerated(values, value),
            Some(ExtendedType::Scalar(scalar)) => match super::scalars::coerce(&scalar.name, value) {
                Ok(value) => Some(value),
                Err(what) => {
                    self.report(&what);
                    None
                }
            },
            _ => None,
        }
    }

    fn enumerated(&mut self, values: &EnumType, value: &Json) -> Option<Json> {
        if value.as_str().is_some_and(|text| values.values.contains_key(text)) {
            return Some(value.clone());
        }
        self.report(&format!("the value does not exist in the enum \"{}\"", values.name));
        None
    }

    fn object(&mut self, input: &InputObjectType, value: &Json) -> Option<Json> {
        let Json::Object(members) = value else {
            self.report(&format!("Expected type \"{}\" to be an object", input.name));
            return None;
        };
        let mut values = Map::new();
        for (name, definition) in &input.fields {
            self.path.push(name.to_string());
            let given = members.get(name.as_str()).or_else(|| self.upload().map(|_| &Json::Null));
            let value = match (given, &definition.default_value) {
                (Some(given), _) => self.value(&definition.ty, given),
                (None, Some(default)) => constant(self.schema, &definition.ty, default),
                (None, None) => None,
            };
            self.path.pop();
            if given.is_none() && definition.is_required() {
                self.report(&format!("Field \"{name}\" of required type \"{}\" was not provided", definition.ty));
            }
            if let Some(value) = value {
                values.insert(name.to_string(), value);
            }
        }
        for unknown in members.keys().filter(|name| !input.fields.contains_key(name.as_str())) {
            self.report(&format!("Field \"{unknown}\" is not defined by type \"{}\"", input.name));
        }
        Some(Json::Object(values))
    }
}
