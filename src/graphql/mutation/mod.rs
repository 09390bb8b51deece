//! Root fields of mutations.
//!
//! Each is one transaction: what it writes, the objects nested in it, and the answer that it selects. Where one statement does,
//! what the answer shows behind pointers to objects that were there before is read after it.

mod classes;
mod config;
mod credentials;
mod fields;
mod files;
mod objects;
mod permissions;
mod sessions;

use serde_json::Value as Json;

use super::answer::Answer;
use super::document::SelectedField;
use super::engine::Work;
use super::schema::MutationField;
use crate::fault::{Code, Fault};

pub(super) use classes::{class_answer, classes_answer};
pub(super) use config::cloud_config;
pub(super) use credentials::{MOST_CREDENTIALS, credentials};

/// Answers one root field of a mutation. Files that came with it are kept before, and taken back if it fails.
pub(super) async fn field<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let uploaded = work.keep_uploads(&selected.arguments).await?;
    let answer = answer(Work { uploaded: &uploaded, ..work }, selected).await;
    // What may have been written needs its files.
    if answer.as_ref().is_err_and(|fault| !fault.is_unconfirmed()) {
        work.engine.files.take_back(uploaded.into_names()).await;
    }
    answer
}

async fn answer<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let field = work.snapshot.schema.mutation_field(selected.name);
    match field.ok_or_else(|| Fault::internal("a root field is not known"))? {
        MutationField::Create(class) => objects::create(work, class, selected).await,
        MutationField::Update(class) => objects::update(work, class, selected).await,
        MutationField::Delete(class) => objects::delete(work, class, selected).await,
        MutationField::CreateClass => classes::create(work, selected).await,
        MutationField::UpdateClass => classes::update(work, selected).await,
        MutationField::DeleteClass => classes::delete(work, selected).await,
        MutationField::SignUp => sessions::sign_up(work, selected).await,
        MutationField::LogIn => sessions::log_in(work, selected).await,
        MutationField::LogInWith => sessions::log_in_with(work, selected).await,
        MutationField::LogOut => sessions::log_out(work, selected).await,
        MutationField::UpdateCloudConfig => config::update(work, selected).await,
        MutationField::CreateFile => files::create(work, selected),
        MutationField::ResetPassword | MutationField::ConfirmResetPassword | MutationField::SendVerificationEmail => {
            Err(Fault::with(Code::CommandUnavailable, "This server sends no e-mails."))
        }
        MutationField::Challenge => sessions::challenge(work, selected).await,
    }
}

/// A member of the `input` of a mutation; null if it was left out.
fn member<'f>(selected: &'f SelectedField<'_>, name: &str) -> &'f Json {
    selected.arguments.get("input").and_then(|input| input.get(name)).unwrap_or(&Json::Null)
}
