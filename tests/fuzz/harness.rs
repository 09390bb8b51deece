//! What the tests of the API stand on, of which this one needs the databases and the server as a process.

#![allow(dead_code, reason = "the tests of the API need the rest")]

#[path = "../api/harness/answer.rs"]
mod answer;
#[path = "../api/harness/capture.rs"]
mod capture;
#[path = "../api/harness/client.rs"]
mod client;
#[path = "../api/harness/database.rs"]
mod database;
#[path = "../api/harness/postgres.rs"]
pub(crate) mod postgres;
#[path = "../api/harness/scan.rs"]
pub(crate) mod scan;
#[path = "../api/harness/scratch.rs"]
pub(crate) mod scratch;
#[path = "../api/harness/server.rs"]
mod server;
#[path = "../api/harness/setup.rs"]
mod setup;

pub(crate) use database::Database;
pub(crate) use server::{MASTER_KEY, READ_ONLY_MASTER_KEY, Server};
