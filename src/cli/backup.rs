//! `portcullis backup`: a copy of an SQLite database, while servers work with it.

use std::error::Error;
use std::path::Path;

use super::assemble;
use crate::config::Config;
use crate::store::Store;

/// Copies the database, and says what else belongs to a backup.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(super) async fn backup(config: &Config, target: &Path) -> Result<(), Box<dyn Error>> {
    Store::backup(&assemble::store_options(config), target).await?;
    println!("The database is in {}.", target.display());
    let directory = config.general.data_dir.display();
    println!(
        "Keys and uploaded files are not: keep {directory}/keys.toml and {directory}/files, too, if they are there."
    );
    Ok(())
}
