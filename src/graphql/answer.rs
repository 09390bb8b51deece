//! Answers of root fields, and the response that they make up.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::document::{RequestError, SelectedField, Selection};
use super::read::{
    ConnectionOutput, Loaded, LoadedConnection, NullField, Output, Step, Writer, write_connection, write_object,
};
use crate::fault::Fault;

/// What a field answers, ready to be written.
pub(super) enum Answer<'a> {
    /// Any JSON, for leaves.
    Json(Json),
    /// The members of an object.
    Fields(Vec<(&'a str, Answer<'a>)>),
    /// A tree of JSON with a `__typename` in every object, of which the selection takes its part.
    Tree(Json, Selection<'a>),
    /// One object.
    Object(Arc<Loaded>, Output<'a>),
    /// A list of objects.
    Connection(Box<LoadedConnection>, ConnectionOutput<'a>),
}

/// The answer of one root field.
pub(super) struct RootAnswer<'a> {
    /// The response key.
    pub(super) key: &'a str,
    /// False if the field's type is non-null.
    pub(super) nullable: bool,
    /// The answer, or why there is none.
    pub(super) answer: Result<Answer<'a>, Fault>,
}

impl<'a> Answer<'a> {
    /// The members of a payload: what the client sent as `clientMutationId`, and what `field` answers for the others.
    pub(super) fn payload(
        selected: &SelectedField<'a>,
        payload_type: &str,
        mut field: impl FnMut(&SelectedField<'a>) -> Result<Self, Fault>,
    ) -> Result<Self, Fault> {
        let input = selected.arguments.get("input");
        let id = input.and_then(|input| input.get("clientMutationId")).cloned().unwrap_or(Json::Null);
        let mut fields = Vec::new();
        for part in selected.selection.fields(payload_type) {
            let answer = match part.name {
                "__typename" => Self::Json(payload_type.into()),
                "clientMutationId" => Self::Json(id.clone()),
                _ => field(&part)?,
            };
            fields.push((part.key, answer));
        }
        Ok(Self::Fields(fields))
    }

    fn write(&self, w: &mut Writer<'_>) -> Result<(), NullField> {
        match self {
            Self::Json(json) => w.json(json),
            Self::Fields(fields) => {
                return w.object(fields, |w, (key, answer)| w.member(key, false, |w| answer.write(w)));
            }
            Self::Tree(tree, selection) => return write_tree(w, tree, selection),
            Self::Object(loaded, output) => return write_object(w, loaded, 0, output),
            Self::Connection(loaded, output) => return write_connection(w, loaded, None, output),
        }
        Ok(())
    }
}

fn write_tree(w: &mut Writer<'_>, tree: &Json, selection: &Selection<'_>) -> Result<(), NullField> {
    match tree {
        Json::Array(items) => w.list(items, |w, item| write_tree(w, item, selection)),
        Json::Object(members) if !selection.is_empty() => {
            let type_name = members.get("__typename").and_then(Json::as_str).unwrap_or_default();
            w.object(selection.fields(type_name), |w, field| {
                let member = members.get(field.name).unwrap_or(&Json::Null);
                w.member(field.key, false, |w| write_tree(w, member, &field.selection))
            })
        }
        Json::Object(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            w.json(tree);
            Ok(())
        }
    }
}

/// The response of an operation that was executed.
pub(super) fn response(mut w: Writer<'_>, answers: Vec<RootAnswer<'_>>) -> Bytes {
    w.raw("{\"data\":");
    let start = w.position();
    let written = w.object(answers, |w, root| {
        w.member(root.key, root.nullable, |w| match root.answer {
            Ok(answer) => answer.write(w),
            Err(fault) => {
                w.fail(fault);
                Err(NullField)
            }
        })
    });
    if written.is_err() {
        w.cut(start);
        w.null();
    }
    let (mut out, faults) = w.finish();
    if !faults.is_empty() {
        let errors: Vec<Json> = faults.iter().map(|(path, fault)| public(path, fault)).collect();
        out.extend_from_slice(b",\"errors\":");
        out.extend_from_slice(Json::Array(errors).to_string().as_bytes());
    }
    out.push(b'}');
    out.into()
}

/// The response to a request that was not executed.
pub(super) fn refused(errors: &[RequestError]) -> Bytes {
    let errors = errors.iter().map(|error| {
        let locations: Vec<Json> =
            error.locations.iter().map(|(line, column)| json!({"line": line, "column": column})).collect();
        json!({"message": error.message, "locations": locations, "extensions": {"code": error.code}})
    });
    json!({"errors": errors.collect::<Vec<_>>()}).to_string().into()
}

/// What a client learns of a fault: its code and message. Its cause goes to the log.
fn public(path: &[Step], fault: &Fault) -> Json {
    if let Some(causes) = fault.causes().filter(|_| fault.is_failure()) {
        tracing::error!(code = fault.code().number(), causes, "a field failed");
    }
    let path: Vec<Json> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => Json::from(key.as_str()),
            Step::Index(index) => Json::from(*index),
        })
        .collect();
    let mut extensions = Map::new();
    extensions.insert("code".into(), fault.code().number().into());
    json!({"message": fault.message(), "path": path, "extensions": extensions})
}
