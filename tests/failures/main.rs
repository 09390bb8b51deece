//! What fails around the servers: they are killed, their files are full or forbidden, and PostgreSQL comes and goes.
//!
//! Whatever fails: what was acknowledged is there, what was refused is not, and nothing is half done.

#[cfg(test)]
#[path = "../api/harness/mod.rs"]
mod harness;
#[cfg(test)]
#[path = "../cluster/postgres_server.rs"]
mod postgres_server;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod away;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod fail_over;
#[cfg(test)]
mod forbidden;
#[cfg(test)]
mod forwarder;
#[cfg(test)]
mod full;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod lost_commit;
#[cfg(test)]
mod mount;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod short;
#[cfg(test)]
mod writers;
