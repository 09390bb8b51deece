//! From text to a document that fits the schema.

use std::sync::Arc;

use apollo_compiler::ast::Document as Ast;
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::introspection::check_max_depth;
use apollo_compiler::parser::{Parser, SourceMap, SourceSpan};
use apollo_compiler::validation::{DiagnosticList, Valid};

use super::error::{MAX_ERRORS, PARSE, RequestError, VALIDATION, introspection_is_closed};
use super::prepared::Document;
use super::{limits, literals, syntax};
use crate::graphql::schema::Types;

/// Rules of `apollo-compiler` about values, for which [`literals`] stands in.
const OWN_RULES: [&str; 10] = [
    "UnsupportedValueType",
    "IntCoercionError",
    "FloatCoercionError",
    "UndefinedEnumValue",
    "UndefinedInputValue",
    "UniqueInputValue",
    "RequiredField",
    "RequiredArgument",
    "DisallowedVariableUsage",
    "UndefinedVariable",
];

/// Rules that find something wrong where a field that does not exist was left out, with all that it holds; the last
/// one, where a fragment was left out because its type does not exist.
const AFTER_EFFECTS: [&str; 3] = ["UnusedVariable", "UnusedFragment", "UndefinedFragment"];

/// Parses and validates a document.
pub(super) fn document(types: &Arc<Types>, text: &str, introspection: bool) -> Result<Document, Vec<RequestError>> {
    let ast = parse(text)?;
    let introspects = limits::introspects(&ast);
    if introspects && !introspection {
        return Err(introspection_is_closed());
    }
    limits::check(&ast)?;
    let executable = validate(types, &ast)?;
    for operation in executable.operations.iter() {
        if let Err(error) = check_max_depth(&executable, operation) {
            let message = error.message().to_string();
            return Err(vec![RequestError::at(VALIDATION, message, error.location(), &executable.sources)]);
        }
    }
    Ok(Document { types: Arc::clone(types), executable, introspects })
}

/// Parses a document. There is one error at most, the first, as everything after it is guesswork.
fn parse(text: &str) -> Result<Ast, Vec<RequestError>> {
    let mut parser = Parser::new().token_limit(limits::MAX_TOKENS).recursion_limit(limits::MAX_NESTING);
    match parser.parse_ast(text, "request") {
        Ok(ast) if ast.definitions.is_empty() => {
            Err(vec![RequestError::new(PARSE, "Syntax error: the document is empty.")])
        }
        Ok(ast) => match syntax::name_without_value(text) {
            Some(place) => {
                let message = "Syntax error: expected a colon and a value after this name.";
                Err(vec![RequestError { locations: vec![place], ..RequestError::new(PARSE, message) }])
            }
            None => Ok(ast),
        },
        Err(failed) => {
            let first = failed.errors.iter().next();
            let error = first.map_or_else(
                || RequestError::new(PARSE, "Syntax error."),
                |first| {
                    let (message, location) = (first.error.to_string(), first.error.location());
                    RequestError::at(PARSE, message, location, first.sources)
                },
            );
            Err(vec![error])
        }
    }
}

fn validate(types: &Types, ast: &Ast) -> Result<Valid<ExecutableDocument>, Vec<RequestError>> {
    let mut errors = Vec::new();
    let document = match ast.to_executable(&types.schema) {
        Ok(document) => document,
        Err(failed) => {
            collect(&failed.errors, &[], &mut errors);
            failed.partial
        }
    };
    let pass_over = after_effects(ast, &document, !errors.is_empty());
    let document = match document.validate(&types.schema) {
        Ok(document) => document.into_inner(),
        Err(failed) => {
            collect(&failed.errors, pass_over, &mut errors);
            failed.partial
        }
    };
    errors.extend(literals::check(&types.schema, &document));
    let mut unique: Vec<RequestError> = Vec::with_capacity(errors.len());
    for error in errors {
        if unique.len() < MAX_ERRORS && !unique.contains(&error) {
            unique.push(error);
        }
    }
    // What `apollo-compiler` finds beyond these errors is about values, and `literals` has the last word there.
    if unique.is_empty() { Ok(Valid::assume_valid(document)) } else { Err(unique) }
}

/// The rules that cannot be trusted with what is left of a document.
fn after_effects(ast: &Ast, document: &ExecutableDocument, incomplete: bool) -> &'static [&'static str] {
    let fragments = ast.definitions.iter().filter(|definition| definition.as_fragment_definition().is_some()).count();
    match AFTER_EFFECTS.split_last() {
        Some((_, fields_only)) if incomplete && fragments == document.fragments.len() => fields_only,
        _ if incomplete => &AFTER_EFFECTS,
        _ => &[],
    }
}

/// The rules about fields that share a response key, the one that says most first: `graphql-js` names one reason.
const CONFLICTS: [&str; 3] = ["ConflictingFieldName", "ConflictingFieldArgument", "ConflictingFieldType"];

/// Turns diagnostics into errors, except those of our own rules and of the rules to pass over.
fn collect(diagnostics: &DiagnosticList, pass_over: &[&str], errors: &mut Vec<RequestError>) {
    for diagnostic in diagnostics.iter() {
        let rule = diagnostic.error.unstable_error_name().unwrap_or_default();
        let location = diagnostic.error.location();
        let left_empty = rule == "MissingSubselection" && has_selection(location, diagnostic.sources);
        if OWN_RULES.contains(&rule)
            || pass_over.contains(&rule)
            || left_empty
            || is_outdone(rule, location, diagnostics)
        {
            continue;
        }
        let message = diagnostic.error.unstable_compat_message().unwrap_or_else(|| diagnostic.error.to_string());
        errors.push(RequestError::at(VALIDATION, message, location, diagnostic.sources));
    }
}

/// True for a conflict of two fields for which a better reason is found at the same place.
fn is_outdone(rule: &str, location: Option<SourceSpan>, diagnostics: &DiagnosticList) -> bool {
    let better = CONFLICTS.iter().take_while(|conflict| **conflict != rule);
    CONFLICTS.contains(&rule)
        && diagnostics.iter().any(|other| {
            other.error.location() == location
                && other.error.unstable_error_name().is_some_and(|name| better.clone().any(|better| *better == name))
        })
}

/// True for a field with a selection in the text: it seems to have none only because the fields in it do not exist.
fn has_selection(location: Option<SourceSpan>, sources: &SourceMap) -> bool {
    let text = || {
        let span = location?;
        let source = sources.get(&span.file_id())?;
        source.source_text().get(span.offset()..span.end_offset())
    };
    text().is_some_and(|text| text.trim_end().ends_with('}'))
}
