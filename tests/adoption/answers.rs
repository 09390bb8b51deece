//! Every answer that the Parse Server gave is given again, but for the differences in `differences.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::dump::{on_a_parse_database, program, take_over};
use super::harness::{Answer, Client, Database, Server};

#[derive(Deserialize)]
struct Recorded {
    callers: BTreeMap<String, Caller>,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Caller {
    session_token: Option<String>,
    #[serde(default)]
    master_key: bool,
}

#[derive(Deserialize)]
struct Question {
    name: String,
    query: String,
    answers: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    status: u16,
    body: Value,
}

/// What Portcullis answers differently on purpose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    question: String,
    caller: String,
    /// Why.
    reason: String,
    /// What it answers instead.
    data: Value,
}

#[tokio::test]
async fn recorded_answers_are_given_again() {
    on_a_parse_database(compare).await;
}

#[tokio::test]
async fn recorded_answers_are_given_again_after_the_adoption() {
    on_a_parse_database(async |database| {
        let finished = program(database).finish("adopt").await;
        assert!(finished.status.success(), "{finished:?}");
        compare(database).await;
    })
    .await;
}

async fn compare(database: &Database) {
    let server = take_over(database).await;
    let recorded: Recorded = serde_json::from_str(include_str!("answers.json")).unwrap();
    let mut differences: Vec<Difference> = serde_json::from_str(include_str!("differences.json")).unwrap();
    let (mut asked, mut mistakes) = (0, Vec::new());
    for question in &recorded.questions {
        for (caller, expected) in &question.answers {
            let answer = client(&server, &recorded.callers[caller]).query(&question.query, Value::Null).await;
            asked += 1;
            let same = is_same(expected, &answer);
            let is_this = |known: &Difference| known.question == question.name && known.caller == *caller;
            let difference = differences.iter().position(is_this).map(|at| differences.remove(at));
            let told = format!("{} by {caller}: {}", question.name, answer.body);
            match difference {
                None if !same => mistakes.push(told),
                Some(_) if same => mistakes.push(format!("no difference any more: {told}")),
                Some(known) if known.reason.is_empty() => mistakes.push(format!("no reason: {told}")),
                Some(known) if answer.json.get("data") != Some(&known.data) => mistakes.push(told),
                None | Some(_) => {}
            }
        }
    }
    mistakes.extend(differences.iter().map(|left| format!("never asked: {} by {}", left.question, left.caller)));
    assert!(mistakes.is_empty(), "{} of {asked} answers:\n{}", mistakes.len(), mistakes.join("\n"));
    assert_eq!(asked, 96);
}

fn client(server: &Server, caller: &Caller) -> Client {
    match &caller.session_token {
        _ if caller.master_key => server.master(),
        Some(token) => server.session(token),
        None => server.anonymous(),
    }
}

/// The order of keys does not matter; of errors, path and code count.
fn is_same(expected: &Expected, answer: &Answer) -> bool {
    let errors = |body: &Value| body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let (wanted, given) = (errors(&expected.body), errors(&answer.json));
    expected.status == answer.status
        && expected.body.get("data") == answer.json.get("data")
        && wanted.len() == given.len()
        && wanted.iter().all(|wanted| given.iter().any(|given| is_same_error(wanted, given)))
}

/// A denial inside a nested relation is an internal error of Parse Server; here it has the number of the denial.
fn is_same_error(wanted: &Value, given: &Value) -> bool {
    let code = given.pointer("/extensions/code");
    wanted["path"] == given["path"] && (wanted["code"] == "INTERNAL_SERVER_ERROR" || Some(&wanted["code"]) == code)
}
