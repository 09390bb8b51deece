//! A small file system of a test's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::harness::{is_required, is_root};

/// A file system in memory, which goes away with this.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts one of so many megabytes on a directory. Only root can: others are told what they miss. In CI, root must.
    pub(crate) fn on(directory: &Path, megabytes: u32) -> Option<Self> {
        let size = format!("size={megabytes}m,mode=755");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(directory).output();
        if mounted.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(directory.to_owned()));
        }
        assert!(!(is_required() && is_root()), "a file system cannot be mounted: {mounted:?}");
        eprintln!("SKIPPED, no file system can be mounted: {mounted:?}");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Whoever still has a file open keeps the file, not the place.
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{} is still mounted", self.0.display());
    }
}
