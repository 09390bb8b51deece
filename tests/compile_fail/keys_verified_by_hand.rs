//! A key is verified by a server for a request, not by whoever has made it up: the proof would open every store.

use portcullis::auth::{Caller, Credentials, Keys};
use portcullis::store::Store;

async fn master(store: &Store, credentials: &Credentials) -> Option<Caller> {
    let keys = Keys::new("app".to_owned(), "mk".into(), vec!["0.0.0.0/0".parse().unwrap()]);
    keys.authenticate(credentials, store, ()).await.ok()
}

fn main() {}
