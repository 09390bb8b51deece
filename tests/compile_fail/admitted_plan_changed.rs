//! What was admitted stays as it was admitted.

use std::sync::Arc;

use portcullis::class::Class;
use portcullis::guard::{AdmittedFind, AdmittedUpdate, RowScope};
use portcullis::plan::Filter;
use portcullis::value::ObjectId;

fn widen(mut find: AdmittedFind, class: Arc<Class>) -> AdmittedFind {
    find.scope = RowScope::Granted(Vec::new());
    find.filter = Filter::Always;
    find.class = class;
    find.columns.clear();
    find
}

fn redirect(mut update: AdmittedUpdate, id: ObjectId) -> AdmittedUpdate {
    update.id = id;
    update
}

fn main() {}
