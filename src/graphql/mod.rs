//! The GraphQL API: classes become a schema, and requests become plans.
//!
//! ```text
//! request -> document -> selection -> plan -> guard -> store -> rows -> JSON
//! ```
//!
//! `schema` builds the types of a catalog, `document` parses and validates requests against them, `read` and
//! `mutation` turn selections into plans and rows into answers. A request sees one [`Catalog`](crate::class::Catalog)
//! and its schema from beginning to end.
//!
//! **Invariant:** this room makes no decision about permissions. It makes plans, and gives them to `guard`.

mod answer;
mod document;
mod engine;
mod files;
mod filter;
mod ids;
mod input;
mod mutation;
mod naming;
mod query;
mod read;
mod request;
mod schema;

pub use engine::{Engine, Error, Introspection, Settings};
pub use read::Limits;
pub use request::{Outcome, Request, Response, Upload};
