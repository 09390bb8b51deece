//! Files that belong to no object yet.

use serde_json::{Value as Json, json};

use super::fields::no_file;
use crate::fault::Fault;
use crate::graphql::answer::Answer;
use crate::graphql::document::SelectedField;
use crate::graphql::engine::Work;
use crate::graphql::files;

/// `createFile`: the name and address of the uploaded file, which is kept already.
pub(super) fn create<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let upload = selected.arguments.get("input").and_then(|input| input.get("upload")).unwrap_or(&Json::Null);
    let name = work.uploaded.name(upload).ok_or_else(no_file)?;
    let url = files::url(work.engine.files_url(), name);
    let info = json!({"__typename": "FileInfo", "name": name, "url": url});
    Answer::payload(selected, "CreateFilePayload", |part| Ok(Answer::Tree(info.clone(), part.selection.clone())))
}
