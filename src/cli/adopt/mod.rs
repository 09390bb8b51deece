//! `portcullis adopt`: take over the database of a Parse Server, or look at it first.

mod progress;
mod report;

use std::error::Error;
use std::io::{Write as _, stdout};

use tokio::sync::watch;

use self::progress::Progress;
use super::assemble;
use crate::config::Config;
use crate::server::StopSignals;
use crate::store::adopt::{self, Adopted, Stop};

/// Looks at the database, changes nothing, and tells what there is.
pub(super) async fn check(config: &Config, json: bool) -> Result<(), Box<dyn Error>> {
    let survey = adopt::check(&assemble::store_options(config)).await?;
    let text = if json { serde_json::to_string_pretty(&survey)? + "\n" } else { report::text(&survey) };
    stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// Gives the database what is missing, until it is done or a signal comes.
pub(super) async fn adopt(config: &Config) -> Result<(), Box<dyn Error>> {
    let mut signals = StopSignals::take()?;
    let (sender, receiver) = watch::channel(false);
    let asked = tokio::spawn(async move {
        signals.next().await;
        sender.send(true).ok();
        // The sender lives on: without it, nobody could ask.
        std::future::pending::<()>().await;
    });
    let mut progress = Progress::default();
    let mut report = |step| stdout().write_all(progress.line(step).as_bytes()).unwrap_or_default();
    let adopted = adopt::adopt(&assemble::store_options(config), &Stop::new(receiver), &mut report).await;
    asked.abort();
    match adopted? {
        Adopted::All => {
            writeln!(stdout(), "The database is adopted.").ok();
            Ok(())
        }
        Adopted::Mostly => Err("some things were left out, see above; `portcullis adopt --check` tells why".into()),
        Adopted::Stopped => Err("stopped; the next run goes on from here".into()),
    }
}
