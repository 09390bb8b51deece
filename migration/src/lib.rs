//! The fixed tables of Portcullis; tables of classes are made at run time by `store::alter`.
//!
//! Every statement leaves alone what is there, because the database may be that of a Parse Server. All migrations of a start
//! run in one transaction, which one server at a time does.

mod first;
mod lockout;

pub use first::{FIXED_INDEXES, FixedIndex};
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(first::Migration), Box::new(lockout::Migration)]
    }
}
