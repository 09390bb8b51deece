//! `portcullis migrate`: bring the database up to date.

use std::error::Error;

use super::assemble;
use crate::config::{Config, create_private};
use crate::store::Store;

/// Brings the database up to date, and says so.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(super) async fn migrate(config: &Config) -> Result<(), Box<dyn Error>> {
    if config.database.url.is_none() {
        create_private(&config.general.data_dir)?;
    }
    Store::migrate(&assemble::store_options(config)).await?;
    println!("The database is up to date.");
    Ok(())
}
