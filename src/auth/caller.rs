//! The caller: on whose behalf a request is done.

use std::sync::Arc;

use smol_str::SmolStr;

use super::keys::{MasterKey, ReadOnlyMasterKey};
use super::token::SessionToken;
use crate::class::{Principal, RoleName};
use crate::value::ObjectId;

/// On whose behalf a request is done.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Somebody who is not signed in.
    Anonymous,
    /// A signed-in user.
    User(SignedIn),
    /// Whoever holds a master key; `viewer` is the user whose session came with it.
    Master(Master, Option<Box<SignedIn>>),
}

/// Which master key somebody holds.
#[derive(Debug, Clone, Copy)]
pub enum Master {
    /// The one that opens everything.
    Full(MasterKey),
    /// The one that reads everything.
    ReadOnly(ReadOnlyMasterKey),
}

/// The proof that permissions do not apply to a caller. For writes, `guard` makes it of the full master key only.
#[derive(Debug, Clone, Copy)]
pub struct Unlocked(());

impl From<MasterKey> for Unlocked {
    fn from(_: MasterKey) -> Self {
        Self(())
    }
}

impl From<ReadOnlyMasterKey> for Unlocked {
    fn from(_: ReadOnlyMasterKey) -> Self {
        Self(())
    }
}

impl From<Master> for Unlocked {
    fn from(master: Master) -> Self {
        match master {
            Master::Full(key) => key.into(),
            Master::ReadOnly(key) => key.into(),
        }
    }
}

/// Who has a session: the user, and all roles that the user has by membership and inheritance.
#[derive(Debug)]
pub(crate) struct Identity {
    session: ObjectId,
    user: ObjectId,
    anonymous: bool,
    roles: Vec<RoleName>,
    principals: Arc<[SmolStr]>,
}

impl Identity {
    /// The user of a session; `None` if the user's id could be mistaken for another principal. `anonymous`: the account
    /// is somebody's without a name, whom Parse Server let in.
    pub(crate) fn new(session: ObjectId, user: ObjectId, anonymous: bool, roles: Vec<RoleName>) -> Option<Self> {
        let own = Principal::from_stored(user.as_str());
        if !matches!(own, Principal::User(_)) {
            return None;
        }
        let held = roles.iter().cloned().map(Principal::Role);
        let principals = [Principal::Public, own].into_iter().chain(held).map(|who| who.to_stored()).collect();
        Some(Self { session, user, anonymous, roles, principals })
    }

    /// The id of the session.
    pub(crate) const fn session(&self) -> &ObjectId {
        &self.session
    }

    /// The roles that the user has.
    pub(crate) fn roles(&self) -> &[RoleName] {
        &self.roles
    }
}

/// A user with a valid session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    identity: Arc<Identity>,
    token: SessionToken,
}

impl SignedIn {
    /// Whoever brought the token of a valid session.
    pub(super) const fn new(identity: Arc<Identity>, token: SessionToken) -> Self {
        Self { identity, token }
    }

    /// The user's id.
    pub fn user(&self) -> &ObjectId {
        &self.identity.user
    }

    /// True if the account is anonymous.
    pub fn is_anonymous(&self) -> bool {
        self.identity.anonymous
    }

    /// The id of the session.
    pub fn session(&self) -> &ObjectId {
        self.identity.session()
    }

    /// The session's token.
    pub const fn token(&self) -> &SessionToken {
        &self.token
    }

    /// The roles that the user has.
    pub fn roles(&self) -> &[RoleName] {
        self.identity.roles()
    }
}

impl Caller {
    /// The user that asks, unless it is with a master key.
    pub const fn user(&self) -> Option<&SignedIn> {
        match self {
            Self::User(signed_in) => Some(signed_in),
            Self::Anonymous | Self::Master(..) => None,
        }
    }

    /// The user whose session came with the request.
    pub fn viewer(&self) -> Option<&SignedIn> {
        match self {
            Self::User(signed_in) => Some(signed_in),
            Self::Master(_, viewer) => viewer.as_deref(),
            Self::Anonymous => None,
        }
    }

    /// The principals of an ACL that the caller is: everybody, the user, and the user's roles.
    pub fn principals(&self) -> Arc<[SmolStr]> {
        match self {
            Self::User(signed_in) => Arc::clone(&signed_in.identity.principals),
            Self::Anonymous | Self::Master(..) => Arc::from([Principal::Public.to_stored()]),
        }
    }

    /// The kind of caller, for logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(_) => "user",
            Self::Master(Master::Full(_), _) => "master",
            Self::Master(Master::ReadOnly(_), _) => "read-only master",
        }
    }
}
