//! From where a client wants to be answered: `readPreference` and its kin.

use serde_json::{Map, Value as Json};

use crate::store::Source;

/// From where the objects of a field are read, and those that they lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) struct Preference {
    pub(super) here: Source,
    pub(super) below: Source,
}

impl Preference {
    /// What the argument `options` of a field says, or nothing if it says nothing.
    pub(in crate::graphql) fn of(arguments: &Map<String, Json>) -> Option<Self> {
        let options = arguments.get("options")?.as_object()?;
        let source = |name| options.get(name).and_then(Json::as_str).map(source);
        let rows = source("readPreference");
        // A sub-query is part of the statement, so that both must be content with a replica.
        let here = match (rows, source("subqueryReadPreference")) {
            (Some(Source::Replica), None | Some(Source::Replica)) => Source::Replica,
            _ => Source::Primary,
        };
        let below = source("includeReadPreference").or(rows).unwrap_or(Source::Primary);
        Some(Self { here, below })
    }
}

/// Nobody knows which database is the nearest; the primary is spared.
fn source(preference: &str) -> Source {
    match preference {
        "SECONDARY" | "SECONDARY_PREFERRED" | "NEAREST" => Source::Replica,
        _ => Source::Primary,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_who_asks_for_a_replica_gets_one() {
        let of = |options: Json| {
            let arguments = json!({ "options": options });
            Preference::of(arguments.as_object().unwrap()).map(|preference| (preference.here, preference.below))
        };
        let (primary, replica) = (Source::Primary, Source::Replica);
        let read = |name: &str| json!({ "readPreference": name });
        assert_eq!(of(Json::Null), None);
        assert_eq!(of(json!({})), Some((primary, primary)));
        for name in ["PRIMARY", "PRIMARY_PREFERRED"] {
            assert_eq!(of(read(name)), Some((primary, primary)), "{name}");
        }
        for name in ["SECONDARY", "SECONDARY_PREFERRED", "NEAREST"] {
            assert_eq!(of(read(name)), Some((replica, replica)), "{name}");
        }
        let nested = json!({"readPreference": "SECONDARY", "includeReadPreference": "PRIMARY"});
        assert_eq!(of(nested), Some((replica, primary)));
        let below = json!({"includeReadPreference": "SECONDARY"});
        assert_eq!(of(below), Some((primary, replica)));
        let subquery = json!({"readPreference": "SECONDARY", "subqueryReadPreference": "PRIMARY"});
        assert_eq!(of(subquery), Some((primary, replica)));
    }
}
