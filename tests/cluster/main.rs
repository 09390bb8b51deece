//! Several servers on one database: what one changes is in force on the others, whatever stands between them and it.
//!
//! The tests start PostgreSQL servers of their own, which they stop, kill and let fall behind.

#[cfg(test)]
#[path = "../api/harness/mod.rs"]
mod harness;

#[cfg(test)]
mod changes;
#[cfg(test)]
mod first_start;
#[cfg(test)]
mod pgbouncer;
#[cfg(test)]
mod pooler;
#[cfg(test)]
mod postgres_server;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod staleness;
#[cfg(test)]
mod tls;
