//! Making, changing and deleting objects.

use std::collections::HashMap;
use std::sync::Arc;

use super::fields::Drafts;
use super::member;
use crate::auth::Directory as _;
use crate::class::Class;
use crate::fault::{Code, Fault};
use crate::graphql::answer::Answer;
use crate::graphql::document::SelectedField;
use crate::graphql::engine::Work;
use crate::graphql::input;
use crate::graphql::query::{as_text, readable};
use crate::graphql::read::{Level, Loaded, Loader, Output, Unreadable, written_row};
use crate::guard::{self, AdmittedUpdate};
use crate::plan::{Delete, Internal, Update};
use crate::store::{Times, Transaction};
use crate::value::ObjectId;

/// What the payload of a mutation shows of the object that it writes.
struct Shown<'a> {
    level: Level,
    outputs: Vec<(&'a str, Output<'a>)>,
}

/// `createX`.
pub(super) async fn create<'a>(
    work: Work<'_>,
    class: &Arc<Class>,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    let shown = shown(work, class, "Create", selected)?;
    let mut drafts = Drafts::default();
    let id = work.draft(class, member(selected, "fields"), &mut drafts).await?;
    let seen = made(work, drafts, &shown, &id).await?;
    let times = Times { created_at: Some(work.now), updated_at: Some(work.now) };
    let loaded = seen.unwrap_or_else(|| shown.written(&id, times));
    answer(work, class, "Create", selected, (shown, loaded))
}

/// Makes the objects of the drafts, and reads the one with this id, the last of them, as the caller sees it, if the caller may.
async fn made(work: Work<'_>, drafts: Drafts, shown: &Shown<'_>, id: &ObjectId) -> Result<Option<Loaded>, Fault> {
    let store = &work.engine.store;
    let afterwards = work.loader(store.reader());
    let creates = match store.together(drafts.into_creates()) {
        Err(creates) => creates,
        Ok(together) => match afterwards.plan_of_written(&shown.level, id)? {
            None => together.into_creates(),
            Some(find) => {
                let behind = afterwards.plans_behind(&shown.level, &together)?;
                let (pointers, behind): (Vec<_>, Vec<_>) = behind.into_iter().unzip();
                let seen = store.create_together(together, find, behind).await?;
                let behind = pointers.into_iter().zip(seen.behind).collect();
                return afterwards.written(&shown.level, seen.row, behind).await;
            }
        },
    };
    let transaction = store.begin().await?;
    work.make(&transaction, creates.into()).await?;
    let seen = load(work, &transaction, shown, id).await?;
    transaction.commit().await?;
    Ok(seen)
}

/// `updateX`.
pub(super) async fn update<'a>(
    work: Work<'_>,
    class: &Arc<Class>,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    let shown = shown(work, class, "Update", selected)?;
    let id = input::object_id(&class.name, as_text(member(selected, "id")))?;
    let mut drafts = Drafts::default();
    let mut changes = work.changes((class, &id), member(selected, "fields"), &mut drafts).await?;
    let sets_password = changes.sets_password();
    if sets_password && changes.value("authData").is_none() {
        changes.internal.push(Internal::EndAnonymity);
    }
    let plan = Update { class: Arc::clone(class), id: id.clone(), now: work.now, changes };
    let admitted = guard::update(work.caller, plan)?;
    let (times, seen) = changed(work, drafts, admitted, (&shown, sets_password)).await?;
    let loaded = seen.unwrap_or_else(|| shown.written(&id, times));
    answer(work, class, "Update", selected, (shown, loaded))
}

/// Makes the objects of the drafts, changes an object, and reads it as the caller sees it, if the caller may.
async fn changed(
    work: Work<'_>,
    drafts: Drafts,
    mut update: AdmittedUpdate,
    (shown, sets_password): (&Shown<'_>, bool),
) -> Result<(Times, Option<Loaded>), Fault> {
    let store = &work.engine.store;
    let afterwards = work.loader(store.reader());
    if drafts.is_empty() {
        match store.alone(update) {
            Err(refused) => update = *refused,
            Ok(alone) => match afterwards.plan_of_written(&shown.level, alone.id())? {
                None => update = alone.into_update(),
                Some(find) => {
                    let (times, row) = store.update_alone(alone, find).await?;
                    return Ok((times, afterwards.written(&shown.level, row, HashMap::new()).await?));
                }
            },
        }
    }
    let id = update.id().clone();
    let transaction = store.begin().await?;
    work.make(&transaction, drafts).await?;
    let times = if sets_password {
        change_password(work, &transaction, &id, update).await?
    } else {
        transaction.update(update).await?
    };
    let seen = load(work, &transaction, shown, &id).await?;
    transaction.commit().await?;
    Ok((times, seen))
}

/// `deleteX`. It shows the object as it was.
pub(super) async fn delete<'a>(
    work: Work<'_>,
    class: &Arc<Class>,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    let shown = shown(work, class, "Delete", selected)?;
    let id = input::object_id(&class.name, as_text(member(selected, "id")))?;
    let admitted = guard::delete(work.caller, Delete { class: Arc::clone(class), id: id.clone() })?;
    let transaction = work.engine.store.begin().await?;
    let seen = load(work, &transaction, &shown, &id).await?;
    let times = transaction.delete(admitted).await?;
    let loaded = seen.unwrap_or_else(|| shown.written(&id, times));
    transaction.commit().await?;
    answer(work, class, "Delete", selected, (shown, loaded))
}

/// Changes a user with its password. Whoever knew the old one is signed out, on every device.
async fn change_password(
    work: Work<'_>,
    transaction: &Transaction,
    id: &ObjectId,
    admitted: AdmittedUpdate,
) -> Result<Times, Fault> {
    let changed = transaction.update(admitted).await;
    let missed = changed.as_ref().is_err_and(|fault| fault.code() == Code::SessionMissing);
    // The statement has waited for other changes of the same user; if one of them has ended the session, this one is
    // too late, whatever it found.
    if let Some(signed_in) = work.caller.user().filter(|_| changed.is_ok() || missed) {
        transaction.expect_session(signed_in).await?;
    }
    let times = changed?;
    transaction.end_sessions_of(id).await?;
    Ok(times)
}

fn payload_type(work: Work<'_>, class: &Class, verb: &str) -> Result<String, Fault> {
    Ok(format!("{verb}{}Payload", work.shaper().type_name(class)?))
}

/// What the client wants to see, which is checked before anything is written.
fn shown<'a>(work: Work<'_>, class: &Arc<Class>, verb: &str, selected: &SelectedField<'a>) -> Result<Shown<'a>, Fault> {
    let mut shown = Shown { level: Level::new(Arc::clone(class)), outputs: Vec::new() };
    for part in selected.selection.fields(&payload_type(work, class, verb)?) {
        if !matches!(part.name, "__typename" | "clientMutationId") {
            let output = work.shaper().object(&mut shown.level, &part.selection)?;
            shown.outputs.push((part.key, output));
        }
    }
    if let Some(fault) = shown.level.refusal() {
        return Err(fault.again());
    }
    Ok(shown)
}

/// The object as the caller sees it, if the caller may.
async fn load(
    work: Work<'_>,
    transaction: &Transaction,
    shown: &Shown<'_>,
    id: &ObjectId,
) -> Result<Option<Loaded>, Fault> {
    let reading = Loader { unreadable: Unreadable::IsLeftOut, ..work.loader(transaction.reader()) };
    readable(reading.by_ids(&shown.level, vec![id.clone()]).await)
}

impl Shown<'_> {
    /// What whoever may not read learns of an object that was written.
    fn written(&self, id: &ObjectId, times: Times) -> Loaded {
        written_row(&self.level, id, times)
    }
}

fn answer<'a>(
    work: Work<'_>,
    class: &Class,
    verb: &str,
    selected: &SelectedField<'a>,
    (shown, loaded): (Shown<'a>, Loaded),
) -> Result<Answer<'a>, Fault> {
    let loaded = Arc::new(loaded);
    let mut outputs = shown.outputs.into_iter();
    Answer::payload(selected, &payload_type(work, class, verb)?, |_part| {
        let (_, output) = outputs.next().ok_or_else(|| Fault::internal("a part of a payload was not shaped"))?;
        Ok(Answer::Object(Arc::clone(&loaded), output))
    })
}
