//! `portcullis schema print`: the GraphQL schema as SDL.

use std::error::Error;
use std::io::{Write as _, stdout};

use super::assemble;
use crate::config::{Config, KeyRing};
use crate::files::{Files, Place};
use crate::store::{Options, Store};

/// Prints the schema of the configured database, or of an empty one.
pub(super) async fn print(config: &Config, empty: bool) -> Result<(), Box<dyn Error>> {
    let options = assemble::store_options(config);
    let missing = config.database.url.is_none() && !config.general.data_dir.join("portcullis.db").exists();
    // More than one connection to a database in memory would be more than one database.
    let options = if empty || missing {
        Options { database_url: "sqlite::memory:".to_owned(), max_connections: 1, ..options }
    } else {
        options
    };
    let store = Store::open(&options).await?;
    let files = Files::open(assemble::file_options(config, Place::Memory))?;
    let engine = assemble::engine(config, store, files, KeyRing::unused()?, String::new())?;
    // Unlike `println!`, this does not panic when the reader has gone.
    stdout().write_all(engine.sdl().as_bytes())?;
    Ok(())
}
