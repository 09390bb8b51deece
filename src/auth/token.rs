//! Session tokens.

use std::fmt;

use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const PREFIX: &str = "r:";
const HASH_PREFIX: &str = "sha256:";
const BYTES: usize = 16;

/// The token of a session: `r:` and 32 hexadecimal digits. Whoever has it is signed in.
#[derive(Clone)]
pub struct SessionToken(SecretString);

/// A digest of a token, from which nobody gets the token back. The token is random, so it needs no salt.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionDigest([u8; 32]);

impl SessionToken {
    /// A new random token of 128 bits.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut bytes = [0_u8; BYTES];
        rng.fill_bytes(&mut bytes);
        Self(format!("{PREFIX}{}", hex::encode(bytes)).into())
    }

    /// The token that a client sent, if it can be one. What a database stores for a token never is.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let valid =
            !digits.is_empty() && digits.len() <= 128 && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        valid.then(|| Self(text.into()))
    }

    /// A digest, by which a server knows the token again without keeping it.
    pub(crate) fn digest(&self) -> SessionDigest {
        SessionDigest(Sha256::digest(self.0.expose_secret().as_bytes()).into())
    }

    /// What the database keeps: the digest as text.
    pub fn hashed(&self) -> String {
        format!("{HASH_PREFIX}{}", hex::encode(self.digest().0))
    }

    /// The token itself, for its owner, and for a database that a Parse Server shares.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken")
    }
}

#[cfg(test)]
mod tests {
    use super::SessionToken;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any randomness will do")]
    fn tokens_are_random_and_print_nothing() {
        let mut rng = rand::rng();
        let token = SessionToken::random(&mut rng);
        assert_eq!(token.reveal().len(), 34);
        assert_ne!(token.reveal(), SessionToken::random(&mut rng).reveal());
        assert_eq!(format!("{token:?}"), "SessionToken");
    }

    #[test]
    fn what_is_stored_is_no_token() {
        let token = SessionToken::parse("r:0123456789abcdef0123456789abcdef").unwrap();
        assert!(token.hashed().starts_with("sha256:"));
        assert!(SessionToken::parse(&token.hashed()).is_none());
        for bad in ["", "r:", "r:'; --", "abc", "R:00"] {
            assert!(SessionToken::parse(bad).is_none(), "{bad}");
        }
    }
}
