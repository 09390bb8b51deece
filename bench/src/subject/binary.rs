//! Where the servers' binaries come from.

use std::env::current_exe;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use crate::Result;
use crate::options::Options;

/// The Portcullis that is measured. Unless one is given, it is built from the sources as they are.
pub(crate) fn portcullis(options: &Options) -> Result<PathBuf> {
    if let Some(binary) = &options.portcullis {
        return Ok(absolute(binary)?);
    }
    run(Command::new("cargo").args(["build", "--release", "--locked", "--package", "portcullis"]))?;
    let own = current_exe()?;
    let target = own.ancestors().nth(2).ok_or("the program is in no target directory")?;
    Ok(target.join("release/portcullis"))
}

/// An earlier one: a binary, or a revision that is built in a work tree of its own.
pub(crate) fn baseline(options: &Options, given: &str) -> Result<PathBuf> {
    if Path::new(given).is_file() {
        return Ok(absolute(given)?);
    }
    let revision = Command::new("git").args(["rev-parse", "--verify", &format!("{given}^{{commit}}")]).output()?;
    if !revision.status.success() {
        return Err(format!("{given} is neither a file nor a revision").into());
    }
    let revision = String::from_utf8(revision.stdout)?.trim().to_owned();
    let tree = absolute(options.directory.join("baseline").join(&revision))?;
    let binary = tree.join("target/release/portcullis");
    if !binary.is_file() {
        if !tree.is_dir() {
            run(Command::new("git").args(["worktree", "add", "--detach"]).arg(&tree).arg(&revision))?;
        }
        run(Command::new("cargo")
            .args(["build", "--release", "--locked", "--package", "portcullis"])
            // Cargo hands on what the settings of these sources say; those say it themselves.
            .env_remove("LIBSQLITE3_FLAGS")
            .current_dir(&tree))?;
    }
    Ok(binary)
}

fn run(command: &mut Command) -> Result<()> {
    println!("{command:?}");
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
