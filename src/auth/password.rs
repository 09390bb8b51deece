//! Passwords and their hashes.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::fault::{Code, Fault};

/// The longest password, in bytes. A longer one is refused before it is hashed, so that nobody can keep the server
/// busy with hashing.
const MAX_LENGTH: usize = 1024;

/// What bcrypt looks at, in bytes. The rest would count for nothing.
const MAX_BCRYPT_LENGTH: usize = 72;

/// The cost of bcrypt: that of Parse Server.
const BCRYPT_COST: u32 = 10;

/// How many passwords are hashed at a time: each takes about 19 MB and a core.
static HASHING: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)).into());

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Argon2id.
    #[default]
    Argon2id,
    /// bcrypt, for a Parse Server on the same database, which knows no other.
    Bcrypt,
}

/// A password, as a client sent it.
#[derive(Clone)]
pub struct Password(SecretString);

/// The hash of a password: Argon2id or bcrypt.
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

    /// The password's hash, made off the threads that serve requests. What the scheme would cut off is 142.
    pub(crate) async fn hash(&self, scheme: Scheme) -> Result<PasswordHash, Fault> {
        if let Some(fault) = self.is_cut(scheme) {
            return Err(fault);
        }
        let password = self.0.clone();
        blocking(move || hashed(scheme, password.expose_secret().as_bytes())).await?.map(PasswordHash)
    }

    /// Why the scheme would take only a part of this password for the whole.
    pub(super) fn is_cut(&self, scheme: Scheme) -> Option<Fault> {
        let password = self.0.expose_secret();
        let refused = |message: String| Some(Fault::with(Code::ValidationError, message));
        match scheme {
            Scheme::Bcrypt if password.len() > MAX_BCRYPT_LENGTH => {
                refused(format!("A password has at most {MAX_BCRYPT_LENGTH} bytes."))
            }
            Scheme::Bcrypt if password.contains('\0') => refused("A password cannot contain the character NUL.".into()),
            Scheme::Argon2id | Scheme::Bcrypt => None,
        }
    }

    /// True if this is the password of the hash. It takes the same time whether it is, whether there is a hash, and
    /// whatever its scheme is.
    pub(crate) async fn verify(&self, hash: Option<PasswordHash>, usual: Scheme) -> Result<bool, Fault> {
        let password = self.0.clone();
        blocking(move || {
            let password = password.expose_secret().as_bytes();
            let compared = hash.as_ref().map(PasswordHash::scheme);
            let right = hash.is_some_and(|hash| hash.matches(password));
            for other in schemes_in_use(compared, usual) {
                // The comparison takes its time; whatever it finds, there is nobody to be.
                std::hint::black_box(nobody(other).map(|hash| hash.matches(password)));
            }
            right
        })
        .await
    }

    /// True if this is the password of one of the hashes.
    pub(super) async fn is_one_of(&self, hashes: Vec<PasswordHash>) -> Result<bool, Fault> {
        let password = self.0.clone();
        blocking(move || hashes.iter().any(|hash| hash.matches(password.expose_secret().as_bytes()))).await
    }

    /// The password's text, for the rules that it must keep.
    pub(super) fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PasswordHash {
    /// The hash that the database keeps.
    pub(crate) fn from_database(text: String) -> Self {
        Self(text.into())
    }

    /// The hash's text, for the database.
    pub(crate) fn into_secret(self) -> SecretString {
        self.0
    }

    /// How it was made.
    pub(crate) fn scheme(&self) -> Scheme {
        if self.0.expose_secret().starts_with("$2") { Scheme::Bcrypt } else { Scheme::Argon2id }
    }

    fn matches(&self, password: &[u8]) -> bool {
        let hash = self.0.expose_secret();
        match self.scheme() {
            Scheme::Bcrypt => {
                // Parse Server has cut longer passwords, and newer versions of bcrypt refuse them.
                let seen = password.get(..MAX_BCRYPT_LENGTH).unwrap_or(password);
                bcrypt::verify(seen, hash).unwrap_or(false)
            }
            Scheme::Argon2id => {
                Phc::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
            }
        }
    }
}

/// The schemes whose time a verification takes, besides the one that it compares by: all that accounts of this server have,
/// as far as it has seen.
fn schemes_in_use(compared: Option<Scheme>, usual: Scheme) -> impl Iterator<Item = Scheme> {
    static BOTH: AtomicBool = AtomicBool::new(false);
    if compared.is_some_and(|scheme| scheme != usual) {
        BOTH.store(true, Ordering::Relaxed);
    }
    let both = BOTH.load(Ordering::Relaxed);
    [Scheme::Argon2id, Scheme::Bcrypt]
        .into_iter()
        .filter(move |scheme| (both || *scheme == usual) && compared != Some(*scheme))
}

/// A hash that is nobody's, to be compared with when there is no account.
fn nobody(scheme: Scheme) -> Option<PasswordHash> {
    static ARGON2ID: LazyLock<Option<SecretString>> = LazyLock::new(|| made_up(Scheme::Argon2id));
    static BCRYPT: LazyLock<Option<SecretString>> = LazyLock::new(|| made_up(Scheme::Bcrypt));
    let hash = match scheme {
        Scheme::Argon2id => &ARGON2ID,
        Scheme::Bcrypt => &BCRYPT,
    };
    LazyLock::force(hash).clone().map(PasswordHash)
}

fn made_up(scheme: Scheme) -> Option<SecretString> {
    hashed(scheme, b"nobody has this password").ok()
}

fn hashed(scheme: Scheme, password: &[u8]) -> Result<SecretString, Fault> {
    match scheme {
        Scheme::Argon2id => {
            let hash = Argon2::default().hash_password(password).map_err(|error| Fault::internal(error.to_string()))?;
            Ok(hash.to_string().into())
        }
        Scheme::Bcrypt => bcrypt::hash(password, BCRYPT_COST).map(Into::into).map_err(Fault::internal),
    }
}

/// Hashes off the threads that serve requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    in_place(&HASHING, work).await
}

/// Does work off the threads that serve requests. Its place is free when it is done, not when nobody waits for it any more:
/// otherwise clients that hang up could have as many passwords hashed at a time as they like.
async fn in_place<T: Send + 'static>(
    places: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let place = Arc::clone(places).acquire_owned().await.map_err(Fault::internal)?;
    let work = move || {
        let _place = place;
        work()
    };
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
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::{Password, PasswordHash, Scheme, in_place, schemes_in_use};

    const BOTH: [Scheme; 2] = [Scheme::Argon2id, Scheme::Bcrypt];

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        for scheme in BOTH {
            let password = Password::new("secret").unwrap();
            let hash = password.hash(scheme).await.unwrap();
            assert_eq!(hash.scheme(), scheme);
            for usual in BOTH {
                assert!(password.verify(Some(hash.clone()), usual).await.unwrap());
                assert!(!Password::new("Secret").unwrap().verify(Some(hash.clone()), usual).await.unwrap());
                assert!(!password.verify(None, usual).await.unwrap());
            }
        }
    }

    #[tokio::test]
    async fn whoever_hangs_up_keeps_the_place_until_the_work_is_done() {
        let places = Arc::new(Semaphore::new(1));
        let (begun, wait_until_begun) = std::sync::mpsc::channel();
        let (end, wait_for_end) = std::sync::mpsc::channel::<()>();
        let work = move || {
            begun.send(()).unwrap();
            wait_for_end.recv()
        };
        let places_of_work = Arc::clone(&places);
        let asking = tokio::spawn(async move { in_place(&places_of_work, work).await.map(drop).is_ok() });
        tokio::task::spawn_blocking(move || wait_until_begun.recv()).await.unwrap().unwrap();
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        assert_eq!(places.available_permits(), 0);
        end.send(()).unwrap();
        drop(places.acquire().await.unwrap());
    }

    #[tokio::test]
    async fn what_bcrypt_would_cut_off_is_refused() {
        let password = |text: &str| Password::new(text).unwrap();
        let refused =
            async |text: &str| password(text).hash(Scheme::Bcrypt).await.err().map(|fault| fault.code().number());
        assert_eq!(refused(&"x".repeat(72)).await, None);
        for cut in ["x".repeat(73), "é".repeat(37), "secret\0".to_owned()] {
            assert_eq!(refused(&cut).await, Some(142), "{cut:?}");
            assert!(password(&cut).hash(Scheme::Argon2id).await.is_ok());
        }
        // Parse Server has let longer ones pass; their owners still get in.
        let hash = PasswordHash::from_database(bcrypt::hash("x".repeat(72), 4).unwrap());
        assert!(password(&"x".repeat(80)).verify(Some(hash), Scheme::Bcrypt).await.unwrap());
    }

    #[test]
    fn a_verification_takes_the_time_of_all_schemes_that_there_are() {
        let others = |compared, usual| schemes_in_use(compared, usual).collect::<Vec<_>>();
        assert_eq!(others(Some(Scheme::Bcrypt), Scheme::Argon2id), [Scheme::Argon2id]);
        assert_eq!(others(Some(Scheme::Argon2id), Scheme::Argon2id), [Scheme::Bcrypt]);
        assert_eq!(others(None, Scheme::Argon2id), BOTH);
    }

    #[test]
    fn passwords_print_nothing_and_have_a_length() {
        let password = Password::new("secret").unwrap();
        assert_eq!(format!("{password:?}"), "Password");
        assert!(Password::new("").is_err());
        assert!(Password::new(&"x".repeat(1025)).is_err());
    }
}
