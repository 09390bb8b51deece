//! The API as its clients see it: the real server, over HTTP, on both databases.
//!
//! Every test has a database of its own. See [`harness`] for how to write one.

#[cfg(test)]
mod harness;

#[cfg(test)]
mod advisories;
#[cfg(test)]
mod classes;
#[cfg(test)]
mod files;
#[cfg(test)]
mod graphiql;
#[cfg(test)]
mod health;
#[cfg(test)]
mod http;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod lockout;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod races;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod start;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod users;
