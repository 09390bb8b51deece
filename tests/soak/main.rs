//! A soak test: eight clients write through three servers while these and their PostgreSQL are killed at random.
//!
//! Afterwards, every write that was acknowledged is there, none that was refused is, and nothing is half done. All the
//! while, a stranger and a member whose rights are withdrawn again and again read, and never see what they may not: what was
//! withdrawn is gone from every read that begins more than a second after the withdrawal was acknowledged.
//!
//! `cargo test --test soak -- --nocapture` takes half a minute and prints its figures;
//! `PORTCULLIS_TEST_SOAK_SECONDS=600` makes it longer, and `PORTCULLIS_TEST_SOAK_SEED` repeats its choices, though not
//! the moments at which they meet the servers.

#[cfg(test)]
#[path = "../failures/agreement.rs"]
mod agreement;
#[cfg(test)]
#[path = "../api/harness/mod.rs"]
mod harness;
#[cfg(test)]
#[path = "../cluster/postgres_server.rs"]
mod postgres_server;
#[cfg(test)]
#[path = "../failures/writers.rs"]
#[expect(dead_code, reason = "the writers here do more than those")]
mod writers;

#[cfg(test)]
#[path = "../fuzz/dice.rs"]
#[expect(dead_code, reason = "this binary needs a part of it")]
mod dice;

#[cfg(test)]
mod book;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod reader;
#[cfg(test)]
mod run;
#[cfg(test)]
mod verdict;
#[cfg(test)]
mod writer;
