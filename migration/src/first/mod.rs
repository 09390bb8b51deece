//! Users, roles, sessions, the definitions of classes, configuration, and the version of the classes.

mod indexes;

pub use indexes::{FIXED_INDEXES, FixedIndex};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Makes the tables with which a database begins.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_fixed_tables"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait hides the lifetime, and `async_trait` wants it the same way")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let script = match manager.get_database_backend() {
            DbBackend::Postgres => include_str!("postgres.sql"),
            DbBackend::Sqlite => include_str!("sqlite.sql"),
            other => return Err(DbErr::Custom(format!("{other:?} is not supported"))),
        };
        connection.execute_unprepared(script).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(&indexes::script()).await?;
        }
        Ok(())
    }
}
