//! Taking over the database of a Parse Server, and sharing one with it.
//!
//! `ride-sharing.sql` is what a real Parse Server 9.10 left behind, `answers.json` what it answered. All of this is about
//! PostgreSQL, where Parse Server keeps its data.

#[cfg(test)]
#[path = "../api/harness/mod.rs"]
mod harness;

#[cfg(test)]
mod adopt;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod dump;
#[cfg(test)]
mod parse;
#[cfg(test)]
mod side_by_side;
#[cfg(test)]
mod takeover;
