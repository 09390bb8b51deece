//! A client that reads all the time, and knows what it may not see.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::book::Book;
use crate::dice::Dice;
use crate::harness::{Answer, Client};

/// How long a right may still be used after its withdrawal was acknowledged.
const GRACE: Duration = Duration::from_secs(1);

const NEWEST: &str = "{ notes(order: [createdAt_DESC], first: 100) { count edges { node { key value } } } }";
const BY_KEY: &str =
    "query ($key: String) { notes(where: { key: { equalTo: $key } }) { count edges { node { key value } } } }";

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody who may see nothing at all.
    Stranger,
    /// The member whose rights are withdrawn.
    Member,
}

/// Reads until it is told to stop.
pub(crate) async fn read(who: Who, clients: Vec<Client>, (book, mut dice): (Arc<Book>, Dice), stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let withdrawn: Option<String> = {
            let known = book.open();
            let count = known.withdrawn.len();
            (count > 0 && dice.percent(50)).then(|| known.withdrawn.keys().nth(dice.below(count)).unwrap().clone())
        };
        let begun = Instant::now();
        let client = dice.pick(&clients);
        let answer = match &withdrawn {
            Some(key) => client.attempt(BY_KEY, json!({"key": key})).await,
            None => client.attempt(NEWEST, Value::Null).await,
        };
        let Some(answer) = answer.ok().filter(succeeded) else {
            book.open().figures.reads_that_failed += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        check(who, &book, &answer, begun);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn succeeded(answer: &Answer) -> bool {
    let fine = answer.codes().is_empty() && answer.status == 200;
    assert!(fine || [100, 124].contains(&answer.code()), "a reader is turned away: {}", answer.body);
    fine
}

/// Compares what a read showed with what it may have shown.
fn check(who: Who, book: &Book, answer: &Answer, begun: Instant) {
    let keys = answer.each("notes", "key");
    let count = answer.data("notes.count").as_u64().unwrap();
    let mut known = book.open();
    known.figures.reads += 1;
    if who == Who::Stranger {
        assert!(keys.is_empty() && count == 0, "a stranger sees {}", answer.body);
        return;
    }
    known.figures.reads_that_showed_something += u64::from(!keys.is_empty());
    for key in keys {
        let since = known.withdrawn.get(key.as_str().unwrap());
        let late = since.is_some_and(|since| *since + GRACE < begun);
        assert!(!late, "{key} was withdrawn {:?} before this read: {}", begun - *since.unwrap(), answer.body);
    }
}
