//! Changing a class needs the master key itself: neither the read-only one nor what any key opens will do.

use portcullis::auth::{MasterKey, ReadOnlyMasterKey, Unlocked};
use portcullis::guard;
use portcullis::plan::Alter;

fn read_only(key: ReadOnlyMasterKey, alter: Alter) {
    let _ = guard::alter(key, alter);
}

fn unlocked(key: Unlocked) -> MasterKey {
    key.into()
}

fn main() {}
