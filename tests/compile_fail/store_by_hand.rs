//! There is no store around a connection of one's own, and no reader without a store.

use portcullis::store::{Reader, Store};

fn make() -> Store {
    let (shared, follower) = (None.unwrap(), None.unwrap());
    Store { shared, _follower: follower }
}

fn read() -> Reader<'static> {
    let executor = None.unwrap();
    Reader { executor }
}

fn main() {}
