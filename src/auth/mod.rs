//! Who is asking.
//!
//! [`Keys`] and a [`Directory`] turn [`Credentials`] into a [`Caller`]. The master keys are proofs that only their
//! constant-time verification makes; tokens and passwords are types that print nothing. [`AccountRules`]
//! are what the operator wants of accounts. This room sits below `store`: what it needs of a database is the trait
//! [`Directory`].

mod caller;
mod credentials;
mod directory;
mod keys;
mod login;
mod password;
mod provider;
mod rules;
mod token;

pub(crate) use caller::Identity;
pub use caller::{Caller, Master, SignedIn, Unlocked};
pub use credentials::Credentials;
pub(crate) use directory::{Account, CreatedWith, Directory, Extension, NewSession, SessionRecord};
#[cfg(test)]
pub(crate) use keys::proofs;
pub use keys::{Keys, MasterKey, ReadOnlyMasterKey, Rejection};
pub(crate) use login::{
    Accepted, Attempt, Target, accept_log_in, attempt_log_in, open_session, refuse_log_in, renew_hash,
};
pub use password::{Password, PasswordHash, Scheme};
pub use provider::AuthData;
pub use rules::{AccountRules, Lockout, NewPassword, PasswordPolicy, SessionRules};
pub(crate) use rules::{History, KnownAccount};
pub(crate) use token::SessionDigest;
pub use token::SessionToken;
