//! One case each: the server's answer beside the model's.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{Answer, Caller, ClassId, Cursor, Faults, Model, Question, RowId, normalise};
use crate::render::{self, Document};
use crate::server::{Reply, Server};
use crate::{report, shrink};

/// How many smaller questions are tried for one that is answered wrongly.
const SHRINKING: usize = 300;

/// A database, and what should be in it.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) model: Model,
}

/// A difference, in words.
pub(crate) type Difference = String;

impl Pair {
    /// Asks a question, and says how the answer is wrong, for the smallest question that is still answered wrongly.
    pub(crate) async fn question(&self, caller: Caller, question: &Question) -> Result<(), Difference> {
        let Some(mut wrong) = self.wrong(caller, question).await else { return Ok(()) };
        let mut smallest = question.clone();
        let mut tried = 0;
        'smaller: while tried < SHRINKING {
            for candidate in shrink::question(&smallest) {
                tried += 1;
                if let Some(still) = self.wrong(caller, &candidate).await {
                    (smallest, wrong) = (candidate, still);
                    continue 'smaller;
                }
            }
            break;
        }
        let about = report::question(&self.model, caller, &smallest);
        Err(format!("{wrong}\n\n{about}"))
    }

    /// How the answer to a question is wrong, if it is.
    async fn wrong(&self, caller: Caller, question: &Question) -> Option<Difference> {
        let document = self.document(question).await;
        let expected = self.model.seen_by(caller).answer(question);
        let got = self.server.ask(caller, &document).await;
        compare(&document, &expected, &got)
    }

    /// What the server says to a question.
    pub(crate) async fn reply(&self, caller: Caller, question: &Question) -> (Document, Reply) {
        let document = self.document(question).await;
        let reply = self.server.ask(caller, &document).await;
        (document, reply)
    }

    /// A question as a document. Cursors are those that the master sees.
    async fn document(&self, question: &Question) -> Document {
        let mut cursors: BTreeMap<RowId, String> = BTreeMap::new();
        if let Question::List { list, .. } = question {
            for place in [list.page.after, list.page.before] {
                if let Some(Cursor::At(row)) = place {
                    let found = self.server.master(&render::cursor_of(&self.model, row, &list.order)).await;
                    cursors.insert(row, found["edges"][0]["cursor"].as_str().expect("a cursor").to_owned());
                }
            }
        }
        render::question(&self.model, question, |cursor| match cursor {
            Cursor::At(row) => cursors[&row].clone(),
            Cursor::Nonsense => "nonsense".to_owned(),
        })
    }

    /// Compares all rows of some classes, as the master sees them.
    pub(crate) async fn contents(&self, classes: impl IntoIterator<Item = ClassId>) -> Result<(), Difference> {
        for class in classes {
            let all = crate::world::everything(&self.model, class);
            if let Some(wrong) = self.wrong(Caller::Master, &all).await {
                return Err(format!("The rows are not what they should be. {wrong}"));
            }
        }
        Ok(())
    }
}

/// How a reply differs from what it should be.
pub(crate) fn compare(document: &Document, expected: &Result<Answer, Faults>, got: &Reply) -> Option<Difference> {
    let right = match (expected, got) {
        (Ok(expected), Reply::Data(data)) => expected.faults.is_empty() && same(&expected.data, data),
        (Ok(expected), Reply::Partial(data, codes)) => codes.is_subset(&expected.faults) && same(&expected.data, data),
        (Err(faults), Reply::Refused(code)) => faults.contains(code),
        (Ok(_), Reply::Refused(_)) | (Err(_), Reply::Data(_) | Reply::Partial(..)) | (_, Reply::Broken(_)) => false,
    };
    let expected = match expected {
        Ok(Answer { data, faults }) if faults.is_empty() => format!("{data:#}"),
        Ok(Answer { data, faults }) => format!("any of the errors {faults:?} beside {data:#}"),
        Err(codes) => format!("a refusal, any of {codes:?}"),
    };
    let got = match got {
        Reply::Data(data) => format!("{data:#}"),
        Reply::Partial(data, codes) => format!("the errors {codes:?} beside {data:#}"),
        Reply::Refused(code) => format!("the refusal {code}"),
        Reply::Broken(body) => format!("no proper answer: {body:#}"),
    };
    (!right).then(|| format!("{}\n\nexpected: {expected}\n\ngot: {got}", report::document(document)))
}

fn same(one: &Json, other: &Json) -> bool {
    normalise(one.clone()) == normalise(other.clone())
}
