//! A user is signed in by a session of the database, not by a struct of one's own.

use portcullis::auth::{SessionToken, SignedIn};

fn pretend(token: SessionToken, somebody: &SignedIn) -> SignedIn {
    SignedIn { identity: somebody.identity.clone(), token }
}

fn promote(mut signed_in: SignedIn, admin: SignedIn) -> SignedIn {
    signed_in.identity = admin.identity;
    signed_in
}

fn main() {}
