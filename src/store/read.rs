//! Reading, on the pool or in a transaction.

use std::collections::HashMap;

use sea_orm::QueryResult;

use super::Shared;
use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::render::{self, Layout, Ways};
use super::rows::{Raw, Row, Rows};
use super::sql::Sql;
use crate::class::Class;
use crate::fault::Fault;
use crate::guard::{AdmittedCount, AdmittedFind, RowScope};
use crate::value::ObjectId;

/// From where rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Where they are written.
    Primary,
    /// From a replica, if one has everything that must be in force.
    Replica,
}

/// Reads admitted plans.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    shared: &'a Shared,
    executor: Executor<'a>,
    source: Source,
}

/// How many objects there are.
#[derive(Debug)]
pub enum Counts {
    /// All together.
    One(u64),
    /// In the relation of each of these objects; of the others there are none.
    PerOwner(HashMap<ObjectId, u64>),
}

impl Counts {
    /// The count of an object's relation, or of all together.
    pub fn of(&self, owner: Option<&ObjectId>) -> u64 {
        match self {
            Self::One(count) => *count,
            Self::PerOwner(counts) => owner.and_then(|owner| counts.get(owner)).copied().unwrap_or(0),
        }
    }
}

/// Numbers the rows of a page, which come together, as do those of each owner.
#[derive(Default)]
struct Numbers {
    owner: Option<ObjectId>,
    last: u64,
}

impl Numbers {
    fn next(&mut self, owner: Option<&ObjectId>) -> u64 {
        if self.owner.as_ref() != owner {
            *self = Self { owner: owner.cloned(), last: 0 };
        }
        self.last += 1;
        self.last
    }
}

impl<'a> Reader<'a> {
    pub(super) const fn new(shared: &'a Shared, executor: Executor<'a>) -> Self {
        Self { shared, executor, source: Source::Primary }
    }

    /// The same reader, of this source. A transaction reads where it writes.
    #[must_use]
    pub const fn at(self, source: Source) -> Self {
        Self { source, ..self }
    }

    async fn rows(self, sql: Sql) -> Result<Vec<QueryResult>, Error> {
        // A transaction sees what no replica has yet.
        let by_replica = self.source == Source::Replica && !self.executor.is_in_transaction();
        if by_replica
            && !self.shared.replicas.is_empty()
            && let Some(rows) = self.shared.rows_of_a_replica(sql.to_statement()).await
        {
            return Ok(rows);
        }
        self.executor.rows(sql).await
    }

    /// Finds objects: one statement, and in SQLite sometimes a glance before it; another one for relations with more objects than a
    /// page of each has.
    #[tracing::instrument(name = "store.find", skip_all, fields(class = %find.class().name))]
    pub async fn find(&self, find: AdmittedFind) -> Result<Rows, Fault> {
        if find.related().as_ref().is_some_and(|related| related.owners.is_empty()) {
            return Ok(Rows::default());
        }
        let listed = self.is_listed(find.class(), find.scope(), find.is_led_by_ids()).await?;
        let (answer, layout) = self.answer(&find, listed).await?;
        let page = find.page();
        let mut rows = Rows { rows: Vec::with_capacity(answer.len()), ..Rows::default() };
        let mut numbers = Numbers::default();
        for row in &answer {
            let row = Row::decode(Raw::new(row)?, &layout)?;
            if page.limit.is_none_or(|limit| numbers.next(row.owner.as_ref()) <= limit) {
                rows.rows.push(row);
            } else if let Some(owner) = row.owner {
                rows.more_of.insert(owner);
            } else {
                rows.more = true;
            }
        }
        if page.from_end {
            rows.rows.reverse();
        }
        Ok(rows)
    }

    /// The rows of the page, or of each owner's, and at least one more where there is more.
    async fn answer(self, find: &AdmittedFind, listed: bool) -> Result<(Vec<QueryResult>, Layout), Error> {
        let (sql, layout) = render::find(self.executor.dialect(), find, Ways { listed, numbered: false });
        let answer = self.rows(sql).await?;
        if layout.most.is_none_or(|most| u64::try_from(answer.len()).is_ok_and(|rows| rows <= most)) {
            return Ok((answer, layout));
        }
        // Some relations have so many objects that not all should come, and which do must be decided by the database.
        drop(answer);
        let (sql, layout) = render::find(self.executor.dialect(), find, Ways { listed, numbered: true });
        Ok((self.rows(sql).await?, layout))
    }

    /// Counts objects: one statement, and in SQLite sometimes a glance before it.
    #[tracing::instrument(name = "store.count", skip_all, fields(class = %count.class().name))]
    pub async fn count(&self, count: AdmittedCount) -> Result<Counts, Fault> {
        let listed = self.is_listed(count.class(), count.scope(), count.is_led_by_ids()).await?;
        let answer = self.rows(render::count(self.executor.dialect(), &count, listed)).await?;
        let number = |row: Raw<'_>| -> Result<u64, Error> {
            let number = row.integer(0)?.unwrap_or(0);
            u64::try_from(number).map_err(|_cause| Error::unexpected("a negative count"))
        };
        if count.related().is_none() {
            let row = answer.first().ok_or_else(|| Error::unexpected("a count without an answer"))?;
            return Ok(Counts::One(number(Raw::new(row)?)?));
        }
        let mut counts = HashMap::new();
        for row in &answer {
            let row = Raw::new(row)?;
            counts.insert(ObjectId::new(row.required(1)?), number(row)?);
        }
        Ok(Counts::PerOwner(counts))
    }

    /// Whether SQLite goes to the rows by the list of what the caller may read.
    async fn is_listed(self, class: &Class, scope: &RowScope, led_by_ids: bool) -> Result<bool, Error> {
        if self.executor.dialect() != Dialect::Sqlite || led_by_ids {
            return Ok(false);
        }
        let Some(readers) = render::readers(scope).filter(|readers| !readers.is_empty()) else { return Ok(false) };
        self.shared.lists.is_short(self.executor, class, readers).await
    }
}
