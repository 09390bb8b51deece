//! A proof is used once: it cannot be copied.

use portcullis::guard::{AdmittedCount, AdmittedCreate, AdmittedDelete, AdmittedFind, AdmittedUpdate};

fn copy<T: Clone>(proof: &T) -> T {
    proof.clone()
}

fn keep(
    find: &AdmittedFind,
    count: &AdmittedCount,
    create: &AdmittedCreate,
    update: &AdmittedUpdate,
    delete: &AdmittedDelete,
) {
    copy(find);
    copy(count);
    copy(create);
    copy(update);
    copy(delete);
}

fn main() {}
