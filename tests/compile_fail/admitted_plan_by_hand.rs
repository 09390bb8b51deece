//! Nobody but the guard writes down an admitted plan.

use std::sync::Arc;

use portcullis::class::Class;
use portcullis::guard::{AdmittedDelete, RowScope};
use portcullis::value::ObjectId;

fn forge(class: Arc<Class>, id: ObjectId) -> AdmittedDelete {
    AdmittedDelete { class, id, scope: RowScope::Granted(Vec::new()) }
}

fn main() {}
