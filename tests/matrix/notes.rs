//! Permissions of classes and ACLs of rows, on every path.

use serde_json::json;

use crate::cast::Cast;
use crate::cell::{checked, word};
use crate::harness::Client;
use crate::paths::{Path, reads};
use crate::rules::rules;
use crate::scene::{Scene, stage};
use crate::table::Section;

/// A section for each rule. Rules are played at the same time, for each has a class of its own.
pub(crate) async fn sections(cast: &Cast<'_>) -> Vec<Section> {
    let scenes = stage(cast, "Holder", &rules(cast)).await;
    futures::future::join_all(scenes.iter().map(|scene| section(cast, scene))).await
}

async fn section(cast: &Cast<'_>, scene: &Scene) -> Section {
    let mut section = Section::new(scene.title);
    let reads = reads(cast, scene).await;
    for caller in cast.callers() {
        for path in &reads {
            let answer = caller.query(&path.query, path.variables.clone()).await;
            section.push(path.label, word(&answer, &path.at));
        }
        for (label, cell) in writes(cast, scene, &caller).await {
            section.push(label, cell);
        }
    }
    section
}

/// Tries every way to write. After each, the rows are looked at, and put back if they have changed.
async fn writes(cast: &Cast<'_>, scene: &Scene, caller: &Client) -> Vec<(&'static str, String)> {
    let victim = scene.create_row(cast, "victim").await;
    let mut cells = Vec::new();
    let mut before = scene.rows(cast).await;
    for path in [delete(scene, &victim), create(scene), update(scene), create_and_link(scene), create_and_add(scene)] {
        let cell = attempt(caller, &path).await;
        let changed = scene.rows(cast).await != before;
        cells.push((path.label, checked(cell, changed)));
        if changed {
            scene.reset(cast).await;
            before = scene.rows(cast).await;
        }
    }
    scene.reset(cast).await;
    cells
}

async fn attempt(caller: &Client, path: &Path) -> String {
    word(&caller.query(&path.query, path.variables.clone()).await, &path.at)
}

fn create(scene: &Scene) -> Path {
    let Scene { class, get, .. } = scene;
    let query =
        format!("mutation {{ create{class}(input: {{ fields: {{ text: \"new\" }} }}) {{ {get} {{ text }} }} }}");
    Path::new("create", query, format!("create{class}.{get}.text"))
}

fn update(scene: &Scene) -> Path {
    let Scene { class, get, b, .. } = scene;
    let query = format!(
        "mutation ($id: ID!) {{
            update{class}(input: {{ id: $id, fields: {{ secret: \"changed\" }} }}) {{ {get} {{ text }} }} }}"
    );
    Path::new("update", query, format!("update{class}.{get}.text")).with(json!({"id": b}))
}

fn delete(scene: &Scene, victim: &str) -> Path {
    let Scene { class, get, .. } = scene;
    let query = format!("mutation ($id: ID!) {{ delete{class}(input: {{ id: $id }}) {{ {get} {{ text }} }} }}");
    Path::new("delete", query, format!("delete{class}.{get}.text")).with(json!({"id": victim}))
}

fn create_and_link(scene: &Scene) -> Path {
    let Scene { holder_class, holder, one, .. } = scene;
    let query = format!(
        "mutation {{ create{holder_class}(input: {{ fields: {{
            text: \"new {one}\", {one}: {{ createAndLink: {{ text: \"new\" }} }} }} }}) {{ {holder} {{ {one} {{ text }} }} }} }}"
    );
    Path::new("createAndLink", query, format!("create{holder_class}.{holder}.{one}"))
}

fn create_and_add(scene: &Scene) -> Path {
    let Scene { holder_class, holder, many, holder_id, .. } = scene;
    let query = format!(
        "mutation ($id: ID!) {{ update{holder_class}(input: {{ id: $id, fields: {{
            {many}: {{ createAndAdd: [{{ text: \"new\" }}] }} }} }}) {{ {holder} {{ {many}(where: {{ text: {{ equalTo: \"new\" }} }}) {{ edges {{ node {{ text }} }} }} }} }} }}"
    );
    Path::new("createAndAdd", query, format!("update{holder_class}.{holder}.{many}.edges"))
        .with(json!({"id": holder_id}))
}
