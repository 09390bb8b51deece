//! Logging in, and the sessions that come of it.

use std::time::Duration;

use super::caller::SignedIn;
use super::directory::{CreatedWith, Directory, NewSession};
use super::password::Password;
use super::token::SessionToken;
use crate::fault::{Code, Fault};
use crate::value::{Date, ObjectId};

/// How long a session lasts.
pub type SessionLength = Duration;

/// The user with this name (or e-mail address) and password. Unknown users, wrong passwords and locked accounts
/// are all the same 101, after the same time.
pub async fn log_in(directory: &impl Directory, name: &str, password: &Password) -> Result<ObjectId, Fault> {
    // No name contains NUL, which not every database can be asked for.
    let account = if name.contains('\0') { None } else { directory.account(name).await? };
    let hash = account.as_ref().and_then(|account| account.password.clone());
    let right = password.verify(hash.clone()).await?;
    let refused = || Fault::with(Code::ObjectNotFound, "Invalid username/password.");
    let account = account.filter(|account| right && !account.locked).ok_or_else(refused)?;
    if let Some(old) = hash.filter(super::password::PasswordHash::is_outdated) {
        directory.replace_hash(&account.user, &old, &password.hash().await?).await?;
    }
    Ok(account.user)
}

/// Opens a session for a user, and answers who is signed in now.
pub async fn open_session(
    directory: &impl Directory,
    user: &ObjectId,
    created_with: CreatedWith,
    installation_id: Option<&str>,
    (now, length): (Date, SessionLength),
) -> Result<SignedIn, Fault> {
    let (id, token) = {
        let mut rng = random();
        (ObjectId::random(&mut rng), SessionToken::random(&mut rng))
    };
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let expires_at = Date::from_millis(now.millis().saturating_add(length));
    let session = NewSession { id, user, token: &token, installation_id, created_with, now, expires_at };
    directory.open_session(&session).await?;
    let record = directory.session(&token).await?;
    record.and_then(|record| SignedIn::new(record, token)).ok_or_else(|| Fault::internal("a new session is missing"))
}

#[expect(clippy::disallowed_methods, reason = "tokens and ids come from the thread's CSPRNG, here only")]
fn random() -> impl rand::Rng {
    rand::rng()
}
