//! A client that writes: notes that only itself and, for a while, a member may read, and parents with children.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::book::{Book, Certainty, Note, Outcome, outcome};
use crate::dice::Dice;
use crate::harness::{Answer, Client, User};
use crate::writers::NESTED;

const CREATE: &str = "mutation ($key: String, $acl: ACLInput) {
    createNote(input: { fields: { key: $key, value: 0, ACL: $acl } }) { note { id value } }
}";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateNoteFieldsInput) {
    updateNote(input: { id: $id, fields: $fields }) { note { value } }
}";
const READ: &str = "query ($id: ID!) { note(id: $id) { value } }";
const DELETE: &str = "mutation ($id: ID!) { deleteNote(input: { id: $id }) { note { key } } }";
const CREATE_ROLE: &str = "mutation ($name: String!, $acl: ACLInput!, $users: [ID!]) {
    createRole(input: { fields: { name: $name, ACL: $acl, users: { add: $users } } }) { role { id } }
}";
const WITHDRAW: &str = "mutation ($id: ID!, $users: [ID!]) {
    updateRole(input: { id: $id, fields: { users: { remove: $users } } }) { role { id } }
}";

/// A role that the member is in.
struct Role {
    id: String,
    name: String,
    /// The notes that its members may read.
    notes: Vec<String>,
}

/// A note that is certainly there.
struct Own {
    key: String,
    id: String,
    role: Option<String>,
}

/// The client.
pub(crate) struct Writer {
    pub(crate) number: u64,
    pub(crate) user: User,
    /// The user at each of the servers.
    pub(crate) clients: Vec<Client>,
    pub(crate) member: User,
    pub(crate) book: Arc<Book>,
    pub(crate) dice: Dice,
}

impl Writer {
    /// Writes until it is told to stop.
    pub(crate) async fn run(mut self, stop: Arc<AtomicBool>) {
        let (mut notes, mut role) = (Vec::new(), None);
        for count in 0.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("{}x{count}", self.number);
            let outcome = match self.dice.below(100) {
                0..30 => self.create(&key, &mut notes, role.as_mut()).await,
                30..50 => self.create_nested(&key).await,
                50..70 => self.update(&notes).await,
                70..78 => self.delete(&mut notes).await,
                78..90 => self.flip(&mut notes).await,
                _ => self.change_role(&key, &mut role).await,
            };
            if outcome != Some(Outcome::Done) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Sends a request to any of the servers, and counts what becomes of it.
    async fn ask(
        &mut self,
        what: &'static str,
        text: &str,
        variables: Value,
    ) -> (Outcome, Result<Answer, reqwest::Error>) {
        let answer = self.dice.pick(&self.clients).attempt(text, variables).await;
        let outcome = outcome(&answer);
        self.book.count(what, outcome);
        (outcome, answer)
    }

    async fn create(&mut self, key: &str, notes: &mut Vec<Own>, role: Option<&mut Role>) -> Option<Outcome> {
        let role = role.filter(|_| self.dice.percent(60));
        let mut acl = self.own_acl();
        if let Some(role) = &role {
            acl["roles"] = json!([{"roleName": role.name, "read": true, "write": false}]);
        }
        let (outcome, answer) = self.ask("created", CREATE, json!({"key": key, "acl": acl})).await;
        let exists = match outcome {
            Outcome::Done => Certainty::Yes,
            Outcome::Undone => Certainty::No,
            Outcome::Unknown => Certainty::Perhaps,
        };
        self.book.open().notes.insert(key.to_owned(), Note { values: BTreeSet::from([0]), exists });
        let name = role.as_ref().map(|role| role.name.clone());
        if let Some(role) = role {
            role.notes.push(key.to_owned());
        }
        if let (Outcome::Done, Ok(answer)) = (outcome, answer) {
            notes.push(Own { key: key.to_owned(), id: answer.text("createNote.note.id"), role: name });
        }
        Some(outcome)
    }

    fn own_acl(&self) -> Value {
        json!({"users": [{"userId": self.user.id, "read": true, "write": true}]})
    }

    async fn create_nested(&mut self, key: &str) -> Option<Outcome> {
        let (outcome, _) = self.ask("created with children", NESTED, json!({"name": key, "acl": self.own_acl()})).await;
        let mut known = self.book.open();
        match outcome {
            Outcome::Done => known.nested.made.insert(key.to_owned()),
            Outcome::Undone => known.nested.refused.insert(key.to_owned()),
            Outcome::Unknown => false,
        };
        Some(outcome)
    }

    /// Reads a note, compares what it says with what is known, and writes the next value.
    async fn update(&mut self, notes: &[Own]) -> Option<Outcome> {
        let own = notes.get(self.dice.below(notes.len().max(1)))?;
        let seen = self.dice.pick(&self.clients).attempt(READ, json!({"id": own.id})).await.ok()?;
        if seen.codes().iter().any(|code| [100, 124].contains(&code.as_i64().unwrap_or_default())) {
            return None;
        }
        let seen = seen.data("note.value").as_i64().unwrap();
        let values = self.book.open().notes[&own.key].values.clone();
        assert!(values.contains(&seen), "{} is {seen}, and should be one of {values:?}", own.key);

        let next = values.last().unwrap() + 1;
        let (outcome, _) = self.ask("updated", UPDATE, json!({"id": own.id, "fields": {"value": next}})).await;
        let mut known = self.book.open();
        let values = &mut known.notes.get_mut(&own.key).unwrap().values;
        match outcome {
            // An earlier write whose answer was lost has come before this one, or never will.
            Outcome::Done => *values = BTreeSet::from([next]),
            Outcome::Undone => {}
            Outcome::Unknown => _ = values.insert(next),
        }
        Some(outcome)
    }

    async fn delete(&mut self, notes: &mut Vec<Own>) -> Option<Outcome> {
        if notes.is_empty() {
            return None;
        }
        let own = notes.swap_remove(self.dice.below(notes.len()));
        let (outcome, _) = self.ask("deleted", DELETE, json!({"id": own.id})).await;
        let exists = match outcome {
            Outcome::Done => Certainty::No,
            Outcome::Undone => Certainty::Yes,
            Outcome::Unknown => Certainty::Perhaps,
        };
        self.book.open().notes.get_mut(&own.key).unwrap().exists = exists;
        if outcome == Outcome::Undone {
            notes.push(own);
        }
        Some(outcome)
    }

    /// Takes a note from the member, by its ACL. It is never given back.
    async fn flip(&mut self, notes: &mut [Own]) -> Option<Outcome> {
        let at = notes.iter().position(|own| own.role.is_some())?;
        let variables = json!({"id": notes[at].id, "fields": {"ACL": self.own_acl()}});
        let (outcome, _) = self.ask("withdrawn by ACL", UPDATE, variables).await;
        if outcome == Outcome::Done {
            notes[at].role = None;
            self.book.open().withdrawn.entry(notes[at].key.clone()).or_insert_with(Instant::now);
        }
        Some(outcome)
    }

    /// Gives the member a role, or takes it away again. It is never given back.
    async fn change_role(&mut self, key: &str, role: &mut Option<Role>) -> Option<Outcome> {
        let Some(old) = role else {
            let name = format!("Team{key}");
            let acl = self.own_acl();
            let variables = json!({"name": name, "acl": acl, "users": [self.member.id]});
            let (outcome, answer) = self.ask("roles given", CREATE_ROLE, variables).await;
            if let (Outcome::Done, Ok(answer)) = (outcome, answer) {
                *role = Some(Role { id: answer.text("createRole.role.id"), name, notes: Vec::new() });
            }
            return Some(outcome);
        };
        if old.notes.len() < 3 {
            return None;
        }
        let variables = json!({"id": old.id, "users": [self.member.id]});
        let (outcome, _) = self.ask("withdrawn by role", WITHDRAW, variables).await;
        if outcome == Outcome::Done {
            let mut known = self.book.open();
            for key in role.take().into_iter().flat_map(|role| role.notes) {
                known.withdrawn.entry(key).or_insert_with(Instant::now);
            }
        }
        Some(outcome)
    }
}
