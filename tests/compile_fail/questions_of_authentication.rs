//! The questions by which the server finds out who is asking are not for others to ask.

use portcullis::auth::SessionToken;
use portcullis::store::{Store, Transaction};
use portcullis::value::ObjectId;

async fn look_up(store: &Store, token: &SessionToken) {
    store.session(token).await;
    store.account("alice").await;
    store.anonymous_user("id").await;
}

async fn end(transaction: &Transaction, user: &ObjectId) {
    transaction.end_sessions_of(user).await;
}

async fn known(store: &Store, plan: portcullis::guard::AdmittedUpdate) {
    store.known_account(plan).await;
}

fn main() {}
