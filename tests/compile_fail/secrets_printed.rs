//! Tokens, passwords and keys print nothing.

use portcullis::auth::{Keys, Password, PasswordHash, SessionToken};

fn print(token: &SessionToken, password: &Password, hash: &PasswordHash, keys: &Keys) {
    println!("{token}");
    println!("{password}");
    println!("{hash}");
    println!("{keys}");
}

fn main() {}
