//! Access control lists (§5).

use std::collections::BTreeSet;

use super::{RowId, View};

/// Who a right is given to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Principal {
    Public,
    User(RowId),
    Role(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

/// Who may read and who may write one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Acl {
    pub(crate) read: BTreeSet<Principal>,
    pub(crate) write: BTreeSet<Principal>,
}

/// The ACL of new objects that bring none (§3.8).
#[derive(Debug, Clone)]
pub(crate) struct DefaultAcl {
    pub(crate) current_user: Option<Rights>,
    pub(crate) others: Vec<(Principal, Rights)>,
}

impl Acl {
    pub(crate) fn public() -> Self {
        Self::of([(Principal::Public, Rights { read: true, write: true })])
    }

    /// Rights that are false leave no trace.
    pub(crate) fn of(entries: impl IntoIterator<Item = (Principal, Rights)>) -> Self {
        let mut acl = Self::default();
        for (principal, rights) in entries {
            acl.grant(&principal, rights);
        }
        acl
    }

    pub(crate) fn grant(&mut self, principal: &Principal, rights: Rights) {
        if rights.read {
            self.read.insert(principal.clone());
        }
        if rights.write {
            self.write.insert(principal.clone());
        }
    }

    /// Everybody who is named, and with which rights.
    pub(crate) fn entries(&self) -> Vec<(&Principal, Rights)> {
        let named = self.read.union(&self.write);
        named.map(|who| (who, Rights { read: self.read.contains(who), write: self.write.contains(who) })).collect()
    }
}

impl View<'_> {
    /// The ACL lets the caller read the row.
    pub(super) fn acl_reads(&self, row: RowId) -> bool {
        self.is_among(&self.model.rows[&row].acl.read)
    }

    /// The ACL lets the caller write the row.
    pub(super) fn acl_writes(&self, row: RowId) -> bool {
        self.is_among(&self.model.rows[&row].acl.write)
    }

    fn is_among(&self, principals: &BTreeSet<Principal>) -> bool {
        self.is_privileged()
            || principals.iter().any(|principal| match principal {
                Principal::Public => true,
                Principal::User(user) => self.user() == Some(*user),
                Principal::Role(role) => self.roles.contains(role),
            })
    }

    /// The ACL of a new object that brings none: what the class says, else public.
    pub(super) fn default_acl(&self, default: Option<&DefaultAcl>) -> Acl {
        let Some(default) = default else { return Acl::public() };
        let mut acl = Acl::of(default.others.iter().cloned());
        if let (Some(rights), Some(user)) = (default.current_user, self.user()) {
            acl.grant(&Principal::User(user), rights);
        }
        acl
    }
}
