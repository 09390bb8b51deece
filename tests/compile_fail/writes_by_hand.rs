//! What one statement writes is put together by the store, of what the guard has admitted.

use portcullis::guard::AdmittedUpdate;
use portcullis::store::{Alone, Together};

fn made() -> Together {
    Together(Vec::new())
}

fn changed(update: AdmittedUpdate) -> Alone {
    Alone(update)
}

fn main() {}
