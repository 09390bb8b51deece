//! What is stored at the end, compared with what the clients were told.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement;
use crate::book::{Certainty, Known};
use crate::harness::Database;

/// Checks that all that was acknowledged is there, and nothing that was refused.
pub(crate) async fn check(database: &Database, known: &Known) {
    agreement::check(database, &known.nested).await;
    let sql = r#"SELECT "key" || '=' || CAST("value" AS text) FROM "Note""#;
    let mut stored: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in database.texts(sql).await.into_iter().flatten() {
        let (key, value) = row.split_once('=').unwrap();
        stored.entry(key.to_owned()).or_default().push(value.parse().unwrap());
    }
    for (key, note) in &known.notes {
        let values = stored.remove(key).unwrap_or_default();
        match (note.exists, values.as_slice()) {
            (Certainty::No | Certainty::Perhaps, []) => {}
            (Certainty::Yes | Certainty::Perhaps, [value]) => {
                assert!(note.values.contains(value), "{key} is {value}, and should be one of {:?}", note.values);
            }
            wrong => panic!("{key}: {wrong:?}"),
        }
    }
    let unheard: BTreeSet<_> = stored.keys().collect();
    assert!(unheard.is_empty(), "nobody wrote these: {unheard:?}");
}
