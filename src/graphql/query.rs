//! Root fields of queries.

use std::sync::Arc;

use serde_json::Value as Json;

use super::answer::Answer;
use super::document::SelectedField;
use super::engine::Work;
use super::read::{Level, Loaded, Loader, Preference, Shaper, Unreadable, written_row};
use super::schema::QueryField;
use super::{ids, mutation};
use crate::auth::{Caller, SignedIn};
use crate::class::{Class, USER};
use crate::fault::{Code, Fault};
use crate::guard;
use crate::store::{Reader, Source, Times};
use crate::value::ObjectId;

/// Answers one root field of a query.
pub(super) async fn field<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let field = work.snapshot.schema.query_field(selected.name);
    match field.ok_or_else(|| Fault::internal("a root field is not known"))? {
        QueryField::Health => Ok(Answer::Json(true.into())),
        QueryField::Get(class) => {
            let id = ids::local(&class.name, text(selected, "id"));
            object(work, class, id, selected).await
        }
        QueryField::Find(class) => list(work, class, selected).await,
        QueryField::Node => node(work, selected).await,
        QueryField::Viewer => {
            let denied = || Fault::with(Code::InvalidSessionToken, Code::OperationForbidden.message());
            let viewer = work.caller.viewer().ok_or_else(denied)?;
            self::viewer(work, viewer, work.engine.store.reader(), selected).await
        }
        QueryField::Class => {
            guard::read_classes(work.caller)?;
            mutation::class_answer(work.catalog(), text(selected, "name"), selected.selection.clone())
        }
        QueryField::Classes => {
            guard::read_classes(work.caller)?;
            Ok(mutation::classes_answer(work.catalog(), selected.selection.clone()))
        }
        QueryField::CloudConfig => mutation::cloud_config(work, selected).await,
    }
}

async fn object<'a>(
    work: Work<'_>,
    class: &Arc<Class>,
    id: ObjectId,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    if id.as_str().contains('\0') {
        return Err(Fault::not_found());
    }
    let mut level = Level::new(Arc::clone(class));
    let output = work.shaper().object(&mut level, &selected.selection)?;
    let reading = work.loader(work.engine.store.reader()).preferring(Preference::of(&selected.arguments));
    let loaded = reading.by_ids(&level, vec![id]).await?;
    if loaded.is_empty() {
        return Err(Fault::not_found());
    }
    Ok(Answer::Object(Arc::new(loaded), output))
}

async fn list<'a>(work: Work<'_>, class: &Arc<Class>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let (connection, output) = work.shaper().connection(class, selected)?;
    let loaded = work.loader(work.engine.store.reader()).connection(&connection, None).await?;
    Ok(Answer::Connection(Box::new(loaded), output))
}

/// An object of any class by its global id. A class that does not exist, or is no class of the API, is 119.
async fn node<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let (class, id) = ids::split(text(selected, "id")).ok_or_else(Fault::denied)?;
    let class = work.catalog().class(&class).ok_or_else(Fault::denied)?;
    if work.snapshot.schema.names_of(&class.name).is_none() {
        return Err(Fault::denied());
    }
    object(work, class, ObjectId::new(id), selected).await
}

/// The user of a session, as the user sees itself.
pub(super) async fn viewer<'a>(
    work: Work<'_>,
    viewer: &SignedIn,
    reader: Reader<'_>,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    let caller = Caller::User(viewer.clone());
    let class = work.catalog().system_class(USER)?;
    let mut fields = Vec::new();
    for part in selected.selection.fields("Viewer") {
        let answer = match part.name {
            "__typename" => Answer::Json("Viewer".into()),
            "sessionToken" => Answer::Json(viewer.token().reveal().into()),
            _ => {
                let mut level = Level::new(Arc::clone(class));
                let output = work.shaper().object(&mut level, &part.selection)?;
                let reading = Loader { caller: &caller, ..work.loader(reader) };
                let found = readable(reading.by_ids(&level, vec![viewer.user().clone()]).await)?;
                let loaded = found.unwrap_or_else(|| written_row(&level, viewer.user(), Times::default()));
                Answer::Object(Arc::new(loaded), output)
            }
        };
        fields.push((part.key, answer));
    }
    Ok(Answer::Fields(fields))
}

/// What was read, or nothing if the caller may not read it.
pub(super) fn readable(read: Result<Loaded, Fault>) -> Result<Option<Loaded>, Fault> {
    match read {
        Ok(loaded) if loaded.is_empty() => Ok(None),
        Ok(loaded) => Ok(Some(loaded)),
        Err(fault) if fault.is_denial() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A text argument.
pub(super) fn text<'f>(selected: &'f SelectedField<'_>, name: &str) -> &'f str {
    selected.arguments.get(name).map(as_text).unwrap_or_default()
}

/// The text of a JSON string.
pub(super) fn as_text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

impl<'s> Work<'s> {
    pub(super) fn catalog(&self) -> &'s crate::class::Catalog {
        &self.snapshot.catalog
    }

    pub(super) fn shaper(&self) -> Shaper<'s> {
        Shaper { catalog: &self.snapshot.catalog, schema: &self.snapshot.schema }
    }

    pub(super) const fn loader(&self, reader: Reader<'s>) -> Loader<'s> {
        Loader {
            caller: self.caller,
            reader,
            below: Source::Primary,
            unreadable: Unreadable::Fails,
            budget: self.budget,
        }
    }
}
