//! What a mutation shows of the object that it writes.

use std::collections::HashMap;
use std::slice;
use std::sync::Arc;

use super::level::Level;
use super::load::{Loaded, LoadedConnection, Loader, Unreadable};
use crate::class::Field;
use crate::fault::Fault;
use crate::guard::{self, AdmittedFind};
use crate::plan::Find;
use crate::store::{Behind, Row, Times, Together};
use crate::value::{ObjectId, Value};

impl Loader<'_> {
    /// The plan that reads an object which is about to be written by one statement, if the caller may get objects of its class, and
    /// nothing that would still have to be read afterwards could be refused then.
    pub(in crate::graphql) fn plan_of_written(
        self,
        level: &Level,
        id: &ObjectId,
    ) -> Result<Option<AdmittedFind>, Fault> {
        if !level.single_objects().is_some_and(|objects| self.budget.allows(objects)) {
            return Ok(None);
        }
        self.plan_of_one(level, id)
    }

    /// The plans that read objects which are made along with the one that points to them, if the caller may get objects of their
    /// classes, each with the position of its pointer.
    pub(in crate::graphql) fn plans_behind(
        self,
        level: &Level,
        together: &Together,
    ) -> Result<Vec<(usize, AdmittedFind)>, Fault> {
        let mut plans = Vec::new();
        for (position, pointer) in level.pointers.iter().enumerate() {
            let made = level.columns.get(pointer.column).and_then(|field| together.made_behind(field));
            if let Some(id) = made
                && let Some(plan) = self.plan_of_one(&pointer.target, id)?
            {
                plans.push((position, plan));
            }
        }
        Ok(plans)
    }

    /// The plan that reads an object, if the caller may get objects of its class.
    fn plan_of_one(self, level: &Level, id: &ObjectId) -> Result<Option<AdmittedFind>, Fault> {
        match guard::find(self.caller, Find::by_ids(Arc::clone(&level.class), vec![id.clone()], level.columns())) {
            Err(fault) if fault.is_denial() => Ok(None),
            find => find.map(Some),
        }
    }

    /// An object that was just written by a [`plan_of_written`](Self::plan_of_written), which leads to nothing but pointers. What the
    /// writing statement has read behind them is in `behind`, by their positions. The change stands, whatever becomes of
    /// reading the rest.
    pub(in crate::graphql) async fn written(
        self,
        level: &Level,
        row: Option<Row>,
        mut behind: HashMap<usize, Behind>,
    ) -> Result<Option<Loaded>, Fault> {
        let Some(row) = row else { return Ok(None) };
        self.budget.spend(1)?;
        let this = Self { unreadable: Unreadable::FailsAlone, ..self };
        let mut loaded = Loaded::default();
        for (position, pointer) in level.pointers.iter().enumerate() {
            loaded.pointers.push(match behind.remove(&position).unwrap_or_default() {
                Behind::NotRead => this.pointer(pointer, slice::from_ref(&row)).await?,
                Behind::Read(Some(target)) if row.pointer(pointer.column) == Some(&target.id) => {
                    self.budget.spend(1)?;
                    this.readable(this.follow(&pointer.target, vec![target]).await)?
                }
                // It may not be seen, or its pointer.
                Behind::Read(_) => Loaded::default(),
            });
        }
        Ok(Some(loaded.with_rows(vec![row])))
    }
}

/// What somebody sees of an object that was written but cannot be read: its id and its times, and nothing in its relations.
pub(in crate::graphql) fn written_row(level: &Level, id: &ObjectId, times: Times) -> Loaded {
    let cell = |field: &Arc<Field>| match field.name.as_str() {
        "createdAt" => times.created_at.map_or(Value::Null, Value::Date),
        "updatedAt" => times.updated_at.map_or(Value::Null, Value::Date),
        _ => Value::Null,
    };
    let cells = level.columns.iter().map(cell).collect();
    let row = Row { id: id.clone(), owner: None, cells, keys: Vec::new() };
    let relations = level.relations.iter().map(|_| LoadedConnection::default()).collect();
    let mut loaded = Loaded::default();
    loaded.relations = relations;
    loaded.with_rows(vec![row])
}
