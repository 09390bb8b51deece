//! A plan is converted by admitting it, and in no other way.

use portcullis::guard::AdmittedFind;
use portcullis::plan::Find;

fn convert(plan: Find) -> AdmittedFind {
    plan.into()
}

fn main() {}
