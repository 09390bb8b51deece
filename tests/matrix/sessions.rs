//! Sessions: everybody's own only.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::word;
use crate::harness::Client;
use crate::paths::Path;
use crate::table::Section;

const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
}";

/// What everybody can do with a session of the named user, which is not the one that asks.
pub(crate) async fn section(cast: &Cast<'_>) -> Section {
    let mut section = Section::new("a session of the named user");
    let target = open(cast).await;
    for caller in cast.callers() {
        for path in reads(cast, &target) {
            let answer = caller.query(&path.query, path.variables.clone()).await;
            section.push(path.label, word(&answer, &path.at));
        }
        for (label, cell) in writes(cast, &caller).await {
            section.push(label, cell);
        }
    }
    section
}

/// Opens a session of the named user, and gives its id.
async fn open(cast: &Cast<'_>) -> String {
    let credentials = json!({"username": cast.named.username, "password": cast.named.password});
    let token = cast.server.anonymous().query(LOG_IN, credentials).await.text("logIn.viewer.sessionToken");
    let mine = "{ sessions(order: [createdAt_DESC], first: 1) { edges { node { id } } } }";
    let session = cast.server.session(&token).query(mine, Value::Null).await;
    session.text("sessions.edges.0.node.id")
}

fn reads(cast: &Cast<'_>, target: &str) -> Vec<Path> {
    let by_id = |label, query: &str, at: &str| {
        Path::new(label, format!("query ($id: ID!) {{ {query} }}"), at).with(json!({"id": target}))
    };
    let list = |label, part: &str, at: &str| {
        let query = format!("query ($id: ID!) {{ sessions(where: {{ id: {{ equalTo: $id }} }}) {{ {part} }} }}");
        Path::new(label, query, at).with(json!({"id": target}))
    };
    let token = json!({"token": cast.named.token});
    vec![
        by_id("session:", "session(id: $id) { createdWith }", "session.createdWith"),
        by_id("session: sessionToken", "session(id: $id) { sessionToken }", "session.sessionToken"),
        by_id("session: user", "session(id: $id) { user { username } }", "session.user"),
        by_id("node: a session", "node(id: $id) { id }", "node"),
        list("sessions:", "edges { node { createdWith } }", "sessions.edges"),
        list("sessions: count", "count", "sessions.count"),
        list("sessions: sessionToken", "edges { node { sessionToken } }", "sessions.edges.0.node.sessionToken"),
        Path::new(
            "sessions: filter by sessionToken",
            "query ($token: String!) { sessions(where: { sessionToken: { equalTo: $token } }) { edges { node { id } } } }".to_owned(),
            "sessions.edges",
        )
        .with(token),
        Path::new(
            "sessions: order by sessionToken",
            "{ sessions(order: [sessionToken_ASC]) { edges { node { id } } } }".to_owned(),
            "sessions.edges",
        ),
        Path::new(
            "sessions: have, by user",
            "{ sessions(where: { user: { have: { username: { equalTo: \"named\" } } } }) { edges { node { id } } } }".to_owned(),
            "sessions.edges",
        ),
    ]
}

async fn writes(cast: &Cast<'_>, caller: &Client) -> Vec<(&'static str, String)> {
    let target = open(cast).await;
    let update = "mutation ($id: ID!, $fields: UpdateSessionFieldsInput) {
        updateSession(input: { id: $id, fields: $fields }) { session { objectId } }
    }";
    let update = async |fields: Value| {
        let answer = caller.query(update, json!({"id": target, "fields": fields})).await;
        word(&answer, "updateSession.session.objectId")
    };
    let mut cells = vec![
        ("updateSession: nothing", update(json!({})).await),
        ("updateSession: expiresAt", update(json!({"expiresAt": "2999-01-01T00:00:00.000Z"})).await),
        ("updateSession: user", update(json!({"user": {"link": cast.stranger.id}})).await),
        ("updateSession: sessionToken", update(json!({"sessionToken": "r:0"})).await),
        ("updateSession: ACL", update(json!({"ACL": {"public": {"read": true, "write": true}}})).await),
    ];
    let delete = "mutation ($id: ID!) { deleteSession(input: { id: $id }) { session { objectId } } }";
    let answer = caller.query(delete, json!({"id": target})).await;
    cells.push(("deleteSession:", word(&answer, "deleteSession.session.objectId")));
    cast.master.query(delete, json!({"id": target})).await;

    let create = "mutation ($fields: CreateSessionFieldsInput) {
        createSession(input: { fields: $fields }) { session { objectId user { objectId } } }
    }";
    let fields = json!({"user": {"link": cast.named.id}});
    let answer = caller.query(create, json!({"fields": fields})).await;
    cells.push(("createSession:", word(&answer, "createSession.session.objectId")));
    let of_named =
        answer.json.pointer("/data/createSession/session/user/objectId") == Some(&json!(cast.named.object_id));
    cells.push(("createSession: for the named user", if of_named { "yes" } else { "no" }.to_owned()));
    cells
}
