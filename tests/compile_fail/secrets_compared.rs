//! Secrets are compared in constant time, where they are verified.

use portcullis::auth::{Password, SessionToken};

fn same(token: &SessionToken, other: &SessionToken) -> bool {
    token == other
}

fn right(password: &Password, other: &Password) -> bool {
    password == other
}

fn main() {}
