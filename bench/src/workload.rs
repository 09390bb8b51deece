//! What is asked: by name, as GraphQL, with the variables of each request.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::http;
use crate::options::Kind;
use crate::rows::{self, Size};

/// How many different requests are prepared for each workload and server.
const PREPARED: u64 = 1024;

/// On whose behalf a request is.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// A user, by session token.
    User(String),
    /// The master key.
    Master,
    /// The master key and a session beside it, which is looked up as well.
    MasterWithSession(String),
    /// Nobody.
    Nobody,
}

/// What a workload does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// It reads.
    Reads,
    /// It writes.
    Writes,
    /// It checks a password, which is slow on purpose.
    LogsIn,
}

/// A workload.
pub(crate) struct Workload {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is, for readers.
    pub(crate) about: &'static str,
    pub(crate) does: Does,
    query: &'static str,
    variables: fn(u64, &Scene) -> Json,
    /// The user who asks.
    user: fn(u64, &Scene) -> u64,
}

/// What the variables of a request depend on.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Who answers.
    pub(crate) kind: Kind,
    /// How many rows there are.
    pub(crate) size: Size,
    /// Where page 1,000 begins, as this server says it.
    pub(crate) cursor: Json,
}

const fn caller(_: u64, _: &Scene) -> u64 {
    0
}

const fn anybody(n: u64, scene: &Scene) -> u64 {
    n * 7919 % scene.size.users
}

fn nothing(_: u64, _: &Scene) -> Json {
    json!({})
}

fn public_post(n: u64, scene: &Scene) -> Json {
    json!({"id": rows::id('p', n * 7919 % (scene.size.posts / 10) * 10 + n % 6)})
}

fn category(n: u64, _: &Scene) -> Json {
    json!({"category": format!("category {}", n % rows::CATEGORIES)})
}

fn three_filters(n: u64, scene: &Scene) -> Json {
    let mut variables = category(n, scene);
    variables["score"] = json!(2000);
    variables
}

fn after(_: u64, scene: &Scene) -> Json {
    json!({"after": scene.cursor})
}

fn own_acl() -> Json {
    json!({"users": [{"userId": rows::id('u', 0), "read": true, "write": true}]})
}

fn note(n: u64, _: &Scene) -> Json {
    json!({"fields": {"title": format!("note {n}"), "body": rows::BODY, "number": n, "done": n.is_multiple_of(2), "ACL": own_acl()}})
}

fn note_and_editor(n: u64, scene: &Scene) -> Json {
    let mut variables = note(n, scene);
    variables["fields"]["editor"] = json!({"createAndLink": {"name": format!("editor {n}"), "ACL": own_acl()}});
    variables
}

fn changed_note(n: u64, scene: &Scene) -> Json {
    let fields = json!({"title": format!("changed {n}"), "number": n, "done": true});
    json!({"id": rows::id('n', n * 7919 % scene.size.notes), "fields": fields})
}

/// Parse Server knows bcrypt only, and Portcullis replaces it; so each has users of its own.
fn login(n: u64, scene: &Scene) -> Json {
    let n = n % rows::LOGINS;
    let user = if scene.kind == Kind::Parse { rows::LOGINS + n } else { n };
    json!({"username": format!("user {user}"), "password": rows::PASSWORD})
}

/// All workloads.
pub(crate) const ALL: &[Workload] = &[
    Workload {
        name: "get",
        about: "an object of 8 fields by its id",
        does: Does::Reads,
        query: "query ($id: ID!) { post(id: $id) { objectId title body category score active publishedAt createdAt } }",
        variables: public_post,
        user: caller,
    },
    Workload {
        name: "find",
        about: "100 objects of 8 fields in creation order, among 100,000 of which 60 % are public and the rest opened by user or role",
        does: Does::Reads,
        query: "query { posts(first: 100, order: [createdAt_ASC]) { edges { node { objectId title body category score active publishedAt createdAt } } } }",
        variables: nothing,
        user: caller,
    },
    Workload {
        name: "find-nested",
        about: "the same with a pointer and a relation of 3 objects each",
        does: Does::Reads,
        query: "query { posts(first: 100, order: [createdAt_ASC]) { edges { node { objectId title body category score active publishedAt createdAt author { objectId name } tags(order: [name_ASC]) { edges { node { name } } } } } } }",
        variables: nothing,
        user: caller,
    },
    Workload {
        name: "find-filtered",
        about: "100 objects that meet three conditions, one of which has an index",
        does: Does::Reads,
        query: "query ($category: String!, $score: Float!) { posts(first: 100, order: [createdAt_ASC], where: {category: {equalTo: $category}, score: {greaterThan: $score}, active: {equalTo: true}}) { edges { node { objectId title body category score active publishedAt createdAt } } } }",
        variables: three_filters,
        user: caller,
    },
    Workload {
        name: "count",
        about: "how many of the 1,000 objects of a category may be seen",
        does: Does::Reads,
        query: "query ($category: String!) { posts(where: {category: {equalTo: $category}}) { count } }",
        variables: category,
        user: caller,
    },
    Workload {
        name: "own",
        about: "the caller's own 43 objects among 1,000,000 private ones",
        does: Does::Reads,
        query: "query { diaries(first: 100, order: [createdAt_ASC]) { edges { node { objectId title createdAt } } } }",
        variables: nothing,
        user: caller,
    },
    Workload {
        name: "page-1",
        about: "the first page of 50",
        does: Does::Reads,
        query: "query { posts(first: 50, order: [createdAt_ASC]) { edges { node { objectId title createdAt } } } }",
        variables: nothing,
        user: caller,
    },
    Workload {
        name: "page-1000",
        about: "page 1,000 of 50, by its cursor",
        does: Does::Reads,
        query: "query ($after: String!) { posts(first: 50, after: $after, order: [createdAt_ASC]) { edges { node { objectId title createdAt } } } }",
        variables: after,
        user: caller,
    },
    Workload {
        name: "create",
        about: "an object of 4 fields and an ACL",
        does: Does::Writes,
        query: "mutation ($fields: CreateNoteFieldsInput!) { createNote(input: {fields: $fields}) { note { objectId title number } } }",
        variables: note,
        user: caller,
    },
    Workload {
        name: "update",
        about: "three fields of an own object",
        does: Does::Writes,
        query: "mutation ($id: ID!, $fields: UpdateNoteFieldsInput!) { updateNote(input: {id: $id, fields: $fields}) { note { objectId title number } } }",
        variables: changed_note,
        user: caller,
    },
    Workload {
        name: "create-nested",
        about: "an object, and another one that it points to",
        does: Does::Writes,
        query: "mutation ($fields: CreateNoteFieldsInput!) { createNote(input: {fields: $fields}) { note { objectId title editor { name } } } }",
        variables: note_and_editor,
        user: caller,
    },
    Workload {
        name: "login",
        about: "a password and a new session (Argon2id; bcrypt in Parse Server)",
        does: Does::LogsIn,
        query: "mutation ($username: String!, $password: String!) { logIn(input: {username: $username, password: $password}) { viewer { sessionToken user { username } } } }",
        variables: login,
        user: caller,
    },
    Workload {
        name: "callers",
        about: "get, each request in another one of 10,000 sessions",
        does: Does::Reads,
        query: "query ($id: ID!) { post(id: $id) { objectId title body category score active publishedAt createdAt } }",
        variables: public_post,
        user: anybody,
    },
    Workload {
        name: "denied",
        about: "100 objects in creation order, of a class of 100,000 of which 98 % are closed to the caller",
        does: Does::Reads,
        query: "query { papers(first: 100, order: [createdAt_ASC]) { edges { node { objectId title createdAt } } } }",
        variables: nothing,
        user: caller,
    },
];

impl Workload {
    /// How many different requests there are.
    fn variants(&self, scene: &Scene) -> u64 {
        if self.name == "callers" { scene.size.users } else { PREPARED }
    }

    /// One request.
    pub(crate) fn request(&self, n: u64, scene: &Scene) -> Vec<u8> {
        let caller = match self.does {
            Does::LogsIn => Caller::Nobody,
            Does::Reads | Does::Writes => Caller::User(rows::token((self.user)(n, scene))),
        };
        let variables = (self.variables)(n, scene);
        match scene.kind {
            Kind::Floor => http::request(&format!("/{}", self.name), &caller, &variables),
            Kind::Parse | Kind::Baseline | Kind::Portcullis => {
                http::request("/graphql", &caller, &json!({"query": self.query, "variables": variables}))
            }
        }
    }

    /// All requests.
    pub(crate) fn requests(&self, scene: &Scene) -> Arc<[Vec<u8>]> {
        (0..self.variants(scene)).map(|n| self.request(n, scene)).collect()
    }

    /// Leaves out of an answer what is another one each time, or of each server.
    pub(crate) fn comparable(&self, mut data: Json) -> Json {
        let changing: &[&str] = match self.does {
            Does::Reads => &[],
            Does::Writes => &["/createNote/note/objectId"],
            Does::LogsIn => &["/logIn/viewer/sessionToken", "/logIn/viewer/user/username"],
        };
        for path in changing {
            if let Some(value) = data.pointer_mut(path) {
                *value = value.is_string().into();
            }
        }
        data
    }
}
