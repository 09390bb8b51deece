//! What a request brings to say who is asking, before anything of it is believed.

use std::net::IpAddr;

use secrecy::SecretString;

/// The credentials of one request. Secrets print nothing.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `X-Parse-Application-Id`.
    pub app_id: Option<String>,
    /// `X-Parse-Master-Key`: the master key or the read-only master key.
    pub master_key: Option<SecretString>,
    /// `X-Parse-Session-Token` or `Authorization: Bearer`.
    pub session_token: Option<SecretString>,
    /// `X-Parse-Installation-Id`: the client's installation, to which a new session belongs.
    pub installation_id: Option<String>,
    /// `X-Parse-Client-Key`, `X-Parse-Javascript-Key`, `X-Parse-REST-API-Key`, `X-Parse-Windows-Key`.
    pub client_keys: Vec<SecretString>,
    /// The address of the client, for the allow lists of the master keys.
    pub address: IpAddr,
}
