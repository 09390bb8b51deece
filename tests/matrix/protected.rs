//! Protected fields, on every path.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::{checked, word};
use crate::harness::Client;
use crate::kinds;
use crate::paths::{Path, after};
use crate::rules::{Row, Rule, all, but};
use crate::scene::{Scene, stage};
use crate::table::Section;

/// A section for each way to protect all fields but `text` and the owners, in a class that is open to everybody.
pub(crate) async fn sections(cast: &Cast<'_>) -> Vec<Section> {
    let scenes = stage(cast, "Keeper", &rules(cast)).await;
    futures::future::join_all(scenes.iter().map(|scene| section(cast, scene))).await
}

fn rules(cast: &Cast<'_>) -> Vec<Rule> {
    let fields = ["secret", "friend", "friends", "file", "things"];
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
    paths.extend(kinds::paths(scene));
    paths.push(after(cast, scene, "secret").await);
    for caller in cast.callers() {
        for path in &paths {
            let answer = caller.query(&path.query, path.variables.clone()).await;
            section.push(path.label, word(&answer, &path.at));
        }
        for (path, node) in cursors(scene) {
            section.push(path.label, carried(&caller, &path, node).await);
        }
        let victim = scene.create_row(cast, "victim").await;
        let writes =
            [create(scene), update(scene), delete(scene, &victim), create_and_link(scene), create_and_add(scene)];
        for path in writes {
            section.push(path.label, attempt(cast, scene, &caller, &path).await);
        }
        scene.reset(cast).await;
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

fn delete(scene: &Scene, victim: &str) -> Path {
    let Scene { class, get, .. } = scene;
    let query = format!("mutation ($id: ID!) {{ delete{class}(input: {{ id: $id }}) {{ {get} {{ secret }} }} }}");
    Path::new("delete, with its answer", query, format!("delete{class}.{get}.secret")).with(json!({"id": victim}))
}

fn create_and_link(scene: &Scene) -> Path {
    let Scene { holder_class, holder, one, .. } = scene;
    let query = format!(
        "mutation {{ create{holder_class}(input: {{ fields: {{
            text: \"new {one}\", {one}: {{ createAndLink: {{ text: \"new\", secret: \"new\" }} }} }}
        }}) {{ {holder} {{ {one} {{ secret }} }} }} }}"
    );
    Path::new("createAndLink, with its answer", query, format!("create{holder_class}.{holder}.{one}.secret"))
}

fn create_and_add(scene: &Scene) -> Path {
    let Scene { holder_class, holder, many, holder_id, .. } = scene;
    let query = format!(
        "mutation ($id: ID!) {{ update{holder_class}(input: {{ id: $id, fields: {{
            {many}: {{ createAndAdd: [{{ text: \"new\", secret: \"new\" }}] }} }}
        }}) {{ {holder} {{ {many}(where: {{ text: {{ equalTo: \"new\" }} }}) {{ edges {{ node {{ secret }} }} }} }} }} }}"
    );
    Path::new(
        "createAndAdd, with its answer",
        query,
        format!("update{holder_class}.{holder}.{many}.edges.0.node.secret"),
    )
    .with(json!({"id": holder_id}))
}

/// Lists whose cursors are looked into, and where they have them.
fn cursors(scene: &Scene) -> [(Path, String); 3] {
    let Scene { find, holder, many, holder_id, .. } = scene;
    let part = "edges { cursor } pageInfo { startCursor endCursor }";
    let list = |label, order: &str| {
        let query = format!("{{ {find}(order: [{order}]) {{ {part} }} }}");
        (Path::new(label, query, format!("{find}.edges")), find.clone())
    };
    let query = format!("query ($id: ID!) {{ {holder}(id: $id) {{ {many}(order: [secret_ASC]) {{ {part} }} }} }}");
    let relation = Path::new("cursors of a relation, decoded", query, format!("{holder}.{many}.edges"));
    [
        list("cursors, decoded", "secret_ASC"),
        (relation.with(json!({"id": holder_id})), format!("{holder}.{many}")),
        list("cursors of another order, decoded", "text_ASC"),
    ]
}

/// Whether the cursors of a list carry the value: `yes`, or `empty` if they do not.
async fn carried(caller: &Client, path: &Path, list: String) -> String {
    let answer = caller.query(&path.query, path.variables.clone()).await;
    let cell = word(&answer, &path.at);
    if cell != "yes" {
        return cell;
    }
    let list = answer.data(&list);
    let edges = list["edges"].as_array().unwrap().iter().map(|edge| &edge["cursor"]);
    let mut cursors = edges.chain([&list["pageInfo"]["startCursor"], &list["pageInfo"]["endCursor"]]);
    let shows = |cursor: &Value| {
        let bytes = URL_SAFE_NO_PAD.decode(cursor.as_str().unwrap()).unwrap();
        String::from_utf8(bytes).unwrap().contains("secret")
    };
    if cursors.any(shows) { cell } else { "empty".to_owned() }
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
