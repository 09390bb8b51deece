//! The keys of the application, and the proofs that somebody holds one.

use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::caller::{Caller, Master, SignedIn};
use super::credentials::Credentials;
use super::directory::{Directory, Extension, SessionRecord};
use super::rules::SessionRules;
use super::token::SessionToken;
use crate::fault::{Code, Fault};
use crate::value::Date;

/// The proof that a request brought the master key. Nothing but its verification makes one.
#[derive(Debug, Clone, Copy)]
pub struct MasterKey(());

/// The proof that a request brought the read-only master key. Nothing but its verification makes one.
#[derive(Debug, Clone, Copy)]
pub struct ReadOnlyMasterKey(());

/// The application's keys.
///
/// Whoever makes them cannot read them back or have a key verified: only a request to a server does that, so none but
/// a caller that came with the key has its proof.
#[derive(Debug, Clone)]
pub struct Keys {
    app_id: String,
    master_key: SecretString,
    master_key_ips: Vec<IpNet>,
    read_only_master_key: Option<SecretString>,
    read_only_master_key_ips: Vec<IpNet>,
    of_clients: Vec<SecretString>,
}

/// Why a request is turned away as a whole.
#[derive(Debug)]
pub enum Rejection {
    /// The application id or a client key is wrong, or a master key came from the wrong address.
    Unauthorized,
    /// The session is unknown or has expired (209), or the database failed.
    Fault(Fault),
}

enum Presented {
    Nothing,
    Master(MasterKey),
    ReadOnly(ReadOnlyMasterKey),
    FromElsewhere,
}

impl Keys {
    /// The keys of an application with this id, which is not a secret. The master key opens everything, to whoever has it
    /// at one of these addresses.
    pub const fn new(app_id: String, master_key: SecretString, addresses: Vec<IpNet>) -> Self {
        Self {
            app_id,
            master_key,
            master_key_ips: addresses,
            read_only_master_key: None,
            read_only_master_key_ips: Vec::new(),
            of_clients: Vec::new(),
        }
    }

    /// The same with a key that reads everything, to whoever has it at one of these addresses.
    #[must_use]
    pub fn with_read_only_master_key(self, key: SecretString, addresses: Vec<IpNet>) -> Self {
        Self { read_only_master_key: Some(key), read_only_master_key_ips: addresses, ..self }
    }

    /// The same with keys of clients. If there are any, a caller without a master key must bring one of them.
    #[must_use]
    pub fn with_client_keys(self, of_clients: Vec<SecretString>) -> Self {
        Self { of_clients, ..self }
    }

    /// The application id.
    pub(crate) fn app_id(&self) -> &str {
        &self.app_id
    }

    /// Who is asking.
    ///
    /// A wrong master key is like none. The right one from an address that is not allowed is refused, so that a
    /// stolen key shows. Beside a right one a session only matters for `viewer`, and an invalid one is passed over; one that cannot
    /// be looked up is not called invalid, and fails the request.
    pub(crate) async fn authenticate(
        &self,
        credentials: &Credentials,
        directory: &impl Directory,
        (now, sessions): (Date, SessionRules),
    ) -> Result<Caller, Rejection> {
        if credentials.app_id.as_deref() != Some(self.app_id.as_str()) {
            return Err(Rejection::Unauthorized);
        }
        let token = credentials.session_token.as_ref();
        let master = match self.presented(credentials) {
            Presented::Master(key) => Master::Full(key),
            Presented::ReadOnly(key) => Master::ReadOnly(key),
            Presented::FromElsewhere => {
                tracing::warn!(address = %credentials.address, "a master key was used from an address that is not allowed");
                return Err(Rejection::Unauthorized);
            }
            Presented::Nothing => {
                if !self.client_key_is_right(credentials) {
                    return Err(Rejection::Unauthorized);
                }
                let Some(token) = token else { return Ok(Caller::Anonymous) };
                return Ok(Caller::User(sign_in(token, directory, now, sessions).await.map_err(Rejection::Fault)?));
            }
        };
        let viewer = match token {
            Some(token) => match sign_in(token, directory, now, sessions).await {
                Err(fault) if fault.is_failure() => return Err(Rejection::Fault(fault)),
                user => user.ok().map(Box::new),
            },
            None => None,
        };
        Ok(Caller::Master(master, viewer))
    }

    fn presented(&self, credentials: &Credentials) -> Presented {
        let Some(key) = &credentials.master_key else { return Presented::Nothing };
        let is_read_only = self.read_only_master_key.as_ref().is_some_and(|own| same_secret(own, key));
        let address = credentials.address.to_canonical();
        if same_secret(&self.master_key, key) {
            if allowed(&self.master_key_ips, address) {
                return Presented::Master(MasterKey(()));
            }
        } else if is_read_only {
            if allowed(&self.read_only_master_key_ips, address) {
                return Presented::ReadOnly(ReadOnlyMasterKey(()));
            }
        } else {
            return Presented::Nothing;
        }
        Presented::FromElsewhere
    }

    fn client_key_is_right(&self, credentials: &Credentials) -> bool {
        let right = |given| self.of_clients.iter().fold(false, |found, own| found | same_secret(own, given));
        self.of_clients.is_empty() || credentials.client_keys.iter().any(right)
    }
}

async fn sign_in(
    token: &SecretString,
    directory: &impl Directory,
    now: Date,
    sessions: SessionRules,
) -> Result<SignedIn, Fault> {
    let unknown = || Fault::new(Code::InvalidSessionToken);
    let token = SessionToken::parse(token.expose_secret()).ok_or_else(unknown)?;
    let session = directory.session(&token).await?.ok_or_else(unknown)?;
    if session.expires_at.is_some_and(|end| end <= now) {
        return Err(Fault::with(Code::InvalidSessionToken, "Session token is expired."));
    }
    if let Some(extension) = extension(&session, now, sessions)
        && let Err(fault) = directory.extend_session(&extension).await
    {
        // The session is good for now, and the next request tries again.
        tracing::warn!(cause = ?fault.source(), "a session could not be extended");
    }
    Ok(SignedIn::new(session.identity, token))
}

/// How a session that is used now is extended: once half of its length has passed, so that not every request writes.
fn extension(session: &SessionRecord, now: Date, sessions: SessionRules) -> Option<Extension<'_>> {
    let length = sessions.length.filter(|_| sessions.extended_by_use && session.expires_at.is_some())?;
    let untouched_since = now.minus(length / 2)?;
    let expires_at = sessions.end(now)?;
    let lasts_longer = session.expires_at.is_none_or(|end| end < expires_at);
    let due = lasts_longer && session.updated_at.is_none_or(|updated| updated <= untouched_since);
    due.then_some(Extension { session: session.identity.session(), now, untouched_since, expires_at })
}

/// Compares digests, so that not even the length of the key shows in the time that it takes.
fn same_secret(own: &SecretString, given: &SecretString) -> bool {
    let digest = |secret: &SecretString| Sha256::digest(secret.expose_secret().as_bytes());
    digest(own).ct_eq(&digest(given)).into()
}

fn allowed(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
pub(crate) mod proofs {
    //! Proofs for unit tests of the rooms above, which have no keys to verify.
    use super::{Caller, MasterKey, ReadOnlyMasterKey, SessionToken, SignedIn};
    use crate::auth::Identity;
    use crate::class::RoleName;
    use crate::value::ObjectId;

    pub(crate) const MASTER: MasterKey = MasterKey(());
    pub(crate) const READ_ONLY: ReadOnlyMasterKey = ReadOnlyMasterKey(());

    /// A user who is signed in and has these roles.
    pub(crate) fn user(id: ObjectId, roles: &[&str]) -> Caller {
        signed_in(id, roles, false)
    }

    /// A user without a name who is signed in.
    pub(crate) fn anonymous_user(id: ObjectId) -> Caller {
        signed_in(id, &[], true)
    }

    fn signed_in(id: ObjectId, roles: &[&str], anonymous: bool) -> Caller {
        let roles = roles.iter().map(RoleName::known).collect();
        let identity = Identity::new(ObjectId::new("session"), id, anonymous, roles).unwrap();
        let token = SessionToken::parse("r:0123456789abcdef0123456789abcdef").unwrap();
        Caller::User(SignedIn::new(identity.into(), token))
    }
}
