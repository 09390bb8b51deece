//! A hash comes from hashing a password by the rules, or from the database, and goes nowhere else.

use portcullis::auth::PasswordHash;

fn make() -> PasswordHash {
    PasswordHash::from_database("$argon2id$".to_owned())
}

fn take(hash: PasswordHash) -> String {
    format!("{:?}", hash.into_secret())
}

fn main() {}
