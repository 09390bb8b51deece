//! Keys that nobody configured: made once, kept in the data directory, never shown.
//!
//! `keys.toml` has mode 0600 in a directory of mode 0700. It is written aside and renamed, so it is
//! never half there, and under a lock on the directory, so of two servers that start at the same
//! moment one makes the keys and the other reads them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret as _, SecretString};
use toml::{Table, Value};

use super::Access;

/// The file in the data directory.
const FILE: &str = "keys.toml";

/// What is written above the keys.
const PREAMBLE: &str = "# The keys of this server, made at its first start. Keep this file secret.\n";

/// The id and the two keys that a server cannot do without.
#[derive(Debug)]
pub struct KeyRing {
    /// The application id.
    pub app_id: String,
    /// The key that may do everything.
    pub master_key: SecretString,
    /// The key that may read everything.
    pub read_only_master_key: SecretString,
    /// The file that some of them are from.
    pub file: Option<PathBuf>,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The data directory or the file in it cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Other users of the machine can read the keys.
    #[error("{} can be read by other users of this machine; correct that with: chmod 600 {}", .0.display(), .0.display())]
    Exposed(PathBuf),
    /// The file is not what this server wrote.
    #[error("{} is not a file of keys: {reason}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Why, without its content.
        reason: String,
    },
    /// A configured key is one that was generated for something else.
    #[error("the master key and the read-only master key are the same (one of them is in {})", .0.display())]
    Same(PathBuf),
    /// The operating system has no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] rand::rngs::SysError),
}

impl KeyRing {
    /// The configured keys, completed by those in the data directory, which are made if they are
    /// not there yet.
    pub fn complete(access: &Access, data_dir: &Path) -> Result<Self, KeysError> {
        if let (Some(app_id), Some(master_key), Some(read_only_master_key)) =
            (&access.app_id, &access.master_key, &access.read_only_master_key)
        {
            return Ok(Self {
                app_id: app_id.clone(),
                master_key: master_key.clone(),
                read_only_master_key: read_only_master_key.clone(),
                file: None,
            });
        }
        let path = data_dir.join(FILE);
        let failed = |source| KeysError::File { path: path.clone(), source };
        create_private(data_dir).map_err(failed)?;
        let directory = File::open(data_dir).map_err(failed)?;
        directory.lock().map_err(failed)?;
        let mut kept = read(&path)?;
        let before = kept.len();
        let ring = Self {
            app_id: pick(access.app_id.clone(), &mut kept, "app_id", &path, app_id)?,
            master_key: secret(access.master_key.as_ref(), &mut kept, "master_key", &path)?,
            read_only_master_key: secret(
                access.read_only_master_key.as_ref(),
                &mut kept,
                "read_only_master_key",
                &path,
            )?,
            file: Some(path.clone()),
        };
        if ring.master_key.expose_secret() == ring.read_only_master_key.expose_secret() {
            return Err(KeysError::Same(path));
        }
        if kept.len() > before {
            write(&path, &kept).and_then(|()| directory.sync_all()).map_err(failed)?;
        }
        Ok(ring)
    }

    /// Keys for a server that nobody will ever ask, such as the one that prints its schema.
    pub fn unused() -> Result<Self, KeysError> {
        let [master_key, read_only_master_key] = [key()?, key()?].map(SecretString::from);
        Ok(Self { app_id: app_id()?, master_key, read_only_master_key, file: None })
    }
}

/// The configured text, or the one in the file, or a new one, which is put into the file's table.
fn pick(
    configured: Option<String>,
    kept: &mut Table,
    name: &str,
    path: &Path,
    generate: fn() -> Result<String, KeysError>,
) -> Result<String, KeysError> {
    if let Some(configured) = configured {
        return Ok(configured);
    }
    match kept.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(_) => Err(KeysError::Malformed { path: path.to_owned(), reason: format!("{name} is not a text") }),
        None => {
            let made = generate()?;
            kept.insert(name.to_owned(), Value::String(made.clone()));
            Ok(made)
        }
    }
}

fn secret(
    configured: Option<&SecretString>,
    kept: &mut Table,
    name: &str,
    path: &Path,
) -> Result<SecretString, KeysError> {
    let configured = configured.map(|key| key.expose_secret().to_owned());
    pick(configured, kept, name, path, key).map(SecretString::from)
}

fn app_id() -> Result<String, KeysError> {
    random::<10>()
}

fn key() -> Result<String, KeysError> {
    random::<32>()
}

fn random<const BYTES: usize>() -> Result<String, KeysError> {
    let mut bytes = [0; BYTES];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Makes a directory that only its owner can enter. One that exists is left as it is.
pub fn create_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

fn read(path: &Path) -> Result<Table, KeysError> {
    let failed = |source| KeysError::File { path: path.to_owned(), source };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Table::new()),
        Err(error) => return Err(failed(error)),
    };
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(KeysError::Exposed(path.to_owned()));
    }
    // The error's own text would quote a key.
    toml::from_str(&text)
        .map_err(|error| KeysError::Malformed { path: path.to_owned(), reason: error.message().to_owned() })
}

fn write(path: &Path, keys: &Table) -> io::Result<()> {
    let aside = path.with_extension("toml.new");
    // A file that a crash left behind would keep its mode.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(PREAMBLE.as_bytes())?;
    file.write_all(keys.to_string().as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own for a test, removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("portcullis-keys-{}", random::<8>().unwrap())))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn access(app_id: Option<&str>, master_key: Option<&str>) -> Access {
        Access {
            app_id: app_id.map(str::to_owned),
            master_key: master_key.map(SecretString::from),
            read_only_master_key: None,
            master_key_ips: Vec::new(),
            read_only_master_key_ips: Vec::new(),
            client_keys: Vec::new(),
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_are_made_once_and_for_the_owner_only() {
        let scratch = Scratch::new();
        let first = KeyRing::complete(&access(None, None), &scratch.0).unwrap();
        let second = KeyRing::complete(&access(None, None), &scratch.0).unwrap();
        assert_eq!(first.app_id, second.app_id);
        assert_eq!(first.master_key.expose_secret(), second.master_key.expose_secret());
        assert_ne!(first.master_key.expose_secret(), first.read_only_master_key.expose_secret());
        assert_eq!(mode(&scratch.0), 0o700);
        assert_eq!(mode(&scratch.0.join(FILE)), 0o600);
    }

    #[test]
    fn only_missing_keys_are_made() {
        let scratch = Scratch::new();
        let ring = KeyRing::complete(&access(Some("app"), Some("mk")), &scratch.0).unwrap();
        assert_eq!((ring.app_id.as_str(), ring.master_key.expose_secret()), ("app", "mk"));
        let kept = read(&scratch.0.join(FILE)).unwrap();
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["read_only_master_key"]);

        let later = KeyRing::complete(&access(None, None), &scratch.0).unwrap();
        assert_eq!(later.read_only_master_key.expose_secret(), ring.read_only_master_key.expose_secret());
        assert_ne!(later.app_id, "app");
    }

    #[test]
    fn servers_that_start_together_have_the_same_keys() {
        let scratch = Scratch::new();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let directory = scratch.0.clone();
                std::thread::spawn(move || KeyRing::complete(&access(None, None), &directory).unwrap().app_id)
            })
            .collect();
        let mut ids: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }

    #[test]
    fn keys_that_others_can_read_are_refused() {
        let scratch = Scratch::new();
        KeyRing::complete(&access(None, None), &scratch.0).unwrap();
        let path = scratch.0.join(FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(KeyRing::complete(&access(None, None), &scratch.0), Err(KeysError::Exposed(_))));
    }

    #[test]
    fn a_generated_key_cannot_be_two_keys() {
        let scratch = Scratch::new();
        let ring = KeyRing::complete(&access(None, None), &scratch.0).unwrap();
        let same = access(None, Some(ring.read_only_master_key.expose_secret()));
        assert!(matches!(KeyRing::complete(&same, &scratch.0), Err(KeysError::Same(_))));
    }
}
