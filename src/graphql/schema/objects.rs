//! The output types of a class.

use apollo_compiler::ast::{DirectiveList, EnumValueDefinition, FieldDefinition};
use apollo_compiler::schema::{Component, ComponentName, EnumType, ExtendedType, ObjectType};
use apollo_compiler::{Name, Node, name};

use super::fields::{ClassTypes, Targets, output_type};
use super::parts::{by_name, field, list, named, required, text};
use crate::class::FieldType;

/// The object type, its connection and edge, and its order.
pub(super) fn types(types: &ClassTypes, targets: &Targets<'_>) -> [ExtendedType; 4] {
    let connection = [
        FieldDefinition {
            description: Some(text("How many objects meet the condition, on all pages.")),
            ..field(name!("count"), required(name!("Int")))
        },
        field(name!("edges"), list(types.edge.clone())),
        field(name!("pageInfo"), required(name!("PageInfo"))),
    ];
    let edge = [
        FieldDefinition {
            description: Some(text("Marks the object, for after and before.")),
            ..field(name!("cursor"), required(name!("String")))
        },
        field(name!("node"), named(types.object.clone())),
    ];
    [
        object(types, targets),
        plain_object(types.connection.clone(), connection),
        plain_object(types.edge.clone(), edge),
        order(types),
    ]
}

fn object(types: &ClassTypes, targets: &Targets<'_>) -> ExtendedType {
    let id = FieldDefinition {
        description: Some(text("The global id: unlike objectId, it tells the class as well.")),
        ..field(name!("id"), required(name!("ID")))
    };
    let mut fields = vec![id];
    for own in types.fields() {
        let Some(ty) = output_type(own, targets) else { continue };
        let mut definition = field(super::parts::name(own.name.as_str()), ty);
        if let FieldType::Relation(class) = &own.kind {
            definition.arguments = targets.get(class).map(|target| target.find_arguments.clone()).unwrap_or_default();
        }
        fields.push(definition);
    }
    if types.class.name.is_user() {
        fields.push(FieldDefinition {
            description: Some(text("What an authentication provider answered to the last login.")),
            ..field(name!("authDataResponse"), named(name!("Object")))
        });
    }
    ExtendedType::Object(Node::new(ObjectType {
        description: Some(text(&format!("An object of the class {}.", types.class.name))),
        name: types.object.clone(),
        implements_interfaces: [name!("Node"), name!("ParseObject")].into_iter().map(ComponentName::from).collect(),
        directives: apollo_compiler::schema::DirectiveList::default(),
        fields: by_name(fields),
    }))
}

/// An object type without interfaces.
pub(super) fn plain_object(name: Name, fields: impl IntoIterator<Item = FieldDefinition>) -> ExtendedType {
    ExtendedType::Object(Node::new(ObjectType {
        description: None,
        name,
        implements_interfaces: apollo_compiler::collections::IndexSet::default(),
        directives: apollo_compiler::schema::DirectiveList::default(),
        fields: by_name(fields),
    }))
}

fn order(types: &ClassTypes) -> ExtendedType {
    let fields = types.fields().map(|own| own.name.as_str());
    let values = std::iter::once("id").chain(fields).flat_map(|field| {
        [super::ASCENDING, super::DESCENDING].map(|suffix| {
            let value = super::parts::name(&format!("{field}{suffix}"));
            let definition =
                EnumValueDefinition { description: None, value: value.clone(), directives: DirectiveList::new() };
            (value, Component::new(definition))
        })
    });
    ExtendedType::Enum(Node::new(EnumType {
        description: None,
        name: types.order.clone(),
        directives: apollo_compiler::schema::DirectiveList::default(),
        values: values.collect(),
    }))
}
