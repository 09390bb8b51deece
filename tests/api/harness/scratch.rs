//! Directories that go away with the test that made them.

use std::path::{Path, PathBuf};

/// A new, empty directory, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(unique("portcullis-test"));
        std::fs::create_dir(&path).unwrap();
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A server that is just being killed may still write; what is left then is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A name that nobody else uses, on this machine or in its PostgreSQL.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{:016x}", rand::random::<u64>())
}
