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
        let mut all: BTreeMap<_, _> = super::system::system_classes(super::ClassDefaults::Parse)
            .into_iter()
            .map(|definition| (definition.name.clone(), Arc::new(definition)))
            .collect();
        all.extend(definitions.into_iter().map(|definition| (definition.name.clone(), Arc::new(definition))));
        let classes = all.iter().map(|(name, definition)| (name.clone(), Arc::new(definition.to_class()))).collect();
        Self { version, definitions: all, classes }
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
