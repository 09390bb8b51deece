//! The guard without a database: quick and sharp. What depends on rows is for the matrix and the property test.

mod columns;
mod rules;
