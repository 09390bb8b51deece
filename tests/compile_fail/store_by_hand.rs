//! There is no store around a connection of one's own, and no reader without a store.

use portcullis::store::{Reader, Store};

fn make() -> Store {
    let (shared, follower) = (None.unwrap(), None.unwrap());
    Store { shared, _follower: follower }
}

fn read() -> Reader<'static> {
    let (executor, replicas, source) = (None.unwrap(), None.unwrap(), None.unwrap());
    Reader { executor, replicas, source }
}

fn main() {}
