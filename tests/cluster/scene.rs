//! What the tests of several servers have in common: callers, questions, and the second after which a change is in force.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::harness::{Answer, Client, Server};

/// What must work in the end is waited for so long. Generous: other tests run at the same time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Until the second in which a change may not be in force yet is over. A request that is sent from now on must obey it, however
/// busy the machine is, because a server that knows nothing newer asks the database first.
pub(crate) async fn a_second() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "it does not happen in time that {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The texts of the objects of a class that a caller finds, or the code of the refusal.
pub(crate) async fn texts(caller: &Client, list: &str) -> Result<Vec<Value>, i64> {
    let answer = find(caller, list, "").await;
    if answer.codes().is_empty() { Ok(answer.each(list, "text")) } else { Err(answer.code()) }
}

/// Asks for all objects of a class, with further arguments.
pub(crate) async fn find(caller: &Client, list: &str, arguments: &str) -> Answer {
    let query = format!("{{ {list}(order: [text_ASC] {arguments}) {{ edges {{ node {{ id text }} }} }} }}");
    caller.query(&query, Value::Null).await
}

/// Gives an object of the class `Note` another ACL.
pub(crate) async fn set_acl(server: &Server, note: &str, acl: Value) {
    let update = "mutation ($id: ID!, $fields: UpdateNoteFieldsInput) {
        updateNote(input: { id: $id, fields: $fields }) { note { id } }
    }";
    server.master().query(update, json!({"id": note, "fields": {"ACL": acl}})).await.ok();
}

/// An ACL that lets everybody read, or nobody.
pub(crate) fn readable(by_everybody: bool) -> Value {
    json!({"public": {"read": by_everybody, "write": false}})
}
