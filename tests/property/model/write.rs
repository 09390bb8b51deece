//! What changes do to the database.

use super::{
    Caller, Changes, ClassId, DENIED, Faults, Gate, Model, NOT_FOUND, Operation, Principal, Rights, Row, RowId, USER,
    USER_DENIED, View, Write,
};

impl Model {
    /// The database after a change, or the numbers of which the refusal has one; then nothing has changed.
    pub(crate) fn after(&self, caller: Caller, write: &Write) -> Result<Self, Faults> {
        let view = self.seen_by(caller);
        let faults = match write {
            Write::Create { row, changes } => view.create_faults(row.class, changes),
            Write::Update { row, changes } => {
                let mut faults = view.touch_faults(*row, Operation::Update);
                faults.extend(view.nested_faults(changes));
                faults
            }
            Write::Delete { row } => view.touch_faults(*row, Operation::Delete),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut after = self.clone();
        match write {
            Write::Create { row, changes } => after.create(&view, *row, changes),
            Write::Update { row, changes } => after.update(&view, *row, changes),
            Write::Delete { row } => drop(after.rows.remove(row)),
        }
        Ok(after)
    }

    fn create(&mut self, view: &View<'_>, row: RowId, changes: &Changes) {
        let clp = &view.model.class(row.class).clp;
        let acl = changes.acl.clone().unwrap_or_else(|| view.default_acl(clp.default_acl.as_ref()));
        self.rows.insert(row, Row { acl, ..Row::default() });
        self.change(view, row, changes);
    }

    fn update(&mut self, view: &View<'_>, row: RowId, changes: &Changes) {
        if let Some(acl) = &changes.acl {
            let mut acl = acl.clone();
            // A user cannot lock himself out of his own row.
            if view.user() == Some(row) {
                acl.grant(&Principal::User(row), Rights { read: true, write: true });
            }
            self.row(row).acl = acl;
        }
        self.change(view, row, changes);
    }

    fn change(&mut self, view: &View<'_>, row: RowId, changes: &Changes) {
        for (field, value) in &changes.values {
            self.row(row).values.insert(field, value.clone());
        }
        for (field, target, fields) in &changes.made {
            self.create(view, *target, fields);
            self.row(row).values.insert(field, super::Value::Pointer(*target));
        }
        for (field, change) in &changes.links {
            for (target, fields) in &change.make {
                self.create(view, *target, fields);
            }
            let made = change.make.iter().map(|(target, _)| *target);
            let members = self.row(row).links.entry(field).or_default();
            members.extend(change.add.iter().copied().chain(made));
            members.retain(|member| !change.remove.contains(member));
        }
    }

    fn row(&mut self, row: RowId) -> &mut Row {
        self.rows.get_mut(&row).expect("the row exists")
    }
}

impl View<'_> {
    fn create_faults(&self, class: ClassId, changes: &Changes) -> Faults {
        let mut faults = self.gate_faults(class, Operation::Create);
        faults.extend(self.nested_faults(changes));
        faults
    }

    /// Objects that are made along with another one need their own permission.
    fn nested_faults(&self, changes: &Changes) -> Faults {
        let made = changes.made.iter().map(|(_, target, fields)| (target, fields));
        let linked = changes.links.iter().flat_map(|(_, change)| &change.make).map(|(target, fields)| (target, fields));
        made.chain(linked).flat_map(|(target, fields)| self.create_faults(target.class, fields)).collect()
    }

    /// Why a row may not be updated or deleted: CLP, pointer fields or ACL.
    fn touch_faults(&self, row: RowId, operation: Operation) -> Faults {
        let gate = self.gate(row.class, operation);
        let missing = if row.class == USER && !self.is_privileged() { USER_DENIED } else { NOT_FOUND };
        match gate {
            Gate::Closed(_) if self.is_privileged() => Faults::from([DENIED]),
            _ if row.class == USER && self.caller == Caller::Anonymous => Faults::from([USER_DENIED]),
            Gate::Closed(code) => Faults::from([code]),
            Gate::Open | Gate::Rows(_) => {
                let may = self.model.rows.contains_key(&row) && self.passes(&gate, row) && self.acl_writes(row);
                if may { Faults::new() } else { Faults::from([missing]) }
            }
        }
    }
}
