//! Who is asking.
//!
//! [`Keys`] and a [`Directory`] turn [`Credentials`] into a [`Caller`]. The master keys are proofs that only their
//! constant-time verification makes; tokens and passwords are types that print nothing. This room
//! sits below `store`: what it needs of a database is the trait [`Directory`].

mod caller;
mod credentials;
mod directory;
mod keys;
mod login;
mod password;
mod provider;
mod token;

pub use caller::{Caller, Master, SignedIn, Unlocked};
pub use credentials::Credentials;
pub use directory::{Account, CreatedWith, Directory, NewSession, SessionRecord};
#[cfg(test)]
pub(crate) use keys::proofs;
pub use keys::{Keys, MasterKey, ReadOnlyMasterKey, Rejection};
pub use login::{SessionLength, log_in, open_session};
pub use password::{Password, PasswordHash};
pub use provider::AuthData;
pub use token::SessionToken;
