//! A user is signed in by a session of the database, not by a struct of one's own.

use portcullis::auth::{SessionToken, SignedIn};

fn pretend(token: SessionToken) -> SignedIn {
    SignedIn { token, identity: loop {} }
}

fn main() {}
