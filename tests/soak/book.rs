//! What the clients were told, kept while they go on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::harness::Answer;
use crate::writers::Told;

/// What became of a request that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Undone,
    Unknown,
}

/// What an answer says. Only a database or a server that fails may turn a writer away.
pub(crate) fn outcome(answer: &Result<Answer, reqwest::Error>) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        // What reached nobody was done by nobody.
        Err(error) if error.is_connect() => return Outcome::Undone,
        Err(_) => return Outcome::Unknown,
    };
    if answer.status == 200 && answer.codes().is_empty() {
        return Outcome::Done;
    }
    assert!([100, 124].contains(&answer.code()), "a writer is turned away: {}", answer.body);
    if answer.body.contains("may have been made") { Outcome::Unknown } else { Outcome::Undone }
}

/// What is known of a note.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// The values that it can have; one, unless an answer was lost.
    pub(crate) values: BTreeSet<i64>,
    pub(crate) exists: Certainty,
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    Yes,
    No,
    Perhaps,
}

/// Numbers to tell at the end.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) acknowledged: BTreeMap<&'static str, u64>,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
    pub(crate) reads: u64,
    pub(crate) reads_that_showed_something: u64,
    pub(crate) reads_that_failed: u64,
    pub(crate) servers_killed: u64,
    pub(crate) databases_killed: u64,
    pub(crate) longest_silence: Duration,
}

/// Everything that is known.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) notes: HashMap<String, Note>,
    /// When the member's last right to a note was withdrawn for good.
    pub(crate) withdrawn: HashMap<String, Instant>,
    pub(crate) nested: Told,
    pub(crate) figures: Figures,
    last: Instant,
}

/// The book in which all of it stands.
#[derive(Debug)]
pub(crate) struct Book(Mutex<Known>);

impl Book {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Known {
            notes: HashMap::new(),
            withdrawn: HashMap::new(),
            nested: Told::default(),
            figures: Figures::default(),
            last: Instant::now(),
        }))
    }

    pub(crate) fn open(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }

    /// Everything that is known in the end.
    pub(crate) fn close(self) -> Known {
        self.0.into_inner().unwrap()
    }

    /// Counts a write.
    pub(crate) fn count(&self, what: &'static str, outcome: Outcome) {
        let mut known = self.open();
        match outcome {
            Outcome::Done => {
                *known.figures.acknowledged.entry(what).or_default() += 1;
                known.figures.longest_silence = known.figures.longest_silence.max(known.last.elapsed());
                known.last = Instant::now();
            }
            Outcome::Undone => known.figures.refused += 1,
            Outcome::Unknown => known.figures.unknown += 1,
        }
    }

    /// How many writes have been acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.open().figures.acknowledged.values().sum()
    }
}
