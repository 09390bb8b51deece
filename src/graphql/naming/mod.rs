//! The names that the API has for a class.
//!
//! They are Parse's, so that generated clients fit: see [`ClassNames`]. Names must be unique in the whole schema. A
//! class whose names are taken is left out of the API, which the log says once: system classes come first, then byte
//! order, so a new class takes nothing away from those that stand before it.

mod plural;
mod words;

use std::collections::HashSet;
use std::sync::Arc;

use crate::class::{Catalog, Class, ClassName, Definition, ROLE, SESSION, USER};

/// The fourth system class that the API shows, if the database has it.
const INSTALLATION: &str = "_Installation";

/// Types that no class may take, beside those of the schema itself: they mean something to clients of Parse.
const RESERVED_TYPES: &[&str] = &["Subscription", "CloudCodeFunction", "CallCloudCodeInput", "CallCloudCodePayload"];

/// Ends the name of the find query where the plural is taken or does not differ: `newsList`.
const LIST_SUFFIX: &str = "List";

/// The names of a class in the API, here for the class `gameScore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) struct ClassNames {
    /// The object type: `GameScore`.
    pub(in crate::graphql) type_name: String,
    /// The query for one object, and the payload field of mutations: `gameScore`.
    pub(in crate::graphql) get: String,
    /// The query for many objects: `gameScores`.
    pub(in crate::graphql) find: String,
    /// The mutation that makes an object: `createGameScore`.
    pub(in crate::graphql) create: String,
    /// The mutation that changes an object: `updateGameScore`.
    pub(in crate::graphql) update: String,
    /// The mutation that deletes an object: `deleteGameScore`.
    pub(in crate::graphql) delete: String,
}

impl ClassNames {
    fn new(type_name: String) -> Self {
        let get = lower_first(&type_name);
        let plural = plural::plural(&get);
        let find = if plural == get { format!("{get}{LIST_SUFFIX}") } else { plural };
        Self {
            create: format!("create{type_name}"),
            update: format!("update{type_name}"),
            delete: format!("delete{type_name}"),
            get,
            find,
            type_name,
        }
    }

    /// `GameScoreConnection`
    pub(in crate::graphql) fn connection(&self) -> String {
        format!("{}Connection", self.type_name)
    }

    /// `GameScoreEdge`
    pub(in crate::graphql) fn edge(&self) -> String {
        format!("{}Edge", self.type_name)
    }

    /// `GameScoreOrder`
    pub(in crate::graphql) fn order(&self) -> String {
        format!("{}Order", self.type_name)
    }

    /// `GameScoreWhereInput`
    pub(in crate::graphql) fn filter(&self) -> String {
        format!("{}WhereInput", self.type_name)
    }

    /// `GameScoreRelationWhereInput`
    pub(in crate::graphql) fn relation_filter(&self) -> String {
        format!("{}RelationWhereInput", self.type_name)
    }

    /// `GameScorePointerInput`
    pub(in crate::graphql) fn pointer_input(&self) -> String {
        format!("{}PointerInput", self.type_name)
    }

    /// `GameScoreRelationInput`
    pub(in crate::graphql) fn relation_input(&self) -> String {
        format!("{}RelationInput", self.type_name)
    }

    /// `CreateGameScoreFieldsInput`
    pub(in crate::graphql) fn create_fields(&self) -> String {
        format!("Create{}FieldsInput", self.type_name)
    }

    /// `UpdateGameScoreFieldsInput`
    pub(in crate::graphql) fn update_fields(&self) -> String {
        format!("Update{}FieldsInput", self.type_name)
    }

    /// The input and payload types of the three mutations: `CreateGameScoreInput`, `CreateGameScorePayload` …
    pub(in crate::graphql) fn mutation_types(&self) -> [(String, String); 3] {
        ["Create", "Update", "Delete"]
            .map(|verb| (format!("{verb}{}Input", self.type_name), format!("{verb}{}Payload", self.type_name)))
    }

    /// Every type that belongs to the class.
    fn types(&self) -> Vec<String> {
        let mut types = vec![
            self.type_name.clone(),
            self.connection(),
            self.edge(),
            self.order(),
            self.filter(),
            self.relation_filter(),
            self.pointer_input(),
            self.relation_input(),
            self.create_fields(),
            self.update_fields(),
        ];
        for (input, payload) in self.mutation_types() {
            types.extend([input, payload]);
        }
        types
    }
}

/// Names that are taken.
#[derive(Debug, Clone, Default)]
pub(in crate::graphql) struct Taken {
    /// Names of types.
    pub(in crate::graphql) types: HashSet<String>,
    /// Names of fields of `Query`.
    pub(in crate::graphql) queries: HashSet<String>,
    /// Names of fields of `Mutation`.
    pub(in crate::graphql) mutations: HashSet<String>,
}

impl Taken {
    /// Takes the names of a class; `None` if one of them cannot be had.
    fn take(&mut self, mut names: ClassNames) -> Option<ClassNames> {
        if self.queries.contains(&names.find) || names.find == names.get {
            names.find = format!("{}{LIST_SUFFIX}", names.get);
        }
        let types = names.types();
        let mutations = [&names.create, &names.update, &names.delete];
        let free = !names.type_name.ends_with("Connection")
            && !RESERVED_TYPES.contains(&names.type_name.as_str())
            && !types.iter().any(|name| self.types.contains(name))
            && ![&names.get, &names.find].into_iter().any(|name| self.queries.contains(name))
            && !mutations.into_iter().any(|name| self.mutations.contains(name));
        if !free {
            return None;
        }
        self.types.extend(types);
        self.queries.extend([names.get.clone(), names.find.clone()]);
        self.mutations.extend(mutations.into_iter().cloned());
        Some(names)
    }
}

/// The classes that the API shows, and those that it would show if their names were not taken.
#[derive(Debug, Default)]
pub(in crate::graphql) struct NamedClasses {
    /// The classes that it shows, with their names.
    pub(in crate::graphql) shown: Vec<(Arc<Class>, ClassNames)>,
    /// The names of the others.
    pub(in crate::graphql) omitted: Vec<ClassName>,
}

/// Names classes. `taken` are the names of the schema without classes.
pub(in crate::graphql) fn name_classes(catalog: &Catalog, mut taken: Taken) -> NamedClasses {
    let mut classes: Vec<_> = catalog.classes().filter(|class| is_shown(class.name.as_str())).collect();
    classes.sort_by_key(|class| (!class.name.as_str().starts_with('_'), class.name.as_str()));
    let mut all = NamedClasses::default();
    for class in classes {
        let type_name = class.name.type_name();
        let wanted = is_graphql_name(&type_name).then(|| ClassNames::new(type_name));
        match wanted.and_then(|wanted| taken.take(wanted)) {
            Some(names) => all.shown.push((Arc::clone(class), names)),
            None => all.omitted.push(class.name.clone()),
        }
    }
    all
}

/// True if the API itself, or a system class, has one of the names that a class would have, so that it could never be shown.
pub(in crate::graphql) fn is_reserved(class: &ClassName, taken: Taken) -> bool {
    let alone = Catalog::new(0, [Definition::new(class.clone(), Vec::new(), None)]);
    name_classes(&alone, taken).omitted.contains(class)
}

/// True for the classes of the application, and for the system classes that are no business of the server alone.
fn is_shown(class: &str) -> bool {
    !class.starts_with('_') || [USER, ROLE, SESSION, INSTALLATION].contains(&class)
}

/// True for what GraphQL takes as a name and does not keep to itself.
pub(in crate::graphql) fn is_graphql_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && letters.all(|letter| letter == b'_' || letter.is_ascii_alphanumeric())
        && !text.starts_with("__")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{Taken, name_classes};
    use crate::class::{Catalog, ClassName, Definition};

    fn shown(classes: &[&str]) -> Vec<(String, String)> {
        let definitions = classes.iter().map(|name| Definition::new(ClassName::known(name), Vec::new(), None));
        let mut taken = Taken::default();
        taken.types.extend(["File".to_owned(), "Class".to_owned()]);
        taken.queries.extend(["class", "classes", "health"].map(str::to_owned));
        name_classes(&Catalog::new(1, definitions), taken)
            .shown
            .into_iter()
            .filter(|(class, _)| classes.contains(&class.name.as_str()))
            .map(|(class, names)| (class.name.to_string(), names.find))
            .collect()
    }

    #[test]
    fn classes_are_found_under_their_plural() {
        let cases = [
            ("GameScore", "gameScores"),
            ("News", "newsList"),
            ("Person", "people"),
            ("sem_A", "sem_AS"),
            ("_User", "users"),
            ("_Installation", "installations"),
        ];
        for (class, find) in cases {
            assert_eq!(shown(&[class]), [(class.to_owned(), find.to_owned())]);
        }
    }

    #[test]
    fn the_first_of_two_equal_names_stays() {
        let names = |classes: &[&str]| shown(classes).into_iter().map(|(class, _)| class).collect::<Vec<_>>();
        assert_eq!(names(&["a", "A"]), ["A"]);
        assert_eq!(names(&["User", "_User"]), ["_User"]);
        assert_eq!(names(&["Foo", "Foos"]), ["Foo"]);
        assert_eq!(names(&["Foo", "FooEdge"]), ["Foo"]);
        for reserved in ["File", "Health", "Subscription", "XConnection", "_JobStatus", "__x", "a:b"] {
            assert_eq!(names(&[reserved]), Vec::<String>::new(), "{reserved}");
        }
    }

    #[test]
    fn a_plural_that_is_taken_gets_the_suffix() {
        let expected = [("People", "peopleList"), ("Person", "personList")];
        assert_eq!(shown(&["Person", "People"]), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
