//! The advisories of Parse Server, tried on this server.
//!
//! `docs/advisories.md` has a row for each of them. A test is named after the advisory that it is about: `adv_` and the first
//! eight letters of its id. Those that need no more than a line share a test, and each case names its advisory.

mod accounts;
mod credentials;
mod files;
mod hidden;
mod injection;
mod keys;
mod load;
mod names;
mod pages;
mod routes;
mod secrets;
mod sessions;
mod side_paths;
mod surface;
mod table;

use serde_json::Value;

use crate::harness::{Answer, Client, Server};

/// What a whole user shows.
const WHOLE_USER: &str = "id objectId createdAt updatedAt username email emailVerified authData authDataResponse
    ACL { public { read write } users { userId } roles { roleName } }";

const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken user { objectId } } }
}";

/// The answer has errors, and all of them this code.
#[track_caller]
fn refused(answer: &Answer, code: impl Into<Value>, what: &str) {
    let (codes, code) = (answer.codes(), code.into());
    assert!(!codes.is_empty() && codes.iter().all(|got| *got == code), "{what}: {code} expected, not {}", answer.body);
}

/// The server is alive, and answers.
async fn is_alive(server: &Server) {
    assert_eq!(server.anonymous().query("{ health }", Value::Null).await.data("health"), true);
}

/// How many objects of a class there are, for the master key.
async fn count(server: &Server, list: &str) -> i64 {
    let answer = server.master().query(&format!("{{ {list} {{ count }} }}"), Value::Null).await;
    answer.data(&format!("{list}.count")).as_i64().unwrap()
}

/// The session of signing in as an anonymous user.
async fn sign_in_anonymously(caller: &Client, id: &Value) -> Answer {
    let text = "mutation ($authData: Object!) {
        logInWith(input: { authData: $authData }) { viewer { sessionToken user { id objectId username } } }
    }";
    caller.query(text, serde_json::json!({"authData": {"anonymous": {"id": id}}})).await
}
