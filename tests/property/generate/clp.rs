//! Class-level permissions.

use super::Generator;
use super::rows::ROLES;
use crate::model::{ClassId, Clp, DefaultAcl, Group, Operation, Permission, ROLE, USER};

impl Generator<'_> {
    /// Permissions for a class. Most operations are open, or questions would have one answer.
    pub(crate) fn clp(&mut self, class: ClassId) -> Clp {
        if self.dice.percent(10) {
            return Clp::open();
        }
        let mut clp = Clp::open();
        let fields = self.model.class(class).user_fields();
        for operation in Operation::ALL {
            if self.dice.percent(3) {
                clp.permissions.remove(&operation);
            } else {
                clp.permissions.insert(operation, self.permission(&fields));
            }
        }
        if !fields.is_empty() && self.dice.percent(20) {
            clp.read_user_fields = self.dice.few(&fields, 2);
        }
        if !fields.is_empty() && self.dice.percent(20) {
            clp.write_user_fields = self.dice.few(&fields, 2);
        }
        if self.dice.percent(55) {
            for _ in 0..=self.dice.below(3) {
                let (group, names) = (self.group(&fields), self.names(class));
                if clp.protected.iter().all(|(known, _)| *known != group) {
                    clp.protected.push((group, names));
                }
            }
        }
        if class > ROLE && self.dice.percent(50) {
            clp.default_acl = Some(self.default_acl());
        }
        clp
    }

    fn permission(&mut self, fields: &[&'static str]) -> Permission {
        let mut permission = Permission::default();
        match self.dice.below(100) {
            0..60 => permission.public = true,
            60..75 => permission.requires_authentication = true,
            75..81 => permission.users = vec![self.caller_user()],
            81..89 => permission.roles = vec![self.dice.pick(&ROLES).to_owned()],
            89..95 => {
                permission.users = vec![self.caller_user()];
                permission.roles = vec![self.dice.pick(&ROLES).to_owned()];
            }
            _ => {}
        }
        if !fields.is_empty() && self.dice.percent(25) {
            permission.pointer_fields = self.dice.few(fields, 2);
        }
        permission
    }

    fn group(&mut self, fields: &[&'static str]) -> Group {
        match self.dice.below(10) {
            0..3 => Group::Public,
            3..5 => Group::Authenticated,
            5 => Group::User(self.caller_user()),
            6..8 => Group::Role(self.dice.pick(&ROLES).to_owned()),
            _ if fields.is_empty() => Group::Public,
            _ => Group::UserField(self.dice.pick(fields)),
        }
    }

    fn names(&mut self, class: ClassId) -> Vec<&'static str> {
        let fields: Vec<_> = self.model.class(class).fields.iter().map(|field| field.name).collect();
        self.dice.some(&fields, 3)
    }

    fn default_acl(&mut self) -> DefaultAcl {
        let current_user = self.dice.percent(60).then(|| self.rights());
        let mut others = Vec::new();
        for _ in 0..self.dice.below(3) {
            let principal = self.principal();
            if others.iter().all(|(known, _)| *known != principal) {
                others.push((principal, self.rights()));
            }
        }
        DefaultAcl { current_user, others }
    }

    /// A field of a class, of those that can be protected.
    pub(crate) fn protectable(&mut self, class: ClassId) -> &'static str {
        let fields: Vec<_> = self.model.class(class).fields.iter().map(|field| field.name).collect();
        self.dice.pick(&fields)
    }
}

/// The same permissions with one more protected field: in one of the groups that there are, else for everybody. A group
/// that is new beside others could reveal something, so it is not made.
pub(crate) fn hide(generator: &mut Generator<'_>, class: ClassId, field: &'static str) -> Clp {
    let mut clp = generator.model.class(class).clp.clone();
    if clp.protected.is_empty() || class == USER {
        match clp.protected.iter_mut().find(|(group, _)| *group == Group::Public) {
            Some((_, fields)) => fields.push(field),
            None => clp.protected.push((Group::Public, vec![field])),
        }
    } else {
        let group = generator.dice.below(clp.protected.len());
        clp.protected[group].1.push(field);
    }
    for (_, fields) in &mut clp.protected {
        fields.sort_unstable();
        fields.dedup();
    }
    clp
}
