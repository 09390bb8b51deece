//! Statements are made inside the store only.

use portcullis::store::execute::Executor;
use portcullis::store::render;
use portcullis::store::sql::Sql;

fn main() {}
