//! What `auth` asks of a database, and nothing more.
//!
//! These narrow questions are the only way to rows of users, roles and sessions that does not lead through the guard:
//! they come before it, to find out who is asking.

use super::password::PasswordHash;
use super::token::SessionToken;
use crate::class::RoleName;
use crate::fault::Fault;
use crate::value::{Date, ObjectId};

/// A session, as the database knows it.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The session's id.
    pub session: ObjectId,
    /// The user, who exists.
    pub user: ObjectId,
    /// True if the account is anonymous: somebody without a name, whom Parse Server let in.
    pub anonymous: bool,
    /// When the session ends, if ever.
    pub expires_at: Option<Date>,
    /// All roles of the user: those that contain the user, and those that contain one of these roles, and so on.
    pub roles: Vec<RoleName>,
}

/// An account that somebody wants to log in to.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user's id.
    pub user: ObjectId,
    /// The hash of the password, if the user has one.
    pub password: Option<PasswordHash>,
    /// True if the user's ACL is empty: nobody can log in then.
    pub locked: bool,
}

/// How a session came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatedWith {
    /// By logging in with a password.
    LogIn,
    /// By signing up with a password.
    SignUp,
    /// As an anonymous user, new or known.
    Anonymous,
}

impl CreatedWith {
    /// The value of `createdWith.action`.
    pub const fn action(self) -> &'static str {
        match self {
            Self::LogIn | Self::Anonymous => "login",
            Self::SignUp => "signup",
        }
    }

    /// The value of `createdWith.authProvider`.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::LogIn | Self::SignUp => "password",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A session to be opened.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: ObjectId,
    /// Whose it is.
    pub user: &'a ObjectId,
    /// Its token.
    pub token: &'a SessionToken,
    /// The client's installation; an older session of the same user and installation ends.
    pub installation_id: Option<&'a str>,
    /// How it came about.
    pub created_with: CreatedWith,
    /// Now.
    pub now: Date,
    /// When it ends, if ever.
    pub expires_at: Option<Date>,
}

/// The questions that authentication asks of a database.
pub trait Directory: Sync {
    /// The session of a token, with its user and all the user's roles, unless there is none or its user is gone.
    fn session(&self, token: &SessionToken) -> impl Future<Output = Result<Option<SessionRecord>, Fault>> + Send;

    /// The account with exactly this user name, else the one with this e-mail address.
    fn account(&self, name: &str) -> impl Future<Output = Result<Option<Account>, Fault>> + Send;

    /// The anonymous user with this id.
    fn anonymous_user(&self, id: &str) -> impl Future<Output = Result<Option<ObjectId>, Fault>> + Send;

    /// Opens a session, and ends the user's older one on the same installation.
    fn open_session(&self, session: &NewSession<'_>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends one session.
    fn end_session(&self, session: &ObjectId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends all sessions of a user.
    fn end_sessions_of(&self, user: &ObjectId) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Replaces the hash of a password that has just been verified; does nothing if it has changed meanwhile.
    fn replace_hash(
        &self,
        user: &ObjectId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}
