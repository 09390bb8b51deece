//! Logging in, and the sessions that come of it.
//!
//! A password is verified before the transaction begins, as that takes long. Whether the log-in counts is then decided by
//! one statement, which looks at the account as it is at that moment: a lock that others have caused meanwhile holds, and
//! so does a new password. As many log-ins as run at the same time, they come out as if they had come one by one.
//!
//! **Invariant:** until it has been accepted, a log-in takes the same steps whether there is such a user, whether the
//! password is right, and whether the account is locked.

use sha2::{Digest as _, Sha256};

use super::caller::SignedIn;
use super::directory::{CreatedWith, Directory, NewSession};
use super::password::{Password, PasswordHash};
use super::rules::{AccountRules, Lockout, SessionRules};
use super::token::SessionToken;
use crate::fault::{Code, Fault};
use crate::value::{Date, ObjectId};

/// A log-in that the database has neither accepted nor counted as a failure.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) target: Target,
    /// The hash that the password was verified with, if it is the right one. It must still be the user's.
    pub(crate) right: Option<PasswordHash>,
}

/// An account that the database lets somebody log in to.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Whose it is.
    pub(crate) user: ObjectId,
    /// When the password was set, if that is known.
    pub(crate) password_set: Option<Date>,
}

/// Whose failures are counted.
#[derive(Debug)]
pub(crate) enum Target {
    /// A user's.
    User(ObjectId),
    /// Those of a name that is nobody's: it is locked as if it were somebody's, or a lock would tell which names there are.
    Stranger(String),
}

/// Verifies the password of the user with this name (or e-mail address). Nobody gets into a closed account.
pub(crate) async fn attempt_log_in(
    directory: &impl Directory,
    rules: &AccountRules,
    name: &str,
    password: &Password,
) -> Result<Attempt, Fault> {
    // No name contains NUL, which not every database can be asked for.
    let account = if name.contains('\0') { None } else { directory.account(name).await? };
    let hash = account.as_ref().and_then(|account| account.password.clone());
    let verified = password.verify(hash.clone(), rules.scheme).await?;
    let right = hash.filter(|_| verified && account.as_ref().is_some_and(|account| !account.closed));
    let target = account.map_or_else(|| Target::stranger(name), |account| Target::User(account.user));
    Ok(Attempt { target, right })
}

/// Counts a failure, and says what whoever failed is told: that the log-in is wrong or, if the account was locked
/// before, that it is. Unknown users, wrong passwords and closed accounts are all the same 101.
pub(crate) async fn refuse_log_in(
    directory: &impl Directory,
    rules: &AccountRules,
    attempt: &Attempt,
    now: Date,
) -> Fault {
    let wrong = || Fault::with(Code::ObjectNotFound, "Invalid username/password.");
    let Some(lockout) = rules.lockout else { return wrong() };
    match directory.count_failure(&attempt.target, lockout, now).await {
        Ok(true) => wrong(),
        Ok(false) => locked(lockout),
        Err(fault) => fault,
    }
}

/// Lets somebody in whose password is right, and answers who it is; nobody, if it is wrong, or the account is locked or closed or
/// has another password by now. The account stays as it is until the directory's transaction ends.
pub(crate) async fn accept_log_in(
    directory: &impl Directory,
    rules: &AccountRules,
    attempt: &Attempt,
    now: Date,
) -> Result<Option<ObjectId>, Fault> {
    let Some(accepted) = directory.accept_log_in(attempt, rules, now).await? else { return Ok(None) };
    if rules.passwords.is_too_old(accepted.password_set, now) {
        return Err(Fault::with(Code::ObjectNotFound, "The password has expired; it must be changed."));
    }
    Ok(Some(accepted.user))
}

/// Replaces the hash of a password with which somebody has just logged in, if new ones are made in another way.
pub(crate) async fn renew_hash(
    directory: &impl Directory,
    rules: &AccountRules,
    attempt: &Attempt,
    password: &Password,
) -> Result<(), Fault> {
    match (&attempt.target, &attempt.right) {
        (Target::User(user), Some(old)) if old.scheme() != rules.scheme && password.is_cut(rules.scheme).is_none() => {
            directory.replace_hash(user, old, &password.hash(rules.scheme).await?).await
        }
        _ => Ok(()),
    }
}

/// Opens a session for a user, and answers who is signed in now.
pub(crate) async fn open_session(
    directory: &impl Directory,
    user: &ObjectId,
    created_with: CreatedWith,
    installation_id: Option<&str>,
    (now, rules): (Date, SessionRules),
) -> Result<SignedIn, Fault> {
    let (id, token) = {
        let mut rng = random();
        (ObjectId::random(&mut rng), SessionToken::random(&mut rng))
    };
    let expires_at = rules.end(now);
    let session = NewSession { id, user, token: &token, installation_id, created_with, now, expires_at };
    directory.open_session(&session).await?;
    let record = directory.session(&token).await?;
    let record = record.ok_or_else(|| Fault::internal("a new session is missing"))?;
    Ok(SignedIn::new(record.identity, token))
}

impl Target {
    /// A digest, as names can be long and need not be kept.
    fn stranger(name: &str) -> Self {
        Self::Stranger(hex::encode(Sha256::digest(name.as_bytes())))
    }
}

/// How long the lock lasts is the same for every account, so nothing is told of this one.
fn locked(lockout: Lockout) -> Fault {
    let seconds = lockout.duration.as_secs();
    let time = match seconds {
        0..=1 => "a second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    };
    Fault::with(
        Code::ObjectNotFound,
        format!("The account is locked after too many failed logins. Try again in {time}."),
    )
}

#[expect(clippy::disallowed_methods, reason = "tokens and ids come from the thread's CSPRNG, here only")]
fn random() -> impl rand::Rng {
    rand::rng()
}
