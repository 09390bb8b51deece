//! Signing up, logging in and logging out.

use super::fields::Drafts;
use super::member;
use crate::auth::{self, Attempt, AuthData, CreatedWith, Directory, Password};
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
    let mut drafts = Drafts::default();
    let user = work.draft(class, member(selected, "fields"), &mut drafts).await?;
    let transaction = work.engine.store.begin().await?;
    work.make(&transaction, drafts).await?;
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
    let (attempt, user, transaction) = enter(work, name, &password).await?;
    let answer = sign_in(work, transaction, &user, CreatedWith::LogIn, ("LogInPayload", selected)).await?;
    let (store, rules) = (&*work.engine.store, &work.engine.settings.accounts);
    if let Err(fault) = auth::renew_hash(store, rules, &attempt, &password).await {
        // The old hash is still good, and the next log-in tries again.
        tracing::warn!(cause = ?fault.source(), "the hash of a password could not be renewed");
    }
    Ok(answer)
}

/// `logInWith`: a session for an anonymous user, who is made if there is none yet.
pub(super) async fn log_in_with<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let auth_data = member(selected, "authData");
    let data = AuthData::parse(auth_data)?;
    let id = data.anonymous().ok_or_else(|| Fault::new(Code::UsernameMissing))?;
    let store = &*work.engine.store;
    let drafted = if store.anonymous_user(id).await?.is_some() {
        None
    } else {
        let mut drafts = Drafts::default();
        let mut fields = member(selected, "fields").as_object().cloned().unwrap_or_default();
        fields.insert("authData".to_owned(), auth_data.clone());
        let class = work.catalog().system_class(USER)?;
        let user = work.draft(class, &fields.into(), &mut drafts).await?;
        Some((user, drafts))
    };
    let mut transaction = store.begin().await?;
    // Somebody may have made or deleted the same user meanwhile.
    let user = match (transaction.anonymous_user(id).await?, drafted) {
        (Some(known), _) => known,
        (None, Some((user, drafts))) => match work.make(&transaction, drafts).await {
            Ok(()) => user,
            Err(taken) if taken.code() == Code::DuplicateValue => {
                drop(transaction);
                transaction = store.begin().await?;
                transaction.anonymous_user(id).await?.ok_or(taken)?
            }
            Err(fault) => return Err(fault),
        },
        (None, None) => return Err(Fault::not_found()),
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
        let password = as_text(member(selected, "password"));
        if password.is_empty() {
            return Err(Fault::with(Code::OtherCause, "A user name needs a password beside it."));
        }
        let password = Password::new(password)?;
        let (_, _, transaction) = enter(work, name, &password).await?;
        transaction.commit().await?;
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

/// Lets the user of a name and a password in; the transaction is the one in which that was decided.
async fn enter(work: Work<'_>, name: &str, password: &Password) -> Result<(Attempt, ObjectId, Transaction), Fault> {
    let (store, rules) = (&*work.engine.store, &work.engine.settings.accounts);
    let attempt = auth::attempt_log_in(store, rules, name, password).await?;
    let transaction = store.begin().await?;
    if let Some(user) = auth::accept_log_in(&transaction, rules, &attempt, work.now).await? {
        return Ok((attempt, user, transaction));
    }
    // What is undone would not be counted.
    drop(transaction);
    Err(auth::refuse_log_in(store, rules, &attempt, work.now).await)
}

/// Opens a session, and answers who is signed in now.
async fn sign_in<'a>(
    work: Work<'_>,
    transaction: Transaction,
    user: &ObjectId,
    created_with: CreatedWith,
    (payload_type, selected): (&str, &SelectedField<'a>),
) -> Result<Answer<'a>, Fault> {
    let lifetime = (work.now, work.engine.settings.accounts.sessions);
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
