//! One case: a document, its variables, and who sends it.

use std::fmt;

use serde_json::{Map, Value as Json};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    User,
    ReadOnlyMaster,
    Master,
}

/// A file of a multipart request.
#[derive(Debug, Clone)]
pub(crate) struct Attached {
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
    pub(crate) content_type: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// A request, before the names of things are put in that each database has chosen itself.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) caller: Caller,
    pub(crate) text: String,
    pub(crate) operation: Option<String>,
    pub(crate) variables: Map<String, Json>,
    pub(crate) uploads: Vec<Attached>,
    pub(crate) by_get: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "caller: {:?}{}", self.caller, if self.by_get { ", by GET" } else { "" })?;
        if let Some(operation) = &self.operation {
            writeln!(f, "operationName: {operation:?}")?;
        }
        writeln!(f, "document: {}", self.text)?;
        write!(f, "variables: {}", Json::Object(self.variables.clone()))?;
        for upload in &self.uploads {
            write!(f, "\nupload: {upload:?}")?;
        }
        Ok(())
    }
}
