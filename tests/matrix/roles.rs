//! Roles: rows with an ACL, whose names never change.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::word;
use crate::harness::{Client, Role};
use crate::paths::Path;
use crate::table::Section;

/// What everybody can do with a role whose ACL lets only the named user read and write it. Its member is `pointed`.
pub(crate) async fn section(cast: &Cast<'_>) -> Section {
    let mut section = Section::new("a role of the named user, with the pointed user in it");
    let role = create(cast, "Watch").await;
    for caller in cast.callers() {
        for path in reads(cast, &role) {
            let answer = caller.query(&path.query, path.variables.clone()).await;
            section.push(path.label, word(&answer, &path.at));
        }
        for (label, cell) in writes(cast, &caller, &role).await {
            section.push(label, cell);
        }
    }
    section
}

async fn create(cast: &Cast<'_>, name: &str) -> Role {
    cast.server.create_role_with(name, &[&cast.pointed], &[], cast.only_named(true, true)).await
}

fn reads(cast: &Cast<'_>, role: &Role) -> Vec<Path> {
    let by_id = |label, query: &str, at: &str| {
        Path::new(label, format!("query ($id: ID!) {{ {query} }}"), at).with(json!({"id": role.id}))
    };
    let list = |label, condition: &str, part: &str, at: &str| {
        Path::new(label, format!("query ($id: ID!) {{ roles(where: {{ {condition} }}) {{ {part} }} }}"), at)
            .with(json!({"id": cast.pointed.id}))
    };
    let (edges, watch) = ("edges { node { name } }", "name: { equalTo: \"Watch\" }");
    let members = "users: { have: { id: { equalTo: $id } } }";
    vec![
        by_id("role:", "role(id: $id) { name }", "role.name"),
        by_id("role: users", "role(id: $id) { users { edges { node { id } } } }", "role.users.edges"),
        by_id("role: users, count", "role(id: $id) { users { count } }", "role.users.count"),
        by_id("role: roles", "role(id: $id) { roles { count } }", "role.roles.count"),
        by_id("node: a role", "node(id: $id) { id }", "node"),
        Path::new("roles:", format!("{{ roles(where: {{ {watch} }}) {{ {edges} }} }}"), "roles.edges"),
        Path::new("roles: count", format!("{{ roles(where: {{ {watch} }}) {{ count }} }}"), "roles.count"),
        Path::new(
            "roles: order",
            format!("{{ roles(where: {{ {watch} }}, order: [name_ASC]) {{ {edges} }} }}"),
            "roles.edges",
        ),
        list("roles: have, by users", members, edges, "roles.edges"),
        Path::new(
            "role: of Team, whom everybody may read",
            "query ($id: ID!) { role(id: $id) { name } }".to_owned(),
            "role.name",
        )
        .with(json!({"id": cast.team.id})),
        Path::new(
            "role: of Team, users",
            "query ($id: ID!) { role(id: $id) { users { edges { node { id } } } } }".to_owned(),
            "role.users.edges",
        )
        .with(json!({"id": cast.team.id})),
    ]
}

async fn writes(cast: &Cast<'_>, caller: &Client, role: &Role) -> Vec<(&'static str, String)> {
    let update = "mutation ($id: ID!, $fields: UpdateRoleFieldsInput) {
        updateRole(input: { id: $id, fields: $fields }) { role { objectId } }
    }";
    let update = async |id: &str, fields: Value| {
        let answer = caller.query(update, json!({"id": id, "fields": fields})).await;
        word(&answer, "updateRole.role.objectId")
    };
    let mut cells = vec![
        ("updateRole: add a user", update(&role.id, json!({"users": {"add": [cast.pointed.id]}})).await),
        ("updateRole: remove a user", update(&role.id, json!({"users": {"remove": [cast.stranger.id]}})).await),
        ("updateRole: name", update(&role.id, json!({"name": "Other"})).await),
        ("updateRole: ACL", update(&role.id, json!({"ACL": cast.only_named(true, true)})).await),
        ("updateRole: of Team, add oneself", update(&cast.team.id, json!({"users": {"add": [cast.member.id]}})).await),
    ];
    let delete = "mutation ($id: ID!) { deleteRole(input: { id: $id }) { role { objectId } } }";
    let victim = create(cast, "Victim").await;
    let answer = caller.query(delete, json!({"id": victim.id})).await;
    cells.push(("deleteRole:", word(&answer, "deleteRole.role.objectId")));
    cast.master.query(delete, json!({"id": victim.id})).await;

    let create = "mutation ($fields: CreateRoleFieldsInput) {
        createRole(input: { fields: $fields }) { role { id } }
    }";
    let fields = json!({"name": "New", "ACL": {"public": {"read": true, "write": true}}});
    let answer = caller.query(create, json!({"fields": fields})).await;
    cells.push(("createRole:", word(&answer, "createRole.role.id")));
    if let Some(id) = answer.json.pointer("/data/createRole/role/id") {
        cast.must(delete, json!({"id": id})).await;
    }
    cells
}
