//! The connection belongs to the store.

use portcullis::store::{Reader, Store, Transaction};

fn reach(store: &Store) {
    let _ = &store.shared.connection;
}

fn run(transaction: &Transaction) {
    let _ = transaction.executor();
    let _ = &transaction.inner;
}

fn read(reader: &Reader<'_>) {
    let _ = reader.executor;
}

fn main() {}
