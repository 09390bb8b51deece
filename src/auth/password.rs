//! Passwords and their hashes.

use std::fmt;
use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::fault::{Code, Fault};

/// The longest password, in bytes. A longer one is refused before it is hashed, so that nobody can keep the server
/// busy with hashing.
const MAX_LENGTH: usize = 1024;

/// How many passwords are hashed at a time: each takes about 19 MB and a core.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));

/// Verified when there is no account, so that it takes as long as if there were one.
static NOBODY: LazyLock<Option<SecretString>> = LazyLock::new(|| argon2id(b"nobody has this password").ok());

/// A password, as a client sent it.
#[derive(Clone)]
pub struct Password(SecretString);

/// The hash of a password: Argon2id, or bcrypt from a Parse Server.
#[derive(Clone)]
pub struct PasswordHash(SecretString);

impl Password {
    /// The password of this text; empty is 201, and too long 142.
    pub fn new(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::new(Code::PasswordMissing));
        }
        if text.len() > MAX_LENGTH {
            return Err(Fault::with(Code::ValidationError, format!("A password has at most {MAX_LENGTH} bytes.")));
        }
        Ok(Self(text.into()))
    }

    /// The password's hash, made off the threads that serve requests.
    pub async fn hash(&self) -> Result<PasswordHash, Fault> {
        let password = self.0.clone();
        blocking(move || argon2id(password.expose_secret().as_bytes())).await?.map(PasswordHash)
    }

    /// True if this is the password of the hash. Without a hash it is false, after the same time.
    pub async fn verify(&self, hash: Option<PasswordHash>) -> Result<bool, Fault> {
        let password = self.0.clone();
        blocking(move || {
            let password = password.expose_secret().as_bytes();
            if let Some(hash) = hash {
                return hash.matches(password);
            }
            let hash_of_nobody = NOBODY.clone().map(PasswordHash);
            // The comparison takes its time; whatever it finds, there is nobody to be.
            std::hint::black_box(hash_of_nobody.map(|hash| hash.matches(password)));
            false
        })
        .await
    }
}

impl PasswordHash {
    /// The hash that the database keeps.
    pub fn from_database(text: String) -> Self {
        Self(text.into())
    }

    /// The hash's text, for the database.
    pub fn into_secret(self) -> SecretString {
        self.0
    }

    /// True if a successful login should replace it, as it is not Argon2id.
    pub fn is_outdated(&self) -> bool {
        !self.0.expose_secret().starts_with("$argon2id$")
    }

    fn matches(&self, password: &[u8]) -> bool {
        let hash = self.0.expose_secret();
        if hash.starts_with("$2") {
            // bcrypt looks at 72 bytes only, and newer versions of it refuse more.
            let seen = password.get(..72).unwrap_or(password);
            return bcrypt::verify(seen, hash).unwrap_or(false);
        }
        Phc::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
    }
}

fn argon2id(password: &[u8]) -> Result<SecretString, Fault> {
    let hash = Argon2::default().hash_password(password).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(hash.to_string().into())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let _permit = HASHING.acquire().await.map_err(Fault::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, PasswordHash};

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let password = Password::new("secret").unwrap();
        let hash = password.hash().await.unwrap();
        assert!(!hash.is_outdated());
        assert!(password.verify(Some(hash.clone())).await.unwrap());
        assert!(!Password::new("Secret").unwrap().verify(Some(hash)).await.unwrap());
        assert!(!password.verify(None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_parse_matches_and_is_outdated() {
        let hash = PasswordHash::from_database(bcrypt::hash("secret", 4).unwrap());
        assert!(hash.is_outdated());
        assert!(Password::new("secret").unwrap().verify(Some(hash.clone())).await.unwrap());
        assert!(!Password::new("other").unwrap().verify(Some(hash)).await.unwrap());
    }

    #[test]
    fn passwords_print_nothing_and_have_a_length() {
        let password = Password::new("secret").unwrap();
        assert_eq!(format!("{password:?}"), "Password");
        assert!(Password::new("").is_err());
        assert!(Password::new(&"x".repeat(1025)).is_err());
    }
}
