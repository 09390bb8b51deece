//! What `auth` asks of a database, and nothing more.
//!
//! These narrow questions are the only way to rows of users, roles and sessions that does not lead through the guard:
//! they come before it, to find out who is asking.

use std::sync::Arc;

use super::caller::Identity;
use super::login::{Accepted, Attempt, Target};
use super::password::PasswordHash;
use super::rules::{AccountRules, Lockout};
use super::token::SessionToken;
use crate::fault::Fault;
use crate::value::{Date, ObjectId};

/// A session, as the database knows it.
#[derive(Debug, Clone)]
pub(crate) struct SessionRecord {
    /// Whose it is: a user who exists.
    pub(crate) identity: Arc<Identity>,
    /// When the session ends, if ever.
    pub(crate) expires_at: Option<Date>,
    /// When it began or was extended last.
    pub(crate) updated_at: Option<Date>,
}

/// An account that somebody wants to log in to.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The user's id.
    pub(crate) user: ObjectId,
    /// The hash of the password, if the user has one.
    pub(crate) password: Option<PasswordHash>,
    /// True if the user's ACL is empty: nobody can log in then.
    pub(crate) closed: bool,
}

/// How a session came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CreatedWith {
    /// By logging in with a password.
    LogIn,
    /// By signing up with a password.
    SignUp,
    /// As an anonymous user, new or known.
    Anonymous,
}

impl CreatedWith {
    /// The value of `createdWith.action`.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::LogIn | Self::Anonymous => "login",
            Self::SignUp => "signup",
        }
    }

    /// The value of `createdWith.authProvider`.
    pub(crate) const fn provider(self) -> &'static str {
        match self {
            Self::LogIn | Self::SignUp => "password",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A session to be opened.
#[derive(Debug)]
pub(crate) struct NewSession<'a> {
    /// Its id.
    pub(crate) id: ObjectId,
    /// Whose it is.
    pub(crate) user: &'a ObjectId,
    /// Its token.
    pub(crate) token: &'a SessionToken,
    /// The client's installation; an older session of the same user and installation ends.
    pub(crate) installation_id: Option<&'a str>,
    /// How it came about.
    pub(crate) created_with: CreatedWith,
    /// Now.
    pub(crate) now: Date,
    /// When it ends, if ever.
    pub(crate) expires_at: Option<Date>,
}

/// A session to be extended because it is used.
#[derive(Debug)]
pub(crate) struct Extension<'a> {
    /// Which one.
    pub(crate) session: &'a ObjectId,
    /// Now.
    pub(crate) now: Date,
    /// Only if it has not been extended since.
    pub(crate) untouched_since: Date,
    /// Its new end.
    pub(crate) expires_at: Date,
}

/// The questions that authentication asks of a database.
pub(crate) trait Directory: Sync {
    /// The session of a token, unless there is none or its user is gone. Its user has the roles that contain the user, and
    /// those that contain one of these roles, and so on.
    fn session(&self, token: &SessionToken) -> impl Future<Output = Result<Option<SessionRecord>, Fault>> + Send;

    /// The account with exactly this user name, else the one with this e-mail address.
    fn account(&self, name: &str) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// The anonymous user with this id.
    fn anonymous_user(&self, id: &str) -> impl Future<Output = Result<Option<ObjectId>, Fault>> + Send;

    /// Lets a user in whose password is right; nobody, if the account is locked or has another password by now. In a
    /// transaction, the account stays as it is until the end of it.
    fn accept_log_in(
        &self,
        attempt: &Attempt,
        rules: &AccountRules,
        now: Date,
    ) -> impl Future<Output = Result<Option<Accepted>, Fault>> + Send;

    /// Counts a failed log-in, unless the account is locked: then the answer is false.
    fn count_failure(
        &self,
        target: &Target,
        lockout: Lockout,
        now: Date,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Opens a session, and ends the user's older one on the same installation.
    fn open_session(&self, session: &NewSession<'_>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Replaces the hash of a password that has just been verified; does nothing if it has changed meanwhile.
    fn replace_hash(
        &self,
        user: &ObjectId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Makes a session that is used last longer, if it is still there and nobody has done so before.
    fn extend_session(&self, extension: &Extension<'_>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends one session.
    fn end_session(&self, session: &ObjectId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends all sessions of a user.
    fn end_sessions_of(&self, user: &ObjectId) -> impl Future<Output = Result<(), Fault>> + Send;
}
