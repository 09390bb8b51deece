//! Which roles a user has (§6).

use std::collections::BTreeSet;

use super::{Model, ROLE, RowId, Value};

impl Model {
    /// The names of the roles that contain the user, of the roles that contain one of these, and so on. Who may see the roles plays
    /// no part.
    pub(super) fn roles_of(&self, user: RowId) -> BTreeSet<String> {
        let mut held: BTreeSet<RowId> =
            self.rows_of(ROLE).filter(|role| self.links(*role, "users").contains(&user)).collect();
        loop {
            let parents: Vec<RowId> = self
                .rows_of(ROLE)
                .filter(|role| !held.contains(role) && !self.links(*role, "roles").is_disjoint(&held))
                .collect();
            if parents.is_empty() {
                return held.into_iter().map(|role| self.role_name(role)).collect();
            }
            held.extend(parents);
        }
    }

    fn role_name(&self, role: RowId) -> String {
        match self.value(role, "name") {
            Value::Text(name) => name,
            other => panic!("a role without a name: {other:?}"),
        }
    }
}
