//! A proof does not come out of a text.

use portcullis::guard::{AdmittedAlter, AdmittedFind};

fn read(text: &str) -> (AdmittedFind, AdmittedAlter) {
    (serde_json::from_str(text).unwrap(), serde_json::from_str(text).unwrap())
}

fn main() {}
