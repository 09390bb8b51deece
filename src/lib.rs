//! Portcullis: a GraphQL API over users, roles, sessions and classes made at run time, where every read and write passes
//! one guard.
//!
//! # The rooms
//!
//! Each depends on those before it only; `tests/architecture.rs` inspects it.
//!
//! | room | what it is for |
//! | --- | --- |
//! | [`fault`] | what can go wrong, in Parse's error numbers |
//! | [`value`] | what a field can hold |
//! | [`class`] | classes, their fields and permissions, and the [`Catalog`](class::Catalog) of all of them |
//! | [`auth`] | who is asking: keys, passwords, sessions, the [`Caller`](auth::Caller) |
//! | [`plan`] | what is asked, as plain data |
//! | [`guard`] | may they? a plan and a caller become an admitted plan, or a [`Fault`](fault::Fault) |
//! | [`store`] | an admitted plan becomes one statement, and the statement rows |
//! | [`files`] | the contents of files: kept, named and handed out |
//! | [`graphql`] | a catalog becomes a schema; selections become plans, and rows JSON |
//! | [`config`], [`telemetry`] | settings; logs and traces |
//! | [`server`] | HTTP in, HTTP out |
//! | [`cli`] | the command line |
//!
//! # One request
//!
//! 1. [`server`] turns headers into [`Credentials`](auth::Credentials) and the body into a
//!    [`Request`](graphql::Request).
//! 2. [`auth::Keys::authenticate`] finds out who is asking: one statement for the session, its user and all roles, and for
//!    those of others who ask meanwhile.
//! 3. [`graphql::Engine::execute`] validates the document against the schema of the newest catalog, and makes plans
//!    of its fields. A plan names the columns that were selected, and no others.
//! 4. [`guard::find`] and its kin admit the plan: the class-level permissions let the caller in, every field that is
//!    mentioned may be seen, and what depends on the row becomes a [`RowScope`](guard::RowScope).
//! 5. [`store`] renders the admitted plan, scope included, into one statement.
//! 6. Pointers and relations of a whole level are fetched together, each by a plan of its own; then the answer is
//!    written from the rows.
//!
//! # Invariants
//!
//! **Invariant:** nothing reaches rows without the guard. [`store::Store`] takes admitted plans, by value, and
//! only [`guard`] makes them. The one exception is [`auth::Directory`], the narrow questions by which the server
//! finds out who is asking.
//!
//! **Invariant:** the scope is in the statement. No code reads a row, looks whether it may be touched, and
//! touches it then.
//!
//! **Invariant:** what a caller may not read influences nothing that the caller can observe: filters, orders,
//! cursors and sub-queries on protected fields are refused, counts see the rows of find.
//!
//! **Invariant:** a [`Fault`](fault::Fault) has no `Display`. What a client learns of it is a code and a message
//! that was written for clients.
//!
//! **Invariant:** [`plan`] and [`guard`] are synchronous, do no I/O and never read a clock.
//!
//! **Absent on purpose:** a way to run SQL, a permission check after the fetch, a caller that stands for the server
//! itself, and an `Option` that means "everything" when it is empty.

pub mod auth;
pub mod class;
pub mod cli;
pub mod config;
pub mod fault;
pub mod files;
pub mod graphql;
pub mod guard;
pub mod plan;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod value;
