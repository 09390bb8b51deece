//! Protected fields of other kinds than text, on the paths that are theirs.

use serde_json::json;

use crate::paths::Path;
use crate::scene::Scene;

/// Protected pointers and relations, files and arrays, and searching for words.
pub(crate) fn paths(scene: &Scene) -> Vec<Path> {
    let mut paths = links(scene);
    paths.extend(files(scene));
    paths.extend(arrays(scene));
    paths.push(list(scene, "text search", "where: { secret: { text: { search: { term: \"secret\" } } } }"));
    paths
}

fn by_id(scene: &Scene, label: &'static str, part: &str, at: &str) -> Path {
    let Scene { get, b, .. } = scene;
    let query = format!("query ($id: ID!) {{ {get}(id: $id) {{ {part} }} }}");
    Path::new(label, query, format!("{get}.{at}")).with(json!({"id": b}))
}

fn by_holder(scene: &Scene, label: &'static str, part: &str, at: &str) -> Path {
    let Scene { holder, holder_id, .. } = scene;
    let query = format!("query ($id: ID!) {{ {holder}(id: $id) {{ {part} }} }}");
    Path::new(label, query, format!("{holder}.{at}")).with(json!({"id": holder_id}))
}

fn list(scene: &Scene, label: &'static str, arguments: &str) -> Path {
    let find = &scene.find;
    let query = format!("{{ {find}({arguments}) {{ edges {{ node {{ id }} }} }} }}");
    Path::new(label, query, format!("{find}.edges"))
}

fn links(scene: &Scene) -> Vec<Path> {
    vec![
        by_id(scene, "protected pointer", "friend { text }", "friend"),
        by_id(scene, "protected relation", "friends { edges { node { text } } }", "friends.edges"),
        by_id(scene, "protected relation, count", "friends { count }", "friends.count"),
        list(scene, "protected pointer, have", "where: { friend: { have: { text: { equalTo: \"thing\" } } } }"),
        list(scene, "protected pointer, exists", "where: { friend: { exists: true } }"),
        list(scene, "protected relation, have", "where: { friends: { have: { text: { equalTo: \"thing\" } } } }"),
    ]
}

fn files(scene: &Scene) -> Vec<Path> {
    let Scene { find, one, file, .. } = scene;
    vec![
        by_id(scene, "protected file", "file { name }", "file"),
        Path::new(
            "protected file, find",
            format!("{{ {find} {{ edges {{ node {{ file {{ url }} }} }} }} }}"),
            format!("{find}.edges.1.node.file"),
        ),
        by_holder(scene, "protected file, by pointer", &format!("{one} {{ file {{ name }} }}"), &format!("{one}.file")),
        list(scene, "protected file, filter", &format!("where: {{ file: {{ equalTo: \"{file}\" }} }}")),
        list(scene, "protected file, order", "order: [file_ASC]"),
    ]
}

fn arrays(scene: &Scene) -> Vec<Path> {
    let Scene { class, array, thing, .. } = scene;
    let pointer =
        format!("{{ __type: \"Pointer\", className: \"{}\", objectId: {} }}", thing.class, thing.pointer["objectId"]);
    let text = format!("things {{ ... on {} {{ text }} }}", thing.class);
    let secret = format!("{array} {{ ... on {class} {{ secret }} }}");
    vec![
        by_holder(scene, "array of pointers", &secret, &format!("{array}.1.secret")),
        by_id(scene, "protected array of pointers", &text, "things"),
        list(scene, "protected array, contains", &format!("where: {{ things: {{ contains: [{pointer}] }} }}")),
        list(scene, "protected array, exists", "where: { things: { exists: true } }"),
    ]
}
