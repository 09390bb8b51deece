//! The ways to rows.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::scene::Scene;

/// A request, and where its answer has what counts.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) label: &'static str,
    pub(crate) query: String,
    pub(crate) variables: Value,
    pub(crate) at: String,
}

impl Path {
    pub(crate) fn new(label: &'static str, query: String, at: impl Into<String>) -> Self {
        Self { label, query, variables: Value::Null, at: at.into() }
    }

    pub(crate) fn with(self, variables: Value) -> Self {
        Self { variables, ..self }
    }
}

/// Every way to read rows of the scene.
pub(crate) async fn reads(cast: &Cast<'_>, scene: &Scene) -> Vec<Path> {
    let mut paths = direct(scene);
    paths.extend(by_holder(scene));
    paths.extend(by_conditions(scene));
    paths.extend(of_kinds(scene));
    paths.push(after(cast, scene, "text").await);
    paths
}

fn direct(scene: &Scene) -> Vec<Path> {
    let Scene { get, find, b, .. } = scene;
    let edges = format!("{find}.edges");
    let list = |label, arguments: &str, part: &str, at: &str| {
        Path::new(label, format!("{{ {find}{arguments} {{ {part} }} }}"), format!("{find}.{at}"))
    };
    let id = || json!({"id": b});
    vec![
        Path::new("get", format!("query ($id: ID!) {{ {get}(id: $id) {{ text }} }}"), format!("{get}.text")).with(id()),
        Path::new("node", "query ($id: ID!) { node(id: $id) { id } }".to_owned(), "node").with(id()),
        list("find", "", "edges { node { text } }", "edges"),
        Path::new(
            "find by id",
            format!(
                "query ($id: ID!) {{ {find}(where: {{ id: {{ equalTo: $id }} }}) {{ edges {{ node {{ text }} }} }} }}"
            ),
            edges,
        )
        .with(id()),
        list("count", "", "count", "count"),
        list("find and count", "", "count edges { node { text } }", "edges"),
        list("pageInfo", "(first: 0)", "pageInfo { hasNextPage }", "pageInfo.hasNextPage"),
    ]
}

fn by_holder(scene: &Scene) -> Vec<Path> {
    let Scene { holder, one, many, holder_id, .. } = scene;
    let path = |label, part: &str, at: &str| {
        let query = format!("query ($id: ID!) {{ {holder}(id: $id) {{ {part} }} }}");
        Path::new(label, query, format!("{holder}.{at}")).with(json!({"id": holder_id}))
    };
    vec![
        path("pointer", &format!("{one} {{ text }}"), one),
        path("relation", &format!("{many} {{ edges {{ node {{ text }} }} }}"), &format!("{many}.edges")),
        path("relation, count", &format!("{many} {{ count }}"), &format!("{many}.count")),
    ]
}

fn by_conditions(scene: &Scene) -> Vec<Path> {
    let Scene { find, holder, one, many, class, .. } = scene;
    let list = |label, list: &str, arguments: &str| {
        Path::new(label, format!("{{ {list}({arguments}) {{ edges {{ node {{ id }} }} }} }}"), format!("{list}.edges"))
    };
    let holders = format!("{holder}s");
    let query = format!("{{ className: \"{class}\", where: {{ text: \"b\" }} }}");
    vec![
        list(
            "have, by pointer",
            &holders,
            &format!("where: {{ {one}: {{ have: {{ text: {{ equalTo: \"b\" }} }} }} }}"),
        ),
        list(
            "have, by relation",
            &holders,
            &format!("where: {{ {many}: {{ have: {{ text: {{ equalTo: \"b\" }} }} }} }}"),
        ),
        list(
            "haveNot, by pointer (if none is seen)",
            &holders,
            &format!("where: {{ {one}: {{ exists: true, haveNot: {{ text: {{ equalTo: \"b\" }} }} }} }}"),
        ),
        list(
            "inQueryKey",
            &holders,
            &format!("where: {{ text: {{ inQueryKey: {{ query: {query}, key: \"text\" }} }} }}"),
        ),
        list("filter", find, "where: { text: { equalTo: \"b\" } }"),
        list("order", find, "order: [text_DESC]"),
    ]
}

/// A file, an array of pointers, and words: what is read or asked in ways of its own.
fn of_kinds(scene: &Scene) -> Vec<Path> {
    let Scene { get, find, holder, one, array, class, file, b, holder_id, .. } = scene;
    let path = |label, query: &str, at: String, id: &str| {
        Path::new(label, format!("query ($id: ID!) {{ {query} }}"), at).with(json!({"id": id}))
    };
    let list = |label, arguments: &str| {
        let query = format!("{{ {find}({arguments}) {{ edges {{ node {{ file {{ name }} }} }} }} }}");
        Path::new(label, query, format!("{find}.edges.1.node.file"))
    };
    vec![
        path("file", &format!("{get}(id: $id) {{ file {{ name }} }}"), format!("{get}.file"), b),
        list("file, find", "order: [text_ASC]"),
        path(
            "file, by pointer",
            &format!("{holder}(id: $id) {{ {one} {{ file {{ name }} }} }}"),
            format!("{holder}.{one}.file"),
            holder_id,
        ),
        list("file, filter", &format!("where: {{ file: {{ equalTo: \"{file}\" }} }}")),
        list("file, order", "order: [file_DESC]"),
        path(
            "array of pointers",
            &format!("{holder}(id: $id) {{ {array} {{ ... on {class} {{ text }} }} }}"),
            format!("{holder}.{array}"),
            holder_id,
        ),
        Path::new(
            "text search",
            format!(
                "{{ {find}(where: {{ text: {{ text: {{ search: {{ term: \"b\" }} }} }} }}) {{ edges {{ node {{ id }} }} }} }}"
            ),
            format!("{find}.edges"),
        ),
    ]
}

/// The rows behind row a in the order of a field.
pub(crate) async fn after(cast: &Cast<'_>, scene: &Scene, field: &str) -> Path {
    let find = &scene.find;
    let query = format!("{{ {find}(order: [{field}_ASC], first: 1) {{ edges {{ cursor }} }} }}");
    let cursor = cast.must(&query, Value::Null).await.text(&format!("{find}.edges.0.cursor"));
    let query = format!(
        "query ($cursor: String!) {{
            {find}(order: [{field}_ASC], after: $cursor) {{ edges {{ node {{ id }} }} }} }}"
    );
    Path::new("after a cursor", query, format!("{find}.edges")).with(json!({"cursor": cursor}))
}
