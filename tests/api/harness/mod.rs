//! What tests of the API stand on: databases, servers, clients, and the steps that set a scene.
//!
//! A test is an async function of a fresh database, named in [`on_both_databases`], which makes one
//! test of it for SQLite and one for PostgreSQL:
//!
//! ```ignore
//! on_both_databases![a_stranger_does_not_see_a_private_note];
//!
//! async fn a_stranger_does_not_see_a_private_note(database: &Database) {
//!     let server = Server::start(database).await;
//!     server.create_class("Note", &[("text", "String")]).await;
//!     let alice = server.sign_up("alice").await;
//!     let mine = json!({"text": "mine", "ACL": {"users": [{"userId": alice.id, "read": true, "write": true}]}});
//!     let note = server.user(&alice).create("Note", mine).await;
//!
//!     let answer = server.anonymous().query("query ($id: ID!) { note(id: $id) { text } }", json!({"id": note})).await;
//!     assert_eq!(answer.code(), 101);
//! }
//! ```
//!
//! What set-up needs must work, or the helper panics and shows the whole answer. What is under test comes
//! back as an [`Answer`].
//!
//! Every answer and every line that a server prints is searched for secrets, see [`scan`]. A test that hides values from
//! callers begins them with [`CANARY`], and asks as [`Client::privy`] where they may be seen.

#![allow(dead_code, unused_imports, unused_macros, reason = "a helper may come before the first test that needs it")]

mod answer;
mod capture;
mod client;
mod database;
mod postgres;
mod scan;
mod scratch;
mod server;
mod setup;

pub(crate) use answer::Answer;
pub(crate) use client::{Client, File};
pub(crate) use database::{Database, ago};
pub(crate) use postgres::is_required;
pub(crate) use scan::CANARY;
pub(crate) use scratch::Scratch;
pub(crate) use server::{Finished, Options, Server, is_root};
pub(crate) use setup::{Role, User};

/// Makes two tests of each of these functions: `name::sqlite` and `name::postgres`.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                $crate::harness::Database::on_sqlite(super::$name).await;
            }

            #[tokio::test]
            async fn postgres() {
                $crate::harness::Database::on_postgres(super::$name).await;
            }
        }
    )+ };
}
pub(crate) use on_both_databases;
