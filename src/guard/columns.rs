//! Protected fields: which values a caller may see, and which fields a caller may ask about.

use std::sync::Arc;

use super::admitted::{Column, Shown};
use crate::auth::{Caller, Master, SignedIn};
use crate::class::{Class, Field, FieldName, Group};
use crate::fault::Fault;

/// What is hidden from one caller in one class.
pub(super) struct Protection<'a> {
    class: &'a Class,
    reader: Reader<'a>,
}

enum Reader<'a> {
    /// The master key: nothing is hidden but what the server keeps to itself.
    Unlocked,
    /// The read-only master key: as before, but how somebody signs in is hidden. With that, it would be good for writing.
    ReadOnly,
    /// Somebody without a session.
    Anonymous(Hidden<'a>),
    /// A user.
    User(&'a SignedIn, Hidden<'a>),
}

/// The lists of protected fields that apply.
struct Hidden<'a> {
    /// The lists of the groups that the caller is in whatever the row. A field is hidden if all of them have it.
    always: Vec<&'a [FieldName]>,
    /// The lists that join them in rows where the field points to the caller.
    by_row: Vec<(&'a Arc<Field>, &'a [FieldName])>,
}

impl<'a> Protection<'a> {
    pub(super) fn new(caller: &'a Caller, class: &'a Class) -> Self {
        let reader = match caller {
            Caller::Master(Master::Full(_), _) => Reader::Unlocked,
            Caller::Master(Master::ReadOnly(_), _) => Reader::ReadOnly,
            Caller::User(signed_in) => Reader::User(signed_in, Hidden::new(class, Some(signed_in))),
            Caller::Anonymous => Reader::Anonymous(Hidden::new(class, None)),
        };
        Self { class, reader }
    }

    /// The column of a field that is to be read.
    pub(super) fn column(&self, field: Arc<Field>) -> Column {
        Column { shown: self.shown(&field), field }
    }

    /// Refuses a field that the caller may not see in every row, in filters, orders and sub-queries: the answer would tell
    /// about it. The exemption of a row's owner does not matter here, because rows of others answer as well.
    pub(super) fn check_usable(&self, field: &Field) -> Result<(), Fault> {
        match (self.shown(field), &self.reader) {
            (Shown::Always, _) => Ok(()),
            // Sessions are closed to whoever has none, which the gate says with a number of its own.
            (_, Reader::Anonymous(_)) if self.class.name.is_session() => Ok(()),
            (Shown::Never | Shown::When { .. }, _) => Err(Fault::denied()),
        }
    }

    fn shown(&self, field: &Field) -> Shown {
        // The server keeps it to itself, so it is no key either, not even with a master key: cursors would carry it.
        if self.class.name.is_session() && field.name.as_str() == "sessionToken" {
            return Shown::Never;
        }
        match &self.reader {
            Reader::Anonymous(hidden) if self.is_private(field) || hidden.hides(field) => Shown::Never,
            Reader::ReadOnly if self.is_private(field) => Shown::Never,
            Reader::Unlocked | Reader::ReadOnly | Reader::Anonymous(_) => Shown::Always,
            Reader::User(signed_in, hidden) => self.shown_to(signed_in, hidden, field),
        }
    }

    fn shown_to(&self, signed_in: &SignedIn, hidden: &Hidden<'_>, field: &Field) -> Shown {
        let own_row = self.class.name.is_user();
        let when =
            |revealed_by, hidden_by| Shown::When { user: signed_in.user().clone(), own_row, revealed_by, hidden_by };
        if self.is_private(field) {
            return when(Vec::new(), None);
        }
        let owners = |hiding: bool| -> Vec<Arc<Field>> {
            let listed = |list: &[FieldName]| list.contains(&field.name);
            hidden.by_row.iter().filter(|(_, list)| listed(list) == hiding).map(|(by, _)| Arc::clone(by)).collect()
        };
        if hidden.always.is_empty() {
            let hiding = owners(true);
            return if hiding.is_empty() { Shown::Always } else { when(owners(false), Some(hiding)) };
        }
        if !hidden.hides(field) {
            return Shown::Always;
        }
        let revealing = owners(false);
        if revealing.is_empty() && !own_row { Shown::Never } else { when(revealing, None) }
    }

    /// How somebody signs in is nobody else's business, whatever the permissions say.
    fn is_private(&self, field: &Field) -> bool {
        self.class.name.is_user() && field.name.as_str() == "authData"
    }
}

impl<'a> Hidden<'a> {
    fn new(class: &'a Class, caller: Option<&SignedIn>) -> Self {
        let mut hidden = Self { always: Vec::new(), by_row: Vec::new() };
        for (group, list) in &class.protected {
            let applies = match (group, caller) {
                (Group::Public, _) | (Group::Authenticated, Some(_)) => true,
                (Group::User(user), Some(signed_in)) => user == signed_in.user(),
                (Group::Role(role), Some(signed_in)) => signed_in.roles().contains(role),
                (Group::UserField(field), Some(_)) => {
                    hidden.by_row.extend(class.field(field.as_str()).map(|field| (field, list.as_slice())));
                    false
                }
                (Group::Authenticated | Group::User(_) | Group::Role(_) | Group::UserField(_), None) => false,
            };
            if applies {
                hidden.always.push(list);
            }
        }
        hidden
    }

    /// True if every list that applies whatever the row has the field.
    fn hides(&self, field: &Field) -> bool {
        !self.always.is_empty() && self.always.iter().all(|list| list.contains(&field.name))
    }
}
