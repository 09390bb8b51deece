//! Tokens, passwords and keys are in no JSON.

use portcullis::auth::{Keys, Password, PasswordHash, SessionToken};

fn write(token: &SessionToken, password: &Password, hash: &PasswordHash, keys: &Keys) {
    let _ = serde_json::to_string(token);
    let _ = serde_json::to_string(password);
    let _ = serde_json::to_string(hash);
    let _ = serde_json::to_string(keys);
}

fn main() {}
