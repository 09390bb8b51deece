//! A proof is not put together from another one and a wider scope.

use portcullis::guard::{AdmittedFind, RowScope};

fn widen(scope: RowScope, other: AdmittedFind) -> AdmittedFind {
    AdmittedFind { scope, ..other }
}

fn main() {}
