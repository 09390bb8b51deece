//! Protected fields, on every path.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::{checked, word};
use crate::harness::Client;
use crate::paths::{Path, after};
use crate::rules::{Row, Rule, all, but};
use crate::scene::{Scene, stage};
use crate::table::Section;

/// A section for each way to protect the fields `secret`, `friend` and `friends` in a class that is open to everybody.
pub(crate) async fn sections(cast: &Cast<'_>) -> Vec<Section> {
    let scenes = stage(cast, "Keeper", &rules(cast)).await;
    futures::future::join_all(scenes.iter().map(|scene| section(cast, scene))).await
}

fn rules(cast: &Cast<'_>) -> Vec<Rule> {
    let fields = ["secret", "friend", "friends"];
    let rule = |name, title, groups: Value| Rule {
        name,
        title,
        permissions: but(all(&json!({"public": true})), &json!({"protectedFields": groups})),
        row: Row::Public,
    };
    let everybody = json!({"public": true, "fields": fields});
    let signed_in = json!({"authenticated": true, "fields": fields});
    let nothing = |mut group: Value| {
        group["fields"] = json!([]);
        group
    };
    let owner = || json!({"userField": "owner"});
    let team = || json!({"role": "Team"});
    vec![
        rule("HiddenAll", "protected from everybody", json!([everybody])),
        rule(
            "HiddenAnonymous",
            "protected from everybody, not from signed-in users",
            json!([everybody, nothing(json!({"authenticated": true}))]),
        ),
        rule(
            "HiddenUser",
            "protected from everybody, not from the named user",
            json!([everybody, nothing(json!({"user": cast.named.id}))]),
        ),
        rule("HiddenRole", "protected from everybody, not from the role Team", json!([everybody, nothing(team())])),
        rule(
            "HiddenChild",
            "protected from signed-in users, not from the role Juniors",
            json!([signed_in, nothing(json!({"role": "Juniors"}))]),
        ),
        rule(
            "HiddenOwner",
            "protected from everybody, not from the user in owner",
            json!([everybody, nothing(owner())]),
        ),
        rule(
            "HiddenOwners",
            "protected from everybody, not from the users in owners",
            json!([everybody, nothing(json!({"userField": "owners"}))]),
        ),
        rule("HiddenFromOwner", "protected from the user in owner", json!([{"userField": "owner", "fields": fields}])),
        rule(
            "HiddenOther",
            "protected from everybody, other fields from Team",
            json!([everybody, {"role": "Team", "fields": ["text"]}]),
        ),
    ]
}

async fn section(cast: &Cast<'_>, scene: &Scene) -> Section {
    let mut section = Section::new(scene.title);
    let mut paths = values(scene);
    paths.extend(conditions(scene));
    paths.extend(links(scene));
    paths.push(after(cast, scene, "secret").await);
    for caller in cast.callers() {
        for path in &paths {
            let answer = caller.query(&path.query, path.variables.clone()).await;
            section.push(path.label, word(&answer, &path.at));
        }
        for path in [create(scene), update(scene)] {
            section.push(path.label, attempt(cast, scene, &caller, &path).await);
        }
    }
    section
}

/// Ways to see the value.
fn values(scene: &Scene) -> Vec<Path> {
    let Scene { class, get, find, holder, one, many, b, holder_id, .. } = scene;
    let by_id = |label, query: &str, at: String| {
        Path::new(label, format!("query ($id: ID!) {{ {query} }}"), at).with(json!({"id": b}))
    };
    let by_holder = |label, part: &str, at: &str| {
        let query = format!("query ($id: ID!) {{ {holder}(id: $id) {{ {part} }} }}");
        Path::new(label, query, format!("{holder}.{at}")).with(json!({"id": holder_id}))
    };
    vec![
        by_id("get", &format!("{get}(id: $id) {{ secret }}"), format!("{get}.secret")),
        by_id("node", &format!("node(id: $id) {{ ... on {class} {{ secret }} }}"), "node.secret".to_owned()),
        Path::new(
            "find",
            format!("{{ {find} {{ edges {{ node {{ secret }} }} }} }}"),
            format!("{find}.edges.1.node.secret"),
        ),
        by_holder("pointer", &format!("{one} {{ secret }}"), &format!("{one}.secret")),
        by_holder(
            "relation",
            &format!("{many} {{ edges {{ node {{ secret }} }} }}"),
            &format!("{many}.edges.1.node.secret"),
        ),
    ]
}

/// Ways to find out the value.
fn conditions(scene: &Scene) -> Vec<Path> {
    let Scene { find, holder, one, many, class, .. } = scene;
    let list = |label, list: &str, arguments: &str| {
        Path::new(label, format!("{{ {list}({arguments}) {{ edges {{ node {{ id }} }} }} }}"), format!("{list}.edges"))
    };
    let holders = format!("{holder}s");
    let is_b = "secret: { equalTo: \"secret b\" }";
    vec![
        list("filter", find, &format!("where: {{ {is_b} }}")),
        list("filter in OR in NOR", find, &format!("where: {{ NOR: [{{ OR: [{{ {is_b} }}] }}] }}")),
        list("filter, exists", find, "where: { secret: { exists: true } }"),
        list("filter, matchesRegex", find, "where: { secret: { matchesRegex: \"^secret b\" } }"),
        Path::new("filter, count", format!("{{ {find}(where: {{ {is_b} }}) {{ count }} }}"), format!("{find}.count")),
        list("order", find, "order: [text_ASC, secret_ASC]"),
        Path::new("order, count", format!("{{ {find}(order: [secret_ASC]) {{ count }} }}"), format!("{find}.count")),
        list("have, by pointer", &holders, &format!("where: {{ {one}: {{ have: {{ {is_b} }} }} }}")),
        list(
            "haveNot, by relation",
            &holders,
            &format!("where: {{ {many}: {{ haveNot: {{ secret: {{ equalTo: \"x\" }} }} }} }}"),
        ),
        list(
            "inQueryKey, its key",
            &holders,
            &format!(
                "where: {{ text: {{ notInQueryKey: {{ query: {{ className: \"{class}\", where: {{}} }}, key: \"secret\" }} }} }}"
            ),
        ),
        list(
            "inQueryKey, its where",
            &holders,
            &format!(
                "where: {{ text: {{ inQueryKey: {{ query: {{ className: \"{class}\", where: {{ secret: \"secret b\" }} }}, key: \"text\" }} }} }}"
            ),
        ),
        list(
            "inQueryKey, the field",
            find,
            &format!(
                "where: {{ secret: {{ inQueryKey: {{ query: {{ className: \"{class}\", where: {{}} }}, key: \"secret\" }} }} }}"
            ),
        ),
    ]
}

/// Protected pointers and relations.
fn links(scene: &Scene) -> Vec<Path> {
    let Scene { get, find, b, .. } = scene;
    let by_id = |label, part: &str, at: &str| {
        let query = format!("query ($id: ID!) {{ {get}(id: $id) {{ {part} }} }}");
        Path::new(label, query, format!("{get}.{at}")).with(json!({"id": b}))
    };
    let list = |label, condition: &str| {
        let query = format!("{{ {find}(where: {{ {condition} }}) {{ edges {{ node {{ id }} }} }} }}");
        Path::new(label, query, format!("{find}.edges"))
    };
    vec![
        by_id("protected pointer", "friend { text }", "friend"),
        by_id("protected relation", "friends { edges { node { text } } }", "friends.edges"),
        by_id("protected relation, count", "friends { count }", "friends.count"),
        list("protected pointer, have", "friend: { have: { text: { equalTo: \"thing\" } } }"),
        list("protected pointer, exists", "friend: { exists: true }"),
        list("protected relation, have", "friends: { have: { text: { equalTo: \"thing\" } } }"),
    ]
}

fn create(scene: &Scene) -> Path {
    let Scene { class, get, .. } = scene;
    let query = format!(
        "mutation {{ create{class}(input: {{ fields: {{ text: \"new\", secret: \"new\" }} }}) {{ {get} {{ secret }} }} }}"
    );
    Path::new("create, with its answer", query, format!("create{class}.{get}.secret"))
}

fn update(scene: &Scene) -> Path {
    let Scene { class, get, b, .. } = scene;
    let query = format!(
        "mutation ($id: ID!) {{
            update{class}(input: {{ id: $id, fields: {{ secret: \"changed\" }} }}) {{ {get} {{ secret }} }} }}"
    );
    Path::new("update, with its answer", query, format!("update{class}.{get}.secret")).with(json!({"id": b}))
}

async fn attempt(cast: &Cast<'_>, scene: &Scene, caller: &Client, path: &Path) -> String {
    let before = scene.rows(cast).await;
    let cell = word(&caller.query(&path.query, path.variables.clone()).await, &path.at);
    let changed = scene.rows(cast).await != before;
    if changed {
        scene.reset(cast).await;
    }
    checked(cell, changed)
}
