//! Fetching: one statement a level, whatever the number of rows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::budget::Budget;
use super::connection::Connection;
use super::level::{ArrayLevel, Level, PointerLevel, RelationLevel};
use super::preference::Preference;
use crate::auth::Caller;
use crate::class::Class;
use crate::fault::Fault;
use crate::guard;
use crate::plan::{Cursor, Find, Page, Position, Related};
use crate::store::{Reader, Row, Rows, Source};
use crate::value::{ObjectId, Value};

/// Fetches on behalf of one caller.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct Loader<'s> {
    pub(in crate::graphql) caller: &'s Caller,
    pub(in crate::graphql) reader: Reader<'s>,
    /// From where to read what the objects lead to.
    pub(in crate::graphql) below: Source,
    pub(in crate::graphql) unreadable: Unreadable,
    pub(in crate::graphql) budget: &'s Budget,
}

/// What becomes of what cannot be read behind a pointer or in a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) enum Unreadable {
    /// It is an error.
    Fails,
    /// What the caller may not read is left out: a write is not refused for what its answer would show.
    IsLeftOut,
    /// The same, and what else fails behind a pointer fails alone: the write that is answered has happened.
    FailsAlone,
}

/// The fetched objects of a level, with what they lead to.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Loaded {
    pub(super) rows: Vec<Row>,
    positions: HashMap<ObjectId, usize>,
    pub(super) pointers: Vec<Loaded>,
    pub(super) relations: Vec<LoadedConnection>,
    pub(super) arrays: Vec<LoadedArray>,
    /// Why nothing was fetched, if that failed, and nothing else with it.
    pub(super) failed: Option<Fault>,
}

/// The elements of an array column, and the objects that they point to.
#[derive(Debug, Default)]
pub(super) struct LoadedArray {
    /// The elements, by row.
    pub(super) elements: Vec<Option<Vec<Json>>>,
    /// The objects, by the position of their class in the level.
    pub(super) objects: Vec<(Arc<Class>, Loaded)>,
}

/// A fetched list; in a relation, one for each owner.
#[derive(Debug, Default)]
pub(in crate::graphql) struct LoadedConnection {
    pub(super) loaded: Loaded,
    pub(super) pages: HashMap<Option<ObjectId>, LoadedPage>,
    /// Where an empty page stands.
    pub(super) empty_cursor: Option<Cursor>,
    /// Why nothing was fetched: the caller may not find the objects, or the page cannot be asked for.
    pub(super) refused: Option<Fault>,
}

/// The page of one owner.
#[derive(Debug, Default, Clone)]
pub(super) struct LoadedPage {
    /// The positions of its rows.
    pub(super) rows: Vec<usize>,
    pub(super) has_next: bool,
    pub(super) has_previous: bool,
    pub(super) count: u64,
}

impl Loaded {
    /// True if there is no object.
    pub(in crate::graphql) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same, of these objects.
    pub(super) fn with_rows(self, rows: Vec<Row>) -> Self {
        let positions = rows.iter().enumerate().map(|(position, row)| (row.id.clone(), position)).collect();
        Self { rows, positions, ..self }
    }

    /// The position of the object with this id.
    pub(super) fn position(&self, id: &ObjectId) -> Option<usize> {
        self.positions.get(id).copied()
    }
}

impl<'s> Loader<'s> {
    /// The same loader, as a field prefers it.
    pub(in crate::graphql) fn preferring(self, preference: Option<Preference>) -> Self {
        match preference {
            Some(Preference { here, below }) => Self { reader: self.reader.at(here), below, ..self },
            None => self,
        }
    }

    /// The objects with these ids that the caller may get, in no order.
    pub(in crate::graphql) fn by_ids<'f>(
        self,
        level: &'f Level,
        ids: Vec<ObjectId>,
    ) -> BoxFuture<'f, Result<Loaded, Fault>>
    where
        's: 'f,
    {
        Box::pin(async move {
            let rows = self.read(Find::by_ids(Arc::clone(&level.class), ids, level.columns())).await?;
            self.follow(level, rows.rows).await
        })
    }

    /// A list, or with `related` one for each owner of a relation.
    pub(in crate::graphql) fn connection<'f>(
        self,
        connection: &'f Connection,
        related: Option<Related>,
    ) -> BoxFuture<'f, Result<LoadedConnection, Fault>>
    where
        's: 'f,
    {
        let this = self.preferring(connection.preference());
        Box::pin(async move {
            let mut pages = empty_pages(related.as_ref());
            // Whether there are further pages is a question about the number of rows, as in Parse.
            let counts = connection.wants.count || connection.wants.neighbours || connection.page().from_end;
            let count = counts.then(|| guard::count(this.caller, connection.count(related.clone()))).transpose()?;
            let mut rows = Vec::new();
            if connection.wants.rows {
                let found = this.page(connection, related.clone()).await?;
                fill_pages(connection, related.as_ref(), &found, &mut pages);
                rows = only_shown(found.rows, &mut pages);
                this.look_behind_empty_pages(connection, related.clone(), &mut pages).await?;
                this.look_before_empty_pages(connection, related, &mut pages).await?;
            }
            if let Some(count) = count.filter(|_| connection.wants.count) {
                let counts = this.reader.count(count).await?;
                for (owner, page) in &mut pages {
                    page.count = counts.of(owner.as_ref());
                }
            }
            let loaded = this.follow(&connection.level, rows).await?;
            let empty_cursor = connection.page().after.clone();
            Ok(LoadedConnection { loaded, pages, empty_cursor, refused: None })
        })
    }

    /// The rows of a plan, as far as the budget goes.
    async fn read(self, mut find: Find) -> Result<Rows, Fault> {
        find.page.total = Some(self.budget.rows());
        let rows = self.reader.find(guard::find(self.caller, find)?).await?;
        self.budget.spend(rows.rows.len())?;
        Ok(rows)
    }

    /// The rows of a page.
    async fn page(self, connection: &Connection, related: Option<Related>) -> Result<Rows, Fault> {
        let mut find = connection.find(related.clone());
        if let Some(last_skipped) = connection.last_skipped(related.as_ref()) {
            let skipped = self.reader.find(guard::find(self.caller, last_skipped)?).await?;
            let Some(row) = skipped.rows.into_iter().next() else { return Ok(Rows::default()) };
            find.page.after = Some(Cursor::Row(Position { keys: row.keys, id: row.id }));
            find.page.skip = 0;
        }
        self.read(find).await
    }

    /// An empty page behind others has a previous one, if there are any rows at all.
    async fn look_before_empty_pages(
        self,
        connection: &Connection,
        related: Option<Related>,
        pages: &mut HashMap<Option<ObjectId>, LoadedPage>,
    ) -> Result<(), Fault> {
        let unsure = |page: &LoadedPage| page.rows.is_empty() && page.has_previous;
        if !connection.wants.previous || !pages.values().any(unsure) {
            return Ok(());
        }
        let with_rows = self.with_rows(connection.first_row(related)).await?;
        for (owner, page) in pages {
            page.has_previous &= !page.rows.is_empty() || with_rows.contains(owner);
        }
        Ok(())
    }

    /// A page that is empty because more is passed over than there is in front of its end has a next one if anything is
    /// left behind that.
    async fn look_behind_empty_pages(
        self,
        connection: &Connection,
        related: Option<Related>,
        pages: &mut HashMap<Option<ObjectId>, LoadedPage>,
    ) -> Result<(), Fault> {
        let Page { after, before, skip, .. } = connection.page();
        let unsure = before.is_some() && (*skip > 0 || after.is_some());
        if !connection.wants.neighbours || !unsure || !pages.values().any(|page| page.rows.is_empty()) {
            return Ok(());
        }
        let with_rows = self.with_rows(connection.row_behind(related)).await?;
        for (owner, page) in pages {
            page.has_next &= !page.rows.is_empty() || with_rows.contains(owner);
        }
        Ok(())
    }

    /// The owners for whom a plan finds a row.
    async fn with_rows(self, plan: Find) -> Result<HashSet<Option<ObjectId>>, Fault> {
        let found = self.reader.find(guard::find(self.caller, plan)?).await?;
        Ok(found.rows.into_iter().map(|row| row.owner).collect())
    }

    /// Fetches what rows lead to.
    pub(super) async fn follow(self, level: &Level, rows: Vec<Row>) -> Result<Loaded, Fault> {
        let mut loaded = Loaded::default();
        let below = Self { reader: self.reader.at(self.below), ..self };
        for pointer in &level.pointers {
            loaded.pointers.push(below.pointer(pointer, &rows).await?);
        }
        for relation in &level.relations {
            loaded.relations.push(below.relation(&level.class, relation, &rows).await?);
        }
        for array in &level.arrays {
            loaded.arrays.push(below.array(array, &rows).await?);
        }
        Ok(loaded.with_rows(rows))
    }

    pub(super) async fn pointer(self, pointer: &PointerLevel, rows: &[Row]) -> Result<Loaded, Fault> {
        let ids: HashSet<_> = rows.iter().filter_map(|row| row.pointer(pointer.column)).cloned().collect();
        if ids.is_empty() {
            return Ok(Loaded::default());
        }
        self.readable(self.by_ids(&pointer.target, ids.into_iter().collect()).await)
    }

    /// What was read, or nothing if that is to fail nothing else.
    pub(super) fn readable(self, read: Result<Loaded, Fault>) -> Result<Loaded, Fault> {
        match read {
            Err(fault) if fault.is_denial() && self.unreadable != Unreadable::Fails => Ok(Loaded::default()),
            Err(fault) if self.unreadable == Unreadable::FailsAlone => {
                let causes = fault.causes().unwrap_or_default();
                tracing::error!(code = fault.code().number(), causes, "an answer to a change is not complete");
                Ok(Loaded { failed: Some(fault.of_answer()), ..Loaded::default() })
            }
            read => read,
        }
    }

    async fn relation(
        self,
        class: &Arc<Class>,
        relation: &RelationLevel,
        rows: &[Row],
    ) -> Result<LoadedConnection, Fault> {
        let owners: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
        if owners.is_empty() {
            return Ok(LoadedConnection::default());
        }
        let related = Related { class: Arc::clone(class), field: Arc::clone(&relation.field), owners };
        // As in Parse, a relation that is refused fails by itself, and with it each object that shows it.
        let refused = |fault| LoadedConnection { refused: Some(fault), ..LoadedConnection::default() };
        let connection = match &relation.connection {
            Ok(connection) => connection,
            Err(fault) => return Ok(refused(fault.again())),
        };
        match self.connection(connection, Some(related)).await {
            Err(fault) if fault.is_denial() => match self.unreadable {
                Unreadable::Fails => Ok(refused(fault)),
                Unreadable::IsLeftOut | Unreadable::FailsAlone => Ok(LoadedConnection::default()),
            },
            loaded => loaded,
        }
    }

    async fn array(self, array: &ArrayLevel, rows: &[Row]) -> Result<LoadedArray, Fault> {
        let elements: Vec<Option<Vec<Json>>> = rows
            .iter()
            .map(|row| match row.cells.get(array.column) {
                Some(Value::Array(text)) => text.parse().as_array().cloned(),
                _ => None,
            })
            .collect();
        let mut objects = Vec::new();
        for target in &array.targets {
            let ids: HashSet<_> = elements
                .iter()
                .flatten()
                .flatten()
                .filter_map(pointed_to)
                .filter(|(class, _)| *class == target.class.name.as_str())
                .map(|(_, id)| ObjectId::new(id))
                .collect();
            let loaded = if ids.is_empty() {
                Loaded::default()
            } else {
                self.readable(self.by_ids(target, ids.into_iter().collect()).await)?
            };
            objects.push((Arc::clone(&target.class), loaded));
        }
        Ok(LoadedArray { elements, objects })
    }
}

/// The class and the id of an array's element that is a pointer.
pub(in crate::graphql) fn pointed_to(element: &Json) -> Option<(&str, &str)> {
    let text = |key| element.get(key).and_then(Json::as_str);
    (text("__type")? == "Pointer").then_some((text("className")?, text("objectId")?))
}

fn empty_pages(related: Option<&Related>) -> HashMap<Option<ObjectId>, LoadedPage> {
    match related {
        None => HashMap::from([(None, LoadedPage::default())]),
        Some(related) => related.owners.iter().map(|owner| (Some(owner.clone()), LoadedPage::default())).collect(),
    }
}

/// Distributes rows to the pages of their owners.
fn fill_pages(
    connection: &Connection,
    related: Option<&Related>,
    found: &Rows,
    pages: &mut HashMap<Option<ObjectId>, LoadedPage>,
) {
    for (position, row) in found.rows.iter().enumerate() {
        pages.entry(row.owner.clone()).or_default().rows.push(position);
    }
    let page = connection.page();
    let keep = connection.keep_last(related).and_then(|last| usize::try_from(last).ok()).unwrap_or(usize::MAX);
    for (owner, part) in pages {
        let has_more = owner.as_ref().map_or(found.more, |owner| found.more_of.contains(owner));
        let cut_in_front = part.rows.len().saturating_sub(keep);
        part.rows.drain(..cut_in_front);
        let behind_rows = matches!(page.before, Some(Cursor::Row(_)));
        let before_rows = matches!(page.after, Some(Cursor::Row(_))) || page.skip > 0 || cut_in_front > 0;
        part.has_next = behind_rows || (has_more && !page.from_end);
        part.has_previous = before_rows || (has_more && page.from_end);
    }
}

/// Leaves out the rows that are on no page, so that nothing is asked about what they lead to.
fn only_shown(rows: Vec<Row>, pages: &mut HashMap<Option<ObjectId>, LoadedPage>) -> Vec<Row> {
    let shown: HashSet<usize> = pages.values().flat_map(|page| page.rows.iter().copied()).collect();
    if shown.len() == rows.len() {
        return rows;
    }
    let mut moved = HashMap::new();
    let mut kept = Vec::with_capacity(shown.len());
    for (position, row) in rows.into_iter().enumerate().filter(|(position, _)| shown.contains(position)) {
        moved.insert(position, kept.len());
        kept.push(row);
    }
    for page in pages.values_mut() {
        page.rows = page.rows.iter().filter_map(|position| moved.get(position).copied()).collect();
    }
    kept
}

/// The cursor of a row.
pub(super) fn cursor(row: &Row) -> String {
    Cursor::Row(Position { keys: row.keys.clone(), id: row.id.clone() }).encode()
}
