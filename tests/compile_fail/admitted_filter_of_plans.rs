//! A condition whose sub-queries nobody has admitted is none of an admitted plan.

use portcullis::guard::AdmittedFind;
use portcullis::plan::{Filter, Find};

fn pass(filter: Filter<Find>) -> Filter<AdmittedFind> {
    filter
}

fn main() {}
