//! The keys of the application, and the proofs that somebody holds one.

use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::caller::{Caller, Master, SignedIn};
use super::credentials::Credentials;
use super::directory::Directory;
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
#[derive(Debug, Clone)]
pub struct Keys {
    /// The application id. It is not a secret.
    pub app_id: String,
    /// Opens everything.
    pub master_key: SecretString,
    /// Reads everything, if there is one.
    pub read_only_master_key: Option<SecretString>,
    /// From where the master key may be used.
    pub master_key_ips: Vec<IpNet>,
    /// From where the read-only master key may be used.
    pub read_only_master_key_ips: Vec<IpNet>,
    /// If there are any, a caller without a master key must bring one of them.
    pub client_keys: Vec<SecretString>,
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
    /// Who is asking.
    ///
    /// A wrong master key is like none. The right one from an address that is not allowed is refused, so that a
    /// stolen key shows. Beside a right one a session only matters for `viewer`, and an invalid one is passed over.
    pub async fn authenticate(
        &self,
        credentials: &Credentials,
        directory: &impl Directory,
        now: Date,
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
                return Ok(Caller::User(sign_in(token, directory, now).await.map_err(Rejection::Fault)?));
            }
        };
        let viewer = match token {
            Some(token) => sign_in(token, directory, now).await.ok().map(Box::new),
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
        let right = |given| self.client_keys.iter().fold(false, |found, own| found | same_secret(own, given));
        self.client_keys.is_empty() || credentials.client_keys.iter().any(right)
    }
}

async fn sign_in(token: &SecretString, directory: &impl Directory, now: Date) -> Result<SignedIn, Fault> {
    let unknown = || Fault::new(Code::InvalidSessionToken);
    let token = SessionToken::parse(token.expose_secret()).ok_or_else(unknown)?;
    let session = directory.session(&token).await?.ok_or_else(unknown)?;
    if session.expires_at.is_some_and(|end| end <= now) {
        return Err(Fault::with(Code::InvalidSessionToken, "Session token is expired."));
    }
    SignedIn::new(session, token).ok_or_else(unknown)
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
    use super::{MasterKey, ReadOnlyMasterKey};

    pub(crate) const MASTER: MasterKey = MasterKey(());
    pub(crate) const READ_ONLY: ReadOnlyMasterKey = ReadOnlyMasterKey(());
}
