//! Every row is open to who holds a key, and to nobody else.

use portcullis::auth::{Caller, Unlocked};
use portcullis::guard::RowScope;

fn forge() -> RowScope {
    RowScope::Every(Unlocked(()))
}

fn everybody(_: &Caller) -> RowScope {
    RowScope::Every(())
}

fn convert(caller: Caller) -> Unlocked {
    caller.into()
}

fn main() {}
