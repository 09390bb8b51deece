//! Class-level permissions (§3).

use std::collections::BTreeMap;

use super::read::Within;
use super::{Caller, ClassId, DENIED, DefaultAcl, Faults, Filter, NOT_FOUND, RowId, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Get,
    Find,
    Count,
    Create,
    Update,
    Delete,
}

impl Operation {
    pub(crate) const ALL: [Self; 6] = [Self::Get, Self::Find, Self::Count, Self::Create, Self::Update, Self::Delete];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Find => "find",
            Self::Count => "count",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Permission {
    pub(crate) public: bool,
    pub(crate) requires_authentication: bool,
    pub(crate) users: Vec<RowId>,
    pub(crate) roles: Vec<String>,
    pub(crate) pointer_fields: Vec<&'static str>,
}

impl Permission {
    pub(crate) fn public() -> Self {
        Self { public: true, ..Self::default() }
    }
}

/// Whom a list of protected fields is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Group {
    Public,
    Authenticated,
    User(RowId),
    Role(String),
    UserField(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) struct Clp {
    pub(crate) permissions: BTreeMap<Operation, Permission>,
    pub(crate) read_user_fields: Vec<&'static str>,
    pub(crate) write_user_fields: Vec<&'static str>,
    pub(crate) protected: Vec<(Group, Vec<&'static str>)>,
    pub(crate) default_acl: Option<DefaultAcl>,
}

impl Clp {
    /// Everybody may do everything.
    pub(crate) fn open() -> Self {
        Self {
            permissions: Operation::ALL.into_iter().map(|operation| (operation, Permission::public())).collect(),
            read_user_fields: Vec::new(),
            write_user_fields: Vec::new(),
            protected: Vec::new(),
            default_acl: None,
        }
    }
}

/// What a class says to an operation of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Every row, as far as the class is concerned.
    Open,
    /// Rows that point to the caller by one of these fields.
    Rows(Vec<&'static str>),
    Closed(i32),
}

impl View<'_> {
    /// §3.4, in its order.
    pub(crate) fn gate(&self, class: ClassId, operation: Operation) -> Gate {
        let is_write = matches!(operation, Operation::Create | Operation::Update | Operation::Delete);
        match self.caller {
            Caller::ReadOnlyMaster if is_write => return Gate::Closed(DENIED),
            Caller::Master | Caller::ReadOnlyMaster => return Gate::Open,
            Caller::Anonymous | Caller::User(_) => {}
        }
        let clp = &self.model.class(class).clp;
        let permission = clp.permissions.get(&operation).cloned().unwrap_or_default();
        let direct = permission.public
            || self.user().is_some_and(|user| permission.users.contains(&user))
            || permission.roles.iter().any(|role| self.roles.contains(role));
        if direct {
            return Gate::Open;
        }
        if permission.requires_authentication && self.user().is_none() {
            return Gate::Closed(NOT_FOUND);
        }
        if operation == Operation::Create {
            return if permission.requires_authentication { Gate::Open } else { Gate::Closed(DENIED) };
        }
        let more = if is_write { &clp.write_user_fields } else { &clp.read_user_fields };
        let fields: Vec<&'static str> = permission.pointer_fields.iter().chain(more).copied().collect();
        match (fields.is_empty(), permission.requires_authentication) {
            (false, _) => Gate::Rows(fields),
            (true, true) => Gate::Open,
            (true, false) => Gate::Closed(DENIED),
        }
    }

    /// The gate lets the row through. What is closed has been refused before.
    pub(super) fn passes(&self, gate: &Gate, row: RowId) -> bool {
        match gate {
            Gate::Open => true,
            Gate::Rows(fields) => {
                self.user().is_some_and(|user| fields.iter().any(|field| self.model.points_to_user(row, field, user)))
            }
            Gate::Closed(_) => false,
        }
    }

    /// The rows of a class that a caller may read by an operation: CLP and ACL.
    pub(super) fn reads(&self, operation: Operation, row: RowId) -> bool {
        self.model.rows.contains_key(&row) && self.passes(&self.gate(row.class, operation), row) && self.acl_reads(row)
    }

    /// Find is closed altogether; not just to whoever would have to sign in to see the rows that point to oneself.
    fn find_is_closed(&self, class: ClassId) -> bool {
        let clp = &self.model.class(class).clp;
        let by_pointer = clp.permissions.get(&Operation::Find).is_some_and(|find| !find.pointer_fields.is_empty())
            || !clp.read_user_fields.is_empty();
        matches!(self.gate(class, Operation::Find), Gate::Closed(_)) && !by_pointer
    }

    /// Why a count under a condition or in a relation is refused: which rows these are is for those who may find them.
    pub(super) fn particular_count_faults(&self, class: ClassId, filter: Option<&Filter>, within: Within) -> Faults {
        let particular = within == Within::Relation || filter.is_some_and(|filter| !filter.asks_nothing());
        if particular && self.find_is_closed(class) {
            return self.gate_faults(class, Operation::Find);
        }
        Faults::new()
    }

    /// The rows that a count sees: those that find would show too, unless find is closed altogether. Where find shows
    /// rows to those to whom they point, and the caller has not even signed in, there is none.
    pub(super) fn counts(&self, row: RowId) -> bool {
        let find = self.gate(row.class, Operation::Find);
        self.reads(Operation::Count, row) && (self.find_is_closed(row.class) || self.passes(&find, row))
    }
}
