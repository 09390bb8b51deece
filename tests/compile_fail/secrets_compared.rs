//! Secrets are compared in constant time, where they are verified.

use portcullis::auth::{Keys, Password, SessionToken};

fn same(token: &SessionToken, other: &SessionToken) -> bool {
    token == other
}

fn right(password: &Password, other: &Password) -> bool {
    password == other
}

fn key(keys: &Keys, given: &str) -> bool {
    keys.master_key == given
}

fn main() {}
