//! How SQLite finds out whether a row's list of principals names the caller.
//!
//! PostgreSQL compares two arrays. SQLite would make a table of each row's list first, which is dearer than everything
//! else about a row. But it can compare two texts by a [`collation`] of ours: one side is the list of a row, the other a question of
//! [`question`], and they are "equal" if the list names one of those who ask.
//!
//! **Invariant:** whatever is no JSON list of texts names nobody.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::collation;

/// The name of the collation.
pub(super) const COLLATION: &str = "portcullis_principals";

/// The most bytes that the principals of a question have together.
const LONGEST: usize = 512;

/// Those who ask, ready to be looked for in many lists.
#[derive(Default)]
struct Asking {
    /// How they stand in their question.
    text: String,
    principals: HashSet<String>,
}

/// The text of a question for the collation, unless it would be so long that making tables of lists is cheaper: the driver
/// reads the whole question for each row.
pub(super) fn question(principals: &[SmolStr]) -> Option<String> {
    if principals.iter().map(SmolStr::len).sum::<usize>() > LONGEST {
        return None;
    }
    let principals: Vec<&str> = principals.iter().map(SmolStr::as_str).collect();
    Some(collation::question(COLLATION, &serde_json::to_string(&principals).unwrap_or_default()))
}

/// The comparison of the collation: equal if one is a question and the other a list that names one of its principals.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    thread_local! {
        static ASKING: RefCell<Asking> = RefCell::default();
    }
    collation::compare(COLLATION, one, other, |question, list| {
        ASKING.with_borrow_mut(|asking| {
            // All conditions of a statement ask for the same principals, so they are taken apart once.
            if asking.text != question {
                let principals = serde_json::from_str(question).unwrap_or_default();
                *asking = Asking { text: question.to_owned(), principals };
            }
            names_one_of(list, &asking.principals)
        })
    })
}

/// True if a JSON list of texts names one of these.
fn names_one_of(list: &str, principals: &HashSet<String>) -> bool {
    let mut list = serde_json::Deserializer::from_str(list);
    let named = list.deserialize_seq(List(principals));
    named.unwrap_or_default() && list.end().is_ok()
}

/// Reads a list without making one.
struct List<'p>(&'p HashSet<String>);

impl<'d> Visitor<'d> for List<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of principals")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut list: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(named) = list.next_element_seed(Element(self.0))? {
            found |= named;
        }
        Ok(found)
    }
}

/// Reads an element of a list.
struct Element<'p>(&'p HashSet<String>);

impl<'d> DeserializeSeed<'d> for Element<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'d>>(self, element: D) -> Result<bool, D::Error> {
        element.deserialize_str(self)
    }
}

impl Visitor<'_> for Element<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a principal")
    }

    fn visit_str<E: Error>(self, principal: &str) -> Result<bool, E> {
        Ok(self.0.contains(principal))
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use smol_str::SmolStr;

    use super::{compare, question};
    use crate::store::dialect::Dialect;
    use crate::store::rows::Raw;
    use crate::store::sql::Sql;
    use crate::store::{Options, Store};

    fn roles(count: usize) -> impl Iterator<Item = SmolStr> {
        (0..count).map(|number| format!("role:Role {number:03}").into())
    }

    fn permits(list: &str, principals: &[&str]) -> bool {
        let principals: Vec<_> = principals.iter().copied().map(SmolStr::new).collect();
        let question = question(&principals).unwrap();
        let (one, other) = (compare(list, &question), compare(&question, list));
        assert_eq!(one == Ordering::Equal, other == Ordering::Equal);
        one == Ordering::Equal
    }

    #[test]
    fn a_list_names_whoever_stands_in_it() {
        let asking = ["*", "alice", "role:Editors", "role:a \"b\" \\c"];
        for list in
            [r#"["*"]"#, r#"["bob","alice"]"#, r#"["role:Editors"]"#, r#"["x","role:a \"b\" \\c"]"#, r#"["\u002a"]"#]
        {
            assert!(permits(list, &asking), "{list}");
            assert!(!permits(list, &[]), "{list}");
            assert!(!permits(list, &["mallory", "role:editors"]), "{list}");
        }
    }

    #[test]
    fn whatever_is_no_list_of_texts_names_nobody() {
        for list in OF_NOBODY {
            assert!(!permits(list, &["alice", "*"]), "{list}");
        }
    }

    /// Lists of which none names `alice` or everybody.
    const OF_NOBODY: [&str; 16] = [
        "",
        "[]",
        "alice",
        r#""alice""#,
        r#"["alice""#,
        r#"["alice"] "*""#,
        r#"["alice",1]"#,
        r#"["alice",null]"#,
        r#"["alice",["b"]]"#,
        r#"[["alice"]]"#,
        "['alice']",
        r#"["alice",]"#,
        r#"{"alice":"alice"}"#,
        r#"["role:\"alice"]"#,
        r#"["alice "]"#,
        r#"["ALICE"]"#,
    ];

    /// Which of the lists SQLite takes for those of somebody.
    async fn permitted(store: &Store, lists: &[&str], principals: &[SmolStr]) -> Vec<String> {
        let mut sql =
            Sql::from(Dialect::Sqlite, r#"SELECT "value" FROM (SELECT "value", "value" AS "_rperm" FROM json_each("#);
        let table = sql.alias();
        sql.texts(lists.iter().copied()).push(")) AS ").table(table).push(" WHERE ");
        sql.permits(table.place("_rperm"), principals);
        let rows = store.shared.executor().rows(sql).await.unwrap();
        rows.iter().map(|row| Raw::new(row).unwrap().required(0).unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn whoever_has_many_roles_is_permitted_what_others_are() {
        let store = Box::pin(Store::open(&Options::of_test("sqlite::memory:"))).await.unwrap();
        let few: Vec<SmolStr> = vec!["*".into(), "alice".into()];
        let many: Vec<SmolStr> = few.iter().cloned().chain(roles(100)).collect();
        assert!(question(&few).is_some() && question(&many).is_none());
        let of_alice = [r#"["*"]"#, r#"["alice"]"#, r#"["bob","alice"]"#, r#"["\u0061lice"]"#, r#" [ "alice" ] "#];
        for principals in [&few, &many] {
            assert_eq!(permitted(&store, &of_alice, principals).await, of_alice);
            assert_eq!(permitted(&store, &OF_NOBODY, principals).await, Vec::<String>::new());
        }
    }

    #[test]
    fn one_question_is_not_taken_for_another() {
        let ask = |name: &str| question(&[name.into()]).unwrap();
        let (alice, bob) = (ask("alice"), ask("bob"));
        for _ in 0..2 {
            assert_eq!(compare(r#"["alice"]"#, &alice), Ordering::Equal);
            assert_ne!(compare(r#"["alice"]"#, &bob), Ordering::Equal);
        }
        assert_ne!(compare(&alice, &bob), Ordering::Equal);
        assert_ne!(compare(&alice, &alice.clone()), Ordering::Equal);
        assert_ne!(compare(r#"["alice"]"#, "\u{1}portcullis:[\"alice\"]"), Ordering::Equal);
    }
}
