//! Failed log-ins with names that are nobody's.

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Makes the table of names that are nobody's. They are counted and locked as those of users are, in columns of the same
/// names, so that a lock does not tell which names there are.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_lockout"
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
        Ok(())
    }
}
