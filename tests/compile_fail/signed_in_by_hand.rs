//! A user is signed in by a session of the database, not by a struct of one's own.

use portcullis::auth::{SessionToken, SignedIn};
use portcullis::value::ObjectId;

fn pretend(user: ObjectId, session: ObjectId, token: SessionToken) -> SignedIn {
    SignedIn { user, session, token, roles: [].into(), principals: [].into() }
}

fn promote(mut signed_in: SignedIn, user: ObjectId) -> SignedIn {
    signed_in.user = user;
    signed_in
}

fn main() {}
