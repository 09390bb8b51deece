//! The small parts that types are made of.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, Value};
use apollo_compiler::schema::Component;
use apollo_compiler::{Name, Node, ast::Type};

/// A name that is known to be one: from the schema itself, or checked by `naming`.
pub(super) fn name(text: &str) -> Name {
    Name::new_unchecked(text)
}

/// `Named`
pub(super) const fn named(name: Name) -> Type {
    Type::Named(name)
}

/// `Named!`
pub(super) const fn required(name: Name) -> Type {
    Type::NonNullNamed(name)
}

/// `[Named]`
pub(super) fn list(name: Name) -> Type {
    Type::List(Box::new(Type::Named(name)))
}

/// `[Named!]`
pub(super) fn list_of_required(name: Name) -> Type {
    Type::List(Box::new(Type::NonNullNamed(name)))
}

/// A description.
pub(super) fn text(description: &str) -> Node<str> {
    Node::new_str(description)
}

/// An output field.
pub(super) fn field(name: Name, ty: Type) -> FieldDefinition {
    FieldDefinition {
        description: None,
        name,
        arguments: Vec::new(),
        ty,
        directives: apollo_compiler::ast::DirectiveList::new(),
    }
}

/// An argument or a field of an input type.
pub(super) fn input(name: Name, ty: Type) -> InputValueDefinition {
    InputValueDefinition {
        description: None,
        name,
        ty: Node::new(ty),
        default_value: None::<Node<Value>>,
        directives: apollo_compiler::ast::DirectiveList::new(),
    }
}

/// Fields by their name. Of two with one name, the first stays.
pub(super) fn by_name<T: Named>(
    fields: impl IntoIterator<Item = T>,
) -> apollo_compiler::collections::IndexMap<Name, Component<T>> {
    let mut map = apollo_compiler::collections::IndexMap::default();
    for field in fields {
        map.entry(field.own_name()).or_insert_with(|| Component::new(field));
    }
    map
}

/// What has a name.
pub(super) trait Named {
    /// The name.
    fn own_name(&self) -> Name;
}

impl Named for FieldDefinition {
    fn own_name(&self) -> Name {
        self.name.clone()
    }
}

impl Named for InputValueDefinition {
    fn own_name(&self) -> Name {
        self.name.clone()
    }
}
