//! Reading, on the pool or in a transaction.

use std::collections::HashMap;

use sea_orm::QueryResult;

use super::Shared;
use super::dialect::Dialect;
use super::error::Error;
use super::execute::Executor;
use super::render;
use super::rows::{Raw, Row, Rows};
use super::sql::Sql;
use crate::class::Class;
use crate::fault::Fault;
use crate::guard::{AdmittedCount, AdmittedFind, Clause, Right, RowScope};
use crate::value::ObjectId;

/// How many rows of its list of permissions SQLite looks at before it decides that the table itself is shorter.
const PROBE: u64 = 1000;

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
    executor: Executor<'a>,
    /// Who has the replicas; nobody in a transaction, which sees what no replica has yet.
    replicas: Option<&'a Shared>,
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

impl<'a> Reader<'a> {
    pub(super) const fn in_transaction(executor: Executor<'a>) -> Self {
        Self { executor, replicas: None, source: Source::Primary }
    }

    pub(super) fn on_pool(shared: &'a Shared) -> Self {
        let replicas = (!shared.replicas.is_empty()).then_some(shared);
        Self { executor: shared.executor(), replicas, source: Source::Primary }
    }

    /// The same reader, of this source. A transaction reads where it writes.
    #[must_use]
    pub const fn at(self, source: Source) -> Self {
        Self { source, ..self }
    }

    async fn rows(self, sql: Sql) -> Result<Vec<QueryResult>, Error> {
        if let (Source::Replica, Some(shared)) = (self.source, self.replicas)
            && let Some(rows) = shared.rows_of_a_replica(sql.to_statement()).await
        {
            return Ok(rows);
        }
        self.executor.rows(sql).await
    }

    /// Finds objects: one statement, and in SQLite sometimes a glance before it.
    #[tracing::instrument(name = "store.find", skip_all, fields(class = %find.class().name))]
    pub async fn find(&self, find: AdmittedFind) -> Result<Rows, Fault> {
        if find.related().as_ref().is_some_and(|related| related.owners.is_empty()) {
            return Ok(Rows::default());
        }
        let listed = self.is_list_short(find.class(), find.scope(), find.is_led_by_ids()).await?;
        let (sql, layout) = render::find(self.executor.dialect(), &find, listed);
        let answer = self.rows(sql).await?;
        let rank = layout.rank.unwrap_or(0);
        let page = find.page();
        let last_rank = page.limit.filter(|_| layout.rank.is_some()).map(|limit| page.skip.saturating_add(limit));
        let mut rows = Rows { rows: Vec::with_capacity(answer.len()), ..Rows::default() };
        for row in &answer {
            let raw = Raw::new(row)?;
            let row = Row::decode(raw, &layout)?;
            match last_rank {
                Some(last)
                    if raw.integer(rank)?.and_then(|rank| u64::try_from(rank).ok()).is_some_and(|rank| rank > last) =>
                {
                    rows.more_of.extend(row.owner);
                }
                _ => rows.rows.push(row),
            }
        }
        if let Some(limit) = page.limit.filter(|_| layout.rank.is_none()) {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            rows.more = rows.rows.len() > limit;
            rows.rows.truncate(limit);
        }
        if page.from_end {
            rows.rows.reverse();
        }
        Ok(rows)
    }

    /// Counts objects: one statement, and in SQLite sometimes a glance before it.
    #[tracing::instrument(name = "store.count", skip_all, fields(class = %count.class().name))]
    pub async fn count(&self, count: AdmittedCount) -> Result<Counts, Fault> {
        let listed = self.is_list_short(count.class(), count.scope(), count.is_led_by_ids()).await?;
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

    /// SQLite has no index into arrays, but a list of who may read what. It is the way if it is short; if most rows are
    /// readable, looking at the rows themselves is. A glance at its beginning tells.
    async fn is_list_short(&self, class: &Class, scope: &RowScope, led_by_ids: bool) -> Result<bool, Fault> {
        if self.executor.dialect() != Dialect::Sqlite || led_by_ids {
            return Ok(false);
        }
        let Some(sql) = probe(class, scope) else { return Ok(false) };
        let row = self.executor.row(sql).await?;
        let seen = row.as_ref().map(|row| Raw::new(row)?.integer(0)).transpose()?.flatten().unwrap_or(0);
        Ok(u64::try_from(seen).unwrap_or(0) < PROBE)
    }
}

/// Counts the beginning of the list of what the scope's principals may read.
fn probe(class: &Class, scope: &RowScope) -> Option<Sql> {
    let RowScope::Granted(clauses) = scope else { return None };
    let principals = clauses.iter().find_map(|clause| match clause {
        Clause::Acl(Right::Read, principals) if !principals.is_empty() => Some(principals),
        Clause::Acl(..) | Clause::PointsTo(..) | Clause::Nobody => None,
    })?;
    let mut sql = Sql::from(Dialect::Sqlite, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql.ident(&super::ddl::readers_table(class.name.as_str())).push(r#" WHERE "principal""#);
    sql.is_one_of(principals.iter().map(smol_str::SmolStr::as_str)).push(" LIMIT ").push_number(PROBE).push(")");
    Some(sql)
}
