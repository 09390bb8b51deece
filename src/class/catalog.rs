//! All classes at one version.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::{Class, Definition};
use super::names::ClassName;
use crate::fault::Fault;

/// All classes of a database, as they stood at one moment.
#[derive(Debug)]
pub struct Catalog {
    version: i64,
    definitions: BTreeMap<ClassName, Arc<Definition>>,
    classes: BTreeMap<ClassName, Arc<Class>>,
}

impl Catalog {
    /// The catalog of these definitions. The system classes are there even if the database does not define them.
    pub fn new(version: i64, definitions: impl IntoIterator<Item = Definition>) -> Self {
        Self::after(None, version, definitions)
    }

    /// The same, after another one: what has not changed is not made again, so that whatever is made of it need not be either.
    pub fn after(before: Option<&Self>, version: i64, definitions: impl IntoIterator<Item = Definition>) -> Self {
        let all = super::system::system_classes(super::ClassDefaults::Parse).into_iter().chain(definitions);
        let all: BTreeMap<_, _> = all.map(|definition| (definition.name.clone(), definition)).collect();
        let mut catalog = Self { version, definitions: BTreeMap::new(), classes: BTreeMap::new() };
        for (name, definition) in all {
            let known = before.and_then(|before| before.unchanged(&definition));
            let class = known.map_or_else(|| definition.to_class().into(), |(_, class)| Arc::clone(class));
            let definition = known.map_or_else(|| definition.into(), |(definition, _)| Arc::clone(definition));
            catalog.definitions.insert(name.clone(), definition);
            catalog.classes.insert(name, class);
        }
        catalog
    }

    /// The class of the same definition, if there is one here.
    fn unchanged(&self, definition: &Definition) -> Option<(&Arc<Definition>, &Arc<Class>)> {
        let name = definition.name.as_str();
        let known = self.definitions.get(name).filter(|known| known.is_same(definition))?;
        Some((known, self.classes.get(name)?))
    }

    /// True if the other one is of the same version and has the same classes.
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |(one, other): (&Arc<Definition>, &Arc<Definition>)| Arc::ptr_eq(one, other) || one.is_same(other);
        let as_many = self.definitions.len() == other.definitions.len();
        self.version == other.version && as_many && self.definitions.values().zip(other.definitions.values()).all(same)
    }

    /// The version, which every change of a class raises.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The class of this name.
    pub fn class(&self, name: &str) -> Option<&Arc<Class>> {
        self.classes.get(name)
    }

    /// The class of this name, which every database has.
    pub fn system_class(&self, name: &str) -> Result<&Arc<Class>, Fault> {
        self.class(name).ok_or_else(|| Fault::internal(format!("the class {name} is missing")))
    }

    /// The definition of the class of this name.
    pub fn definition(&self, name: &str) -> Option<&Arc<Definition>> {
        self.definitions.get(name)
    }

    /// All classes, ordered by name.
    pub fn classes(&self) -> impl Iterator<Item = &Arc<Class>> {
        self.classes.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{Clp, Field, FieldName, FieldType, Group, Index, Operation, Permission};

    #[test]
    fn what_has_not_changed_is_not_made_again() {
        let definition = |name: &str, fields: &[&str]| {
            let fields = fields.iter().map(|field| Field::new(field, FieldType::String)).collect();
            Definition::new(ClassName::known(name), fields, None)
        };
        let before = Catalog::new(1, [definition("Kept", &["a"]), definition("Changed", &["a", "b"])]);
        let same = Catalog::after(Some(&before), 1, [definition("Changed", &["a", "b"]), definition("Kept", &["a"])]);
        assert!(before.is_same(&same));

        // Fields stand in the order in which they were made.
        let after = Catalog::after(Some(&before), 1, [definition("Kept", &["a"]), definition("Changed", &["b", "a"])]);
        let kept = |name| Arc::ptr_eq(before.class(name).unwrap(), after.class(name).unwrap());
        assert!(kept("Kept") && kept(crate::class::USER) && !kept("Changed"));
        assert!(!before.is_same(&after));
        assert!(!before.is_same(&Catalog::after(Some(&before), 1, [definition("Kept", &["a"])])));
        let newer = [definition("Kept", &["a"]), definition("Changed", &["a", "b"])];
        assert!(!before.is_same(&Catalog::after(Some(&before), 2, newer)));
    }

    #[test]
    fn whatever_a_definition_says_is_a_change() {
        let name = || ClassName::known("Note");
        let plain = || Definition::new(name(), vec![Field::new("text", FieldType::String)], Some(Clp::open()));
        let before = Catalog::new(1, [plain()]);
        let changes: [fn(&mut Definition); 7] = [
            |note| note.clp = None,
            |note| *note.clp.as_mut().unwrap().permission_mut(Operation::Find) = Permission::default(),
            |note| note.clp.as_mut().unwrap().read_user_fields.push(FieldName::known("owner")),
            |note| note.clp.as_mut().unwrap().protected.push((Group::Public, vec![FieldName::known("text")])),
            |note| note.fields[0].required = true,
            |note| note.fields[0].default = Some("text".into()),
            |note| drop(note.indexes.insert("byText".to_owned(), Index(serde_json::Map::new()))),
        ];
        for change in changes {
            let mut note = plain();
            change(&mut note);
            let after = Catalog::after(Some(&before), 1, [note]);
            assert!(!before.is_same(&after));
            assert!(!Arc::ptr_eq(before.class("Note").unwrap(), after.class("Note").unwrap()));
        }
    }
}
