//! Who plays: the server, its users and roles, and the callers of the columns.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Database, Role, Server, User};
use crate::table::CALLERS;

/// A server with users and roles. `named` is the user that permissions and ACLs name.
#[derive(Debug)]
pub(crate) struct Cast<'a> {
    pub(crate) database: &'a Database,
    pub(crate) server: Server,
    pub(crate) master: Client,
    pub(crate) pointed: User,
    pub(crate) named: User,
    pub(crate) stranger: User,
    pub(crate) member: User,
    pub(crate) junior: User,
    pub(crate) team: Role,
}

impl<'a> Cast<'a> {
    /// Starts the server with the real defaults, which are `private`.
    pub(crate) async fn enter(database: &'a Database) -> Self {
        let server =
            Server::options(database).without("--class-defaults").flag("--password-history", "2").start().await;
        let stranger = server.sign_up("stranger").await;
        let pointed = server.sign_up("pointed").await;
        let named = server.sign_up("named").await;
        let member = server.sign_up("member").await;
        let junior = server.sign_up("junior").await;
        let juniors = server.create_role("Juniors", &[&junior], &[]).await;
        let team = server.create_role("Team", &[&member], &[&juniors]).await;
        let master = server.master();
        Self { database, server, master, pointed, named, stranger, member, junior, team }
    }

    /// The callers, in the order of the columns.
    pub(crate) fn callers(&self) -> [Client; CALLERS.len()] {
        [
            self.server.anonymous(),
            self.server.user(&self.stranger),
            self.server.user(&self.pointed),
            self.server.user(&self.named),
            self.server.user(&self.member),
            self.server.user(&self.junior),
            self.server.read_only_master(),
            self.server.master(),
        ]
    }

    /// Asks with the master key, which must succeed.
    pub(crate) async fn must(&self, text: &str, variables: Value) -> Answer {
        let answer = self.master.query(text, variables).await;
        answer.ok();
        answer
    }

    /// The ACL that gives only the named user these rights.
    pub(crate) fn only_named(&self, read: bool, write: bool) -> Value {
        json!({"users": [{"userId": self.named.id, "read": read, "write": write}]})
    }
}
