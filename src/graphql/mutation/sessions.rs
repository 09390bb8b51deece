//! Signing up, logging in and logging out.

use serde_json::Value as Json;

use crate::auth::{self, AuthData, CreatedWith, Directory, Password};
use crate::class::USER;
use crate::fault::{Code, Fault};
use crate::graphql::answer::Answer;
use crate::graphql::document::SelectedField;
use crate::graphql::engine::Work;
use crate::graphql::query::{self, as_text};
use crate::store::Transaction;
use crate::value::ObjectId;

/// `signUp`: a new user with a session.
pub(super) async fn sign_up<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let class = work.catalog().system_class(USER)?;
    let transaction = work.engine.store.begin().await?;
    let user = work.create_object(&transaction, class, member(selected, "fields")).await?;
    sign_in(work, transaction, &user, CreatedWith::SignUp, ("SignUpPayload", selected)).await
}

/// `logIn`: a session for a name (or e-mail address) and a password.
pub(super) async fn log_in<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let name = as_text(member(selected, "username"));
    if name.is_empty() {
        return Err(Fault::with(Code::UsernameMissing, "username/email is required."));
    }
    let password = Password::new(as_text(member(selected, "password")))?;
    AuthData::parse(member(selected, "authData"))?;
    let user = auth::log_in(&*work.engine.store, name, &password).await?;
    let transaction = work.engine.store.begin().await?;
    sign_in(work, transaction, &user, CreatedWith::LogIn, ("LogInPayload", selected)).await
}

/// `logInWith`: a session for an anonymous user, who is made if there is none yet.
pub(super) async fn log_in_with<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let auth_data = member(selected, "authData");
    let data = AuthData::parse(auth_data)?;
    let id = data.anonymous().ok_or_else(|| Fault::new(Code::UsernameMissing))?;
    let transaction = work.engine.store.begin().await?;
    let user = if let Some(known) = transaction.anonymous_user(id).await? {
        known
    } else {
        let mut fields = member(selected, "fields").as_object().cloned().unwrap_or_default();
        fields.insert("authData".to_owned(), auth_data.clone());
        let class = work.catalog().system_class(USER)?;
        work.create_object(&transaction, class, &fields.into()).await?
    };
    sign_in(work, transaction, &user, CreatedWith::Anonymous, ("LogInWithPayload", selected)).await
}

/// `challenge`: no provider that is built in has one.
pub(super) async fn challenge<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let name = as_text(member(selected, "username"));
    if member(selected, "challengeData").is_null() {
        return Err(Fault::with(Code::OtherCause, "Nothing to challenge."));
    }
    if !name.is_empty() {
        let password = Password::new(as_text(member(selected, "password")))?;
        auth::log_in(&*work.engine.store, name, &password).await?;
    }
    Err(Fault::with(Code::CommandUnavailable, "This server has no authentication provider with a challenge."))
}

/// `logOut`: ends the session of the request. Without a session there is nothing to end.
pub(super) async fn log_out<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    if let Some(viewer) = work.caller.viewer() {
        work.engine.store.end_session(viewer.session()).await?;
    }
    Answer::payload(selected, "LogOutPayload", |_part| Ok(Answer::Json(true.into())))
}

/// Opens a session, and answers who is signed in now.
async fn sign_in<'a>(
    work: Work<'_>,
    transaction: Transaction,
    user: &ObjectId,
    created_with: CreatedWith,
    (payload_type, selected): (&str, &SelectedField<'a>),
) -> Result<Answer<'a>, Fault> {
    let lifetime = (work.now, work.engine.settings.session_length);
    let viewer = auth::open_session(&transaction, user, created_with, work.installation_id, lifetime).await?;
    let mut answers = Vec::new();
    for part in selected.selection.fields(payload_type) {
        if part.name == "viewer" {
            answers.push(query::viewer(work, &viewer, transaction.reader(), &part).await?);
        }
    }
    transaction.commit().await?;
    let mut answers = answers.into_iter();
    Answer::payload(selected, payload_type, |_part| {
        answers.next().ok_or_else(|| Fault::internal("a part of a payload was not answered"))
    })
}

fn member<'f>(selected: &'f SelectedField<'_>, name: &str) -> &'f Json {
    selected.arguments.get("input").and_then(|input| input.get(name)).unwrap_or(&Json::Null)
}
