//! There is no empty proof to fill in, or to leave behind where one was taken.

use portcullis::guard::{AdmittedAlter, AdmittedFind, RowScope};

fn take(find: &mut AdmittedFind) -> AdmittedFind {
    std::mem::take(find)
}

fn make() -> (AdmittedAlter, RowScope) {
    Default::default()
}

fn main() {}
