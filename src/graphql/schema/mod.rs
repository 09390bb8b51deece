//! The schema of one catalog.
//!
//! [`ApiSchema`] is made when a catalog is, and serves every request until the next one. What does not depend on
//! classes stands in `static.graphql` and is parsed once; the types of classes are put together from
//! [`ClassNames`] and the fields of each class. Nothing here is validated at run time: a test does that.

mod class;
mod fields;
mod inputs;
mod objects;
mod parts;
mod roots;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::schema::{Component, ComponentName, ExtendedType, Implementers, UnionType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema, name};

use self::class::ClassSchema;
use self::fields::{ClassTypes, Targets};
use super::naming::{ClassNames, Taken, is_reserved, name_classes};
use crate::class::{Catalog, Class, ClassName, Field};
use crate::plan::Direction;

/// The endings of order values.
const ASCENDING: &str = "_ASC";
const DESCENDING: &str = "_DESC";

/// What does not depend on classes.
#[expect(clippy::expect_used, reason = "a literal document, parsed by every test run")]
static BASE: LazyLock<Schema> = LazyLock::new(|| {
    let text = concat!(include_str!("static.graphql"), "\nunion ArrayResult = Element\n");
    Schema::parse(text, "static.graphql").expect("a valid document")
});

/// A field of the type `Query`.
#[derive(Debug, Clone)]
pub(in crate::graphql) enum QueryField {
    /// One object of a class.
    Get(Arc<Class>),
    /// Objects of a class.
    Find(Arc<Class>),
    /// The object of a global id.
    Node,
    /// The signed-in user.
    Viewer,
    /// True.
    Health,
    /// A class.
    Class,
    /// All classes.
    Classes,
    /// A parameter of the configuration.
    CloudConfig,
}

/// A field of the type `Mutation`.
#[derive(Debug, Clone)]
pub(in crate::graphql) enum MutationField {
    /// Makes an object of a class.
    Create(Arc<Class>),
    /// Changes an object of a class.
    Update(Arc<Class>),
    /// Deletes an object of a class.
    Delete(Arc<Class>),
    /// Makes a class.
    CreateClass,
    /// Changes a class.
    UpdateClass,
    /// Deletes a class.
    DeleteClass,
    /// Makes a user and signs in.
    SignUp,
    /// Signs in.
    LogIn,
    /// Signs in with an authentication provider.
    LogInWith,
    /// Ends the session.
    LogOut,
    /// Stores a file.
    CreateFile,
    /// Sets a parameter of the configuration.
    UpdateCloudConfig,
    /// Sends an e-mail for choosing a new password.
    ResetPassword,
    /// Sets a new password with the token of such an e-mail.
    ConfirmResetPassword,
    /// Sends the e-mail that verifies an address.
    SendVerificationEmail,
    /// Asks an authentication provider for a challenge.
    Challenge,
}

const QUERIES: [(&str, QueryField); 6] = [
    ("node", QueryField::Node),
    ("viewer", QueryField::Viewer),
    ("health", QueryField::Health),
    ("class", QueryField::Class),
    ("classes", QueryField::Classes),
    ("cloudConfig", QueryField::CloudConfig),
];

const MUTATIONS: [(&str, MutationField); 13] = [
    ("createClass", MutationField::CreateClass),
    ("updateClass", MutationField::UpdateClass),
    ("deleteClass", MutationField::DeleteClass),
    ("signUp", MutationField::SignUp),
    ("logIn", MutationField::LogIn),
    ("logInWith", MutationField::LogInWith),
    ("logOut", MutationField::LogOut),
    ("createFile", MutationField::CreateFile),
    ("updateCloudConfig", MutationField::UpdateCloudConfig),
    ("resetPassword", MutationField::ResetPassword),
    ("confirmResetPassword", MutationField::ConfirmResetPassword),
    ("sendVerificationEmail", MutationField::SendVerificationEmail),
    ("challenge", MutationField::Challenge),
];

/// The types, as `apollo-compiler` has them.
#[derive(Debug)]
pub(super) struct Types {
    /// All types.
    pub(super) schema: Valid<Schema>,
    /// Which types implement an interface.
    pub(super) implementers: apollo_compiler::collections::HashMap<Name, Implementers>,
}

/// The schema of the API for the classes of one catalog.
#[derive(Debug)]
pub(in crate::graphql) struct ApiSchema {
    types: Arc<Types>,
    queries: HashMap<String, QueryField>,
    mutations: HashMap<String, MutationField>,
    classes: HashMap<ClassName, ClassSchema>,
    omitted: Vec<ClassName>,
}

impl ApiSchema {
    /// The schema for these classes. What it has in common with the one before it is not made again.
    pub(in crate::graphql) fn build(catalog: &Catalog, before: Option<&Self>) -> Self {
        let arguments = roots::page_arguments();
        let named = name_classes(catalog, taken());
        let known = |class: &Arc<Class>| before.and_then(|before| before.classes.get(&class.name));
        let classes = named.shown.into_iter().map(|(class, names)| {
            match known(&class).map(|known| &known.types).filter(|types| types.is_of(&class, &names)) {
                Some(types) => Arc::clone(types),
                None => ClassTypes::new(class, names, &arguments).into(),
            }
        });
        let classes: Vec<Arc<ClassTypes>> = classes.collect();
        let targets: Targets<'_> = classes.iter().map(|types| (&types.class.name, &**types)).collect();
        let class_schema = |types: &Arc<ClassTypes>| {
            let known = known(&types.class).filter(|known| known.is_of(types, &targets, before));
            known.cloned().unwrap_or_else(|| ClassSchema::new(types, &targets))
        };
        let classes: Vec<ClassSchema> = classes.iter().map(class_schema).collect();
        let schema = Valid::assume_valid(schema_of(&classes));
        let implementers = schema.implementers_map();
        let mut api = Self {
            types: Arc::new(Types { schema, implementers }),
            queries: QUERIES.into_iter().map(|(name, field)| (name.to_owned(), field)).collect(),
            mutations: MUTATIONS.into_iter().map(|(name, field)| (name.to_owned(), field)).collect(),
            classes: HashMap::with_capacity(classes.len()),
            omitted: named.omitted,
        };
        for schema in classes {
            let ClassTypes { class, names, .. } = &*schema.types;
            api.queries.insert(names.get.clone(), QueryField::Get(Arc::clone(class)));
            api.queries.insert(names.find.clone(), QueryField::Find(Arc::clone(class)));
            api.mutations.insert(names.create.clone(), MutationField::Create(Arc::clone(class)));
            api.mutations.insert(names.update.clone(), MutationField::Update(Arc::clone(class)));
            api.mutations.insert(names.delete.clone(), MutationField::Delete(Arc::clone(class)));
            api.classes.insert(class.name.clone(), schema);
        }
        api
    }

    /// The schema's text, in an order that depends on names only.
    pub(in crate::graphql) fn sdl(&self) -> String {
        let mut schema = Schema::clone(&self.types.schema);
        schema.types.sort_unstable_keys();
        for ty in schema.types.values_mut() {
            match ty {
                ExtendedType::Scalar(_) => {}
                ExtendedType::Object(object) => sort_fields(&mut object.make_mut().fields),
                ExtendedType::Interface(interface) => sort_fields(&mut interface.make_mut().fields),
                ExtendedType::Union(union) => union.make_mut().members.sort_unstable_by(|a, b| a.name.cmp(&b.name)),
                ExtendedType::Enum(values) => values.make_mut().values.sort_unstable_keys(),
                ExtendedType::InputObject(input) => input.make_mut().fields.sort_unstable_keys(),
            }
        }
        schema.to_string()
    }

    /// The query of this name.
    pub(in crate::graphql) fn query_field(&self, name: &str) -> Option<&QueryField> {
        self.queries.get(name)
    }

    /// The mutation of this name.
    pub(in crate::graphql) fn mutation_field(&self, name: &str) -> Option<&MutationField> {
        self.mutations.get(name)
    }

    /// The names of a class. None for a class that the API does not show: it does not exist, or its names are taken.
    pub(in crate::graphql) fn names_of(&self, class: &ClassName) -> Option<&ClassNames> {
        self.classes.get(class).map(|schema| &schema.types.names)
    }

    /// The classes of the application that it does not show, because their names are taken.
    pub(in crate::graphql) fn omitted(&self) -> &[ClassName] {
        &self.omitted
    }

    /// The field and direction of an order value: `score_DESC`; `id` is `objectId`.
    pub(in crate::graphql) fn order_of(&self, class: &Class, enum_value: &str) -> Option<(Arc<Field>, Direction)> {
        self.names_of(&class.name)?;
        let (name, direction) = match enum_value.strip_suffix(DESCENDING) {
            Some(name) => (name, Direction::Descending),
            None => (enum_value.strip_suffix(ASCENDING)?, Direction::Ascending),
        };
        let name = if name == "id" { "objectId" } else { name };
        Some((Arc::clone(class.field(name)?), direction))
    }

    /// The types.
    pub(super) const fn types(&self) -> &Arc<Types> {
        &self.types
    }
}

/// The names that the schema has without classes.
fn taken() -> Taken {
    let fields = |root: &str| {
        let fields = BASE.get_object(root).into_iter().flat_map(|object| object.fields.keys());
        fields.map(ToString::to_string).collect()
    };
    let mut taken = Taken {
        types: BASE.types.keys().map(ToString::to_string).collect(),
        queries: fields("Query"),
        mutations: fields("Mutation"),
    };
    taken.types.insert("UserLoginWithInput".to_owned());
    taken
}

/// True for the name of a class that no schema could show, whatever other classes there are.
pub(in crate::graphql) fn is_reserved_class(name: &ClassName) -> bool {
    is_reserved(name, taken())
}

/// All types, for these classes.
fn schema_of(classes: &[ClassSchema]) -> Schema {
    let mut schema = BASE.clone();
    for class in classes {
        schema.types.extend(class.parts.types.iter().map(|ty| (ty.name().clone(), ty.clone())));
    }
    let results = array_result(classes);
    schema.types.insert(results.name().clone(), results);
    add_fields(&mut schema, "Query", classes.iter().flat_map(|class| &class.parts.queries));
    add_fields(&mut schema, "Mutation", classes.iter().flat_map(|class| &class.parts.mutations));
    schema
}

/// What an array can hold: objects that pointers in it refer to, and anything else.
fn array_result(classes: &[ClassSchema]) -> ExtendedType {
    let members = classes.iter().map(|class| class.types.object.clone());
    ExtendedType::Union(Node::new(UnionType {
        description: Some(parts::text(
            "An element of an array: the object that a pointer refers to, or a plain value.",
        )),
        name: name!("ArrayResult"),
        directives: apollo_compiler::schema::DirectiveList::default(),
        members: std::iter::once(name!("Element")).chain(members).map(ComponentName::from).collect(),
    }))
}

fn add_fields<'a>(schema: &mut Schema, root: &str, fields: impl Iterator<Item = &'a Component<FieldDefinition>>) {
    if let Some(ExtendedType::Object(object)) = schema.types.get_mut(root) {
        let object = object.make_mut();
        object.fields.extend(fields.map(|field| (field.name.clone(), field.clone())));
    }
}

fn sort_fields(fields: &mut apollo_compiler::collections::IndexMap<Name, Component<FieldDefinition>>) {
    fields.sort_unstable_keys();
    for field in fields.values_mut() {
        field.make_mut().arguments.sort_by(|a, b| a.name.cmp(&b.name));
    }
}
