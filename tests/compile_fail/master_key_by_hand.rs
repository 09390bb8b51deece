//! Proofs of a key come from its verification only.

use portcullis::auth::{Master, MasterKey, ReadOnlyMasterKey};

fn forge() -> (MasterKey, ReadOnlyMasterKey) {
    (MasterKey(()), ReadOnlyMasterKey(()))
}

fn default() -> MasterKey {
    MasterKey::default()
}

fn upgrade(key: ReadOnlyMasterKey) -> Master {
    Master::Full(key)
}

fn main() {}
