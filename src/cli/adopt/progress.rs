//! Lines that tell how far it is.

use std::time::{Duration, Instant};

use super::report::{bytes, number};
use crate::store::adopt::Step;

/// How often a long step says that it goes on.
const EVERY: Duration = Duration::from_secs(2);

/// What has been told, and what has happened since.
#[derive(Debug, Default)]
pub(super) struct Progress {
    looked_at: i64,
    changed: i64,
    told: Option<Instant>,
}

impl Progress {
    /// The line for a step; nothing if it is too early for one.
    pub(super) fn line(&mut self, step: Step) -> String {
        match step {
            Step::Waiting => "Another run is not done yet, or an interrupted one still ends. Waiting.\n".to_owned(),
            Step::Migrated => "The tables of Portcullis are there.\n".to_owned(),
            Step::Added(what) => format!("Added: {what}.\n"),
            Step::Filling { class, looked_at, changed } => {
                self.looked_at += looked_at;
                self.changed += changed;
                if self.told.get_or_insert_with(Instant::now).elapsed() < EVERY {
                    return String::new();
                }
                self.told = Some(Instant::now());
                let (looked_at, changed) = (number(self.looked_at), number(self.changed));
                format!("{class}: {looked_at} rows looked at, permissions written to {changed}.\n")
            }
            Step::Filled { class, changed, left } => {
                *self = Self::default();
                let left = match left {
                    0 => String::new(),
                    left => format!("; {} are held by others, run this again later", number(left)),
                };
                format!("{class}: permissions written to {} rows{left}.\n", number(changed))
            }
            Step::Building(index) => {
                let again = if index.unfinished { "again, for it was left unfinished, " } else { "" };
                format!("Building {} {again}on {} ({}).\n", index.name, index.table, bytes(index.bytes))
            }
            Step::Built(name) => format!("Built {name}.\n"),
            Step::LeftOut(name) => format!("Left out {name}, because there are duplicates.\n"),
        }
    }
}
