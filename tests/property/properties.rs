//! What must hold whatever the model says.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::check::{Difference, Pair};
use crate::generate::{self, Generator};
use crate::model::{Caller, ClassId, Clp, Filter, List, Question};
use crate::server::Reply;
use crate::{render, report};

/// A list without pages, and a condition to add to it.
pub(crate) fn narrowing(generator: &mut Generator<'_>) -> (Question, Filter) {
    let class = generator.class();
    let filter = generator.dice.percent(50).then(|| generator.wide_filter(class));
    let list = List { filter, edges: Some(Vec::new()), count: generator.dice.percent(50), ..List::default() };
    (Question::List { class, list }, generator.wide_filter(class))
}

/// Adding a condition never adds a row, and never opens what was refused.
pub(crate) async fn a_filter_never_adds_a_row(
    pair: &Pair,
    caller: Caller,
    question: &Question,
    filter: &Filter,
) -> Result<(), Difference> {
    let Question::List { class, list } = question else { return Ok(()) };
    let narrowed = Question::List { class: *class, list: list.narrowed(filter.clone()) };
    let (_, wide) = pair.reply(caller, question).await;
    let (document, narrow) = pair.reply(caller, &narrowed).await;
    let fine = match (&wide, &narrow) {
        (_, Reply::Refused(_)) => true,
        (Reply::Data(wide), Reply::Data(narrow)) => {
            ids(narrow).is_subset(&ids(wide)) && narrow["count"].as_i64() <= wide["count"].as_i64()
        }
        _ => false,
    };
    let told = || {
        let (document, about) = (report::document(&document), report::question(&pair.model, caller, &narrowed));
        format!("A further condition shows more.\n{document}\n\nwithout: {wide:?}\n\nwith: {narrow:?}\n\n{about}")
    };
    if fine { Ok(()) } else { Err(told()) }
}

fn ids(list: &Json) -> BTreeSet<String> {
    let edges = list["edges"].as_array().into_iter().flatten();
    edges.map(|edge| edge["node"]["objectId"].to_string()).collect()
}

/// A field to hide, and the permissions that hide it.
pub(crate) struct Hiding {
    class: ClassId,
    field: &'static str,
    clp: Clp,
}

/// Hides a field of the class that a question is about, or of another one.
pub(crate) fn hiding(generator: &mut Generator<'_>, question: &Question) -> Hiding {
    let class = match question {
        Question::Get { row, .. } => row.class,
        Question::List { class, .. } => *class,
    };
    let class = if generator.dice.percent(70) { class } else { generator.class() };
    let field = generator.protectable(class);
    Hiding { class, field, clp: generate::hide(generator, class, field) }
}

/// Hiding a field changes an answer by a refusal, or by nulls in place of the field, and in no other way.
pub(crate) async fn hiding_shows_nothing_else(
    pair: &mut Pair,
    caller: Caller,
    question: &Question,
    hiding: Hiding,
) -> Result<(), Difference> {
    let Hiding { class, field, clp } = hiding;
    let (document, before) = pair.reply(caller, question).await;
    pair.server.master(&render::permissions(&pair.model, class, &clp)).await;
    let (_, after) = pair.reply(caller, question).await;
    let old = pair.model.class(class).clp.clone();
    pair.server.master(&render::permissions(&pair.model, class, &old)).await;
    let fine = match (&before, &after) {
        (Reply::Broken(_), _) | (_, Reply::Broken(_)) => false,
        // What was refused before may be null now, or refused for another reason.
        (_, Reply::Refused(119)) | (Reply::Refused(_) | Reply::Partial(..), _) => true,
        (Reply::Data(before), Reply::Data(after)) => differs_by_nulls(Some(field), before, after),
        // A part that is refused makes null of what shows it.
        (Reply::Data(before), Reply::Partial(after, codes)) => {
            codes.contains(&119) && codes.len() == 1 && differs_by_nulls(None, before, after)
        }
        (Reply::Data(_), Reply::Refused(_)) => false,
    };
    let told = || {
        let name = pair.model.class(class).name;
        let (document, about) = (report::document(&document), report::question(&pair.model, caller, question));
        let clp = render::clp_json(&pair.model, &clp);
        format!(
            "Hiding {field} of {name} by {clp} shows.\n{document}\n\nbefore: {before:?}\n\nafter: {after:?}\n\n{about}"
        )
    };
    if fine { Ok(()) } else { Err(told()) }
}

/// The answers differ by nulls only, in place of one field, or of any.
fn differs_by_nulls(field: Option<&str>, before: &Json, after: &Json) -> bool {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            before.len() == after.len()
                && before.iter().all(|(key, old)| {
                    let new = &after[key];
                    (new.is_null() && field.is_none_or(|field| field == key)) || differs_by_nulls(field, old, new)
                })
        }
        (Json::Array(before), Json::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(old, new)| differs_by_nulls(field, old, new))
        }
        _ => before == after,
    }
}
