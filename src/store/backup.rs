//! A copy of an SQLite database, made while servers work with it.
//!
//! SQLite writes the copy from one view of the database: what was acknowledged before it began is in it, what comes later is
//! not, and nobody waits for it. It is made beside its place and moved there when it is complete and on the disk, so that
//! a file of that name is never half a copy.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::connect;
use super::error::Error;
use super::options::{Address, Options};

/// Copies the database to a new file, for the owner only.
pub(super) async fn backup(options: &Options, target: &Path) -> Result<(), Error> {
    let source = match options.address()? {
        Address::Postgres(_) => return Err(Error::NotSqlite),
        Address::Memory => return Err(Error::InMemory),
        Address::Sqlite(source) => source,
    };
    let failed = |source: io::Error| Error::Backup { path: target.to_owned(), source };
    if fs::exists(target).map_err(failed)? {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    // SQLite would make a new, empty database.
    fs::metadata(&source).map_err(|error| Error::Backup { path: source.clone(), source: error })?;
    let part = Part::make(target).map_err(failed)?;
    let Some(name) = part.0.to_str() else { return Err(failed(io::ErrorKind::InvalidFilename.into())) };
    connect::copy_file(options, &source, name).await?;
    part.finish(target).map_err(failed)
}

/// A copy that is not complete yet. It goes away with this.
struct Part(PathBuf);

impl Part {
    fn make(target: &Path) -> io::Result<Self> {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let path = PathBuf::from(name);
        let mut file = OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(&path)?;
        Ok(Self(path))
    }

    /// Moves the copy to its place, unless something came there meanwhile.
    fn finish(self, target: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        match fs::hard_link(&self.0, target) {
            // Some file systems have no links, and cannot move a file without replacing another.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&self.0, target)?,
            linked => linked?,
        }
        let directory = target.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}
