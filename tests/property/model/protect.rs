//! Protected fields (§4).

use std::collections::BTreeSet;

use super::{ClassId, Group, RowId, USER, View};

type Names = BTreeSet<&'static str>;

impl View<'_> {
    /// The lists of the groups that a caller is in, whatever the row. An e-mail address is always protected from the public.
    fn lists(&self, class: ClassId) -> Vec<Names> {
        let mut lists = Vec::new();
        let mut public: Option<Names> = (class == USER).then(|| Names::from(["email"]));
        for (group, fields) in &self.model.class(class).clp.protected {
            let applies = match group {
                Group::Public => {
                    public.get_or_insert_default().extend(fields);
                    false
                }
                Group::Authenticated => self.user().is_some(),
                Group::User(user) => self.user() == Some(*user),
                Group::Role(role) => self.roles.contains(role),
                Group::UserField(_) => false,
            };
            if applies {
                lists.push(fields.iter().copied().collect());
            }
        }
        lists.extend(public);
        lists
    }

    /// The lists for those to whom a field of the row points.
    fn owner_lists(&self, class: ClassId) -> Vec<(&'static str, Names)> {
        let groups = self.model.class(class).clp.protected.iter();
        let of_owner = |(group, fields): &(Group, Vec<&'static str>)| match group {
            Group::UserField(field) => Some((*field, fields.iter().copied().collect())),
            Group::Public | Group::Authenticated | Group::User(_) | Group::Role(_) => None,
        };
        groups.filter_map(of_owner).collect()
    }

    /// The fields of a row that the caller does not see.
    pub(super) fn hidden(&self, row: RowId) -> Names {
        if self.is_privileged() || (row.class == USER && self.user() == Some(row)) {
            return Names::new();
        }
        let mut lists = self.lists(row.class);
        if let Some(user) = self.user() {
            let owned = self.owner_lists(row.class).into_iter();
            lists
                .extend(owned.filter(|(field, _)| self.model.points_to_user(row, field, user)).map(|(_, names)| names));
        }
        intersection(lists).unwrap_or_default()
    }

    /// The fields of a class that the caller may not name in conditions and orders: those that are hidden in some row.
    pub(crate) fn unusable(&self, class: ClassId) -> Names {
        if self.is_privileged() {
            return Names::new();
        }
        // More lists hide fewer fields; so if there is none for all rows, each list of owners hides the most alone.
        intersection(self.lists(class)).unwrap_or_else(|| match self.user() {
            Some(_) => self.owner_lists(class).into_iter().flat_map(|(_, names)| names).collect(),
            None => Names::new(),
        })
    }
}

fn intersection(lists: Vec<Names>) -> Option<Names> {
    lists.into_iter().reduce(|one, other| one.intersection(&other).copied().collect())
}
