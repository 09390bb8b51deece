//! Rows of users: one's own, those of others, and one that is open to everybody.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::word;
use crate::harness::Client;
use crate::paths::Path;
use crate::table::Section;

/// A section for a user as everybody is at first, and one for a user whose row everybody may write.
pub(crate) async fn sections(cast: &Cast<'_>) -> Vec<Section> {
    let holder = hold(cast).await;
    let mut sections = Vec::new();
    for (title, open) in [
        ("the row of the named user, as it is at first", false),
        ("the row of the named user, which everybody may read and write", true),
    ] {
        let acl = json!({"ACL": {"public": {"read": open, "write": open}}, "email": "named@example.org"});
        let named = cast.server.user(&cast.named);
        named.query(UPDATE, json!({"id": cast.named.id, "fields": acl})).await.ok();
        let mut section = Section::new(title);
        for (column, caller) in cast.callers().into_iter().enumerate() {
            let own = column == 3;
            for path in reads(cast, &holder) {
                let answer = caller.query(&path.query, path.variables.clone()).await;
                section.push(path.label, word(&answer, &path.at));
            }
            for (label, cell) in writes(cast, &caller, own, open).await {
                section.push(label, cell);
            }
        }
        sections.push(section);
    }
    sections
}

const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";

/// An object that everybody reads and that points to the named user.
async fn hold(cast: &Cast<'_>) -> String {
    let input = json!({
        "name": "Poster",
        "schemaFields": {
            "addPointers": [{"name": "user", "targetClassName": "_User"}],
            "addRelations": [{"name": "users", "targetClassName": "_User"}],
        },
        "classLevelPermissions": crate::rules::all(&json!({"public": true})),
    });
    let create = "mutation ($input: CreateClassInput!) { createClass(input: $input) { class { name } } }";
    cast.must(create, json!({"input": input})).await;
    let fields = json!({
        "user": {"link": cast.named.id},
        "users": {"add": [cast.named.id]},
        "ACL": {"public": {"read": true, "write": true}},
    });
    cast.master.create("Poster", fields).await
}

fn reads(cast: &Cast<'_>, poster: &str) -> Vec<Path> {
    let by_id = |label, part: &str, at: &str| {
        Path::new(label, format!("query ($id: ID!) {{ user(id: $id) {{ {part} }} }}"), at)
            .with(json!({"id": cast.named.id}))
    };
    let list = |label, arguments: &str, part: &str| {
        Path::new(
            label,
            format!("{{ users({arguments}) {{ {part} }} }}"),
            if part == "count" { "users.count" } else { "users.edges" },
        )
    };
    let by_poster = |label, part: &str, at: &str| {
        Path::new(label, format!("query ($id: ID!) {{ poster(id: $id) {{ {part} }} }}"), at).with(json!({"id": poster}))
    };
    let (edges, named) = ("edges { node { username } }", "username: { equalTo: \"named\" }");
    vec![
        by_id("user:", "username", "user.username"),
        by_id("user: email", "email", "user.email"),
        by_id("user: authData", "authData", "user.authData"),
        Path::new("node:", "query ($id: ID!) { node(id: $id) { ... on User { username } } }".to_owned(), "node")
            .with(json!({"id": cast.named.id})),
        list("users:", &format!("where: {{ {named} }}"), edges),
        list("users: count", &format!("where: {{ {named} }}"), "count"),
        Path::new(
            "users: email",
            format!("{{ users(where: {{ {named} }}) {{ edges {{ node {{ email }} }} }} }}"),
            "users.edges.0.node.email",
        ),
        list("users: filter by email", "where: { email: { equalTo: \"named@example.org\" } }", edges),
        list("users: filter by authData", "where: { authData: { exists: false } }", edges),
        list("users: order by email", &format!("where: {{ {named} }}, order: [email_ASC]"), edges),
        list("users: order by email, count", &format!("where: {{ {named} }}, order: [email_ASC]"), "count"),
        by_poster("user, by a pointer", "user { username }", "poster.user"),
        by_poster("user, by a pointer: email", "user { email }", "poster.user.email"),
        by_poster("users, by a relation", "users { edges { node { username } } }", "poster.users.edges"),
        by_poster("users, by a relation: count", "users { count }", "poster.users.count"),
        Path::new(
            "users: have, by a pointer",
            format!("{{ posters(where: {{ user: {{ have: {{ {named} }} }} }}) {{ edges {{ node {{ id }} }} }} }}"),
            "posters.edges",
        ),
        Path::new(
            "users: have, by email",
            "{ posters(where: { user: { have: { email: { exists: true } } } }) { edges { node { id } } } }".to_owned(),
            "posters.edges",
        ),
    ]
}

/// Each caller writes to a user of the same kind as the named one, made for this; in the column of the named user it
/// is the caller's own.
async fn writes(cast: &Cast<'_>, caller: &Client, own: bool, open: bool) -> Vec<(&'static str, String)> {
    let victim = cast.server.sign_up("victim").await;
    let itself = cast.server.user(&victim);
    if open {
        let acl = json!({"ACL": {"public": {"read": true, "write": true}}});
        itself.query(UPDATE, json!({"id": victim.id, "fields": acl})).await.ok();
    }
    let caller = if own { &itself } else { caller };
    let update = async |fields: Value| {
        let answer = caller.query(UPDATE, json!({"id": victim.id, "fields": fields})).await;
        word(&answer, "updateUser.user.objectId")
    };
    let mut cells = vec![
        ("updateUser: username", update(json!({"username": "victim"})).await),
        ("updateUser: email", update(json!({"email": "victim@example.org"})).await),
        ("updateUser: emailVerified", update(json!({"emailVerified": true})).await),
        ("updateUser: ACL", update(json!({"ACL": {"public": {"read": open, "write": open}}})).await),
    ];
    let delete = "mutation ($id: ID!) { deleteUser(input: { id: $id }) { user { objectId } } }";
    let answer = caller.query(delete, json!({"id": victim.id})).await;
    cells.push(("deleteUser:", word(&answer, "deleteUser.user.objectId")));
    cast.master.query(delete, json!({"id": victim.id})).await;

    // A new password ends the caller's session if it is its own, so it comes last, to a user of its own.
    let victim = cast.server.sign_up("victim").await;
    let itself = cast.server.user(&victim);
    if open {
        let acl = json!({"ACL": {"public": {"read": true, "write": true}}});
        itself.query(UPDATE, json!({"id": victim.id, "fields": acl})).await.ok();
    }
    let caller = if own { &itself } else { caller };
    let fields = json!({"password": victim.password});
    let answer = caller.query(UPDATE, json!({"id": victim.id, "fields": fields})).await;
    cells.push(("updateUser: password, the present one", word(&answer, "updateUser.user.objectId")));
    let fields = json!({"password": "another secret"});
    let answer = caller.query(UPDATE, json!({"id": victim.id, "fields": fields})).await;
    cells.push(("updateUser: password", word(&answer, "updateUser.user.objectId")));
    cast.master.query(delete, json!({"id": victim.id})).await;
    cells
}
