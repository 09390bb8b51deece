//! Which way SQLite goes to the rows that somebody may read.
//!
//! It has no index into arrays, but beside each class a list of who may read what. The list is the way if it is short; if
//! most rows are readable, looking at the rows themselves is. A glance at its beginning tells, and what it told is kept for a moment: only
//! the way depends on it, never which rows are found.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use smol_str::SmolStr;

use super::ddl;
use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::rows::Raw;
use super::sql::Sql;
use crate::class::{Class, ClassName};

/// How much of a list is looked at before the table itself is thought to be shorter.
const SHORT: u64 = 1000;

/// For how long a list is thought to be as long as it was.
pub(super) const LIFETIME: Duration = Duration::from_secs(1);

/// How much is kept, in principals.
const CAPACITY: u64 = 100_000;

/// A class, and those who want to read.
type Key = (ClassName, Arc<[SmolStr]>);

/// The lists of which it is known whether they are short.
pub(super) struct Lists(Cache<Key, bool>);

impl Lists {
    /// None yet.
    pub(super) fn new(lifetime: Duration) -> Self {
        let weigh = |(_, readers): &Key, _: &bool| u32::try_from(readers.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(CAPACITY).time_to_live(lifetime).build())
    }

    /// Whether these readers may read so few rows of a class that their list is the way to them.
    pub(super) async fn is_short(
        &self,
        executor: Executor<'_>,
        class: &Class,
        readers: &Arc<[SmolStr]>,
    ) -> Result<bool, Error> {
        let key = (class.name.clone(), Arc::clone(readers));
        if let Some(short) = self.0.get(&key) {
            return Ok(short);
        }
        let row = executor.row(beginning(class, readers)).await?;
        let listed = row.as_ref().map(|row| Raw::new(row)?.integer(0)).transpose()?.flatten().unwrap_or(0);
        let short = u64::try_from(listed).unwrap_or(0) < SHORT;
        self.0.insert(key, short);
        Ok(short)
    }
}

/// Counts the beginning of the list of what somebody may read.
fn beginning(class: &Class, readers: &[SmolStr]) -> Sql {
    let mut sql = Sql::from(Dialect::Sqlite, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql.ident(&ddl::readers_table(class.name.as_str())).push(r#" WHERE "principal""#);
    sql.is_one_of(readers.iter().map(SmolStr::as_str)).push(" LIMIT ").push_number(SHORT).push(")");
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{ROLE, USER};
    use crate::store::{Options, Store};

    #[tokio::test]
    async fn a_list_is_looked_at_once_for_each_class_and_its_readers() {
        let store = Box::pin(Store::open(&Options::of_test("sqlite::memory:"))).await.unwrap();
        let catalog = store.catalog();
        let (users, roles) = (catalog.class(USER).unwrap(), catalog.class(ROLE).unwrap());
        let lists = Lists::new(Duration::from_hours(1));
        let readers = |name: &str| -> Arc<[SmolStr]> { Arc::from([SmolStr::new(name)]) };
        let executor = store.shared.executor();
        assert!(lists.is_short(executor, users, &readers("alice")).await.unwrap());
        executor.define(r#"DROP TABLE "_Readers:_User"; DROP TABLE "_Readers:_Role""#).await.unwrap();
        assert!(lists.is_short(executor, users, &readers("alice")).await.unwrap());
        assert!(lists.is_short(executor, users, &readers("bob")).await.is_err());
        assert!(lists.is_short(executor, roles, &readers("alice")).await.is_err());
    }
}
