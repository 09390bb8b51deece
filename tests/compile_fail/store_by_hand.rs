//! There is no store around a connection of one's own, and no reader without a store.

use portcullis::store::{Reader, Store};

fn make() -> Store {
    let (shared, follower) = (None.unwrap(), None.unwrap());
    Store { shared, _follower: follower }
}

fn read() -> Reader<'static> {
    let (shared, executor, source) = (None.unwrap(), None.unwrap(), None.unwrap());
    Reader { shared, executor, source }
}

fn main() {}
