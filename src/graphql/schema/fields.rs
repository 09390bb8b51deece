//! What a field of a class is in the schema: as output, as input, and as condition.

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::ast::{InputValueDefinition, Type};
use apollo_compiler::{Name, Node, name};

use super::parts::{input, list, list_of_required, named, required, text};
use crate::class::{Class, ClassName, Field, FieldType};
use crate::graphql::naming::{ClassNames, is_graphql_name};

/// The names of a class, ready for use in types.
#[derive(Debug)]
pub(super) struct ClassTypes {
    pub(super) class: Arc<Class>,
    pub(super) names: ClassNames,
    pub(super) object: Name,
    pub(super) connection: Name,
    pub(super) edge: Name,
    pub(super) order: Name,
    pub(super) filter: Name,
    pub(super) relation_filter: Name,
    pub(super) pointer_input: Name,
    pub(super) relation_input: Name,
    pub(super) create_fields: Name,
    pub(super) update_fields: Name,
    /// The arguments of the find query and of every relation to the class.
    pub(super) find_arguments: Vec<Node<InputValueDefinition>>,
}

impl ClassTypes {
    pub(super) fn new(class: Arc<Class>, names: ClassNames, shared: &[Node<InputValueDefinition>]) -> Self {
        let make = super::parts::name;
        let order = make(&names.order());
        let filter = make(&names.filter());
        let mut find_arguments = vec![
            Node::new(InputValueDefinition {
                description: Some(text("Only objects that meet this condition.")),
                ..input(name!("where"), named(filter.clone()))
            }),
            Node::new(InputValueDefinition {
                description: Some(text(
                    "The most significant key first. Without an order, the oldest objects come first.",
                )),
                ..input(name!("order"), list_of_required(order.clone()))
            }),
        ];
        find_arguments.extend_from_slice(shared);
        Self {
            object: make(&names.type_name),
            connection: make(&names.connection()),
            edge: make(&names.edge()),
            relation_filter: make(&names.relation_filter()),
            pointer_input: make(&names.pointer_input()),
            relation_input: make(&names.relation_input()),
            create_fields: make(&names.create_fields()),
            update_fields: make(&names.update_fields()),
            order,
            filter,
            find_arguments,
            class,
            names,
        }
    }

    /// True if they are those of this class under these names.
    pub(super) fn is_of(&self, class: &Arc<Class>, names: &ClassNames) -> bool {
        Arc::ptr_eq(&self.class, class) && self.names == *names
    }

    /// The fields whose names GraphQL can take.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.class.fields.values().filter(|field| {
            let name = field.name.as_str();
            name != "id" && is_graphql_name(name)
        })
    }
}

/// The types of all classes.
pub(super) type Targets<'a> = HashMap<&'a ClassName, &'a ClassTypes>;

/// The type of a field in answers. None for what is never read.
///
/// A pointer or relation to a class that the API does not show is an `Object`, as in Parse.
pub(super) fn output_type(field: &Field, targets: &Targets<'_>) -> Option<Type> {
    let plain = |name: Name| if field.required { required(name) } else { named(name) };
    let many = |ty: Type| if field.required { ty.non_null() } else { ty };
    Some(match &field.kind {
        FieldType::String if field.name.as_str() == "objectId" => required(name!("ID")),
        FieldType::String => plain(name!("String")),
        FieldType::Number => plain(name!("Float")),
        FieldType::Boolean => plain(name!("Boolean")),
        FieldType::Date if is_timestamp(field) => required(name!("Date")),
        FieldType::Date => plain(name!("Date")),
        FieldType::Object => plain(name!("Object")),
        FieldType::Array => many(list(name!("ArrayResult"))),
        FieldType::Bytes => plain(name!("Bytes")),
        FieldType::File => plain(name!("FileInfo")),
        FieldType::GeoPoint => plain(name!("GeoPoint")),
        FieldType::Polygon => many(list_of_required(name!("GeoPoint"))),
        FieldType::Pointer(class) => plain(targets.get(class).map_or(name!("Object"), |target| target.object.clone())),
        FieldType::Relation(class) => match targets.get(class) {
            Some(target) => required(target.connection.clone()),
            None => named(name!("Object")),
        },
        FieldType::Acl => required(name!("ACL")),
        FieldType::Password => return None,
    })
}

/// The type of a field in create and update inputs. None for what clients cannot set.
pub(super) fn input_type(field: &Field, targets: &Targets<'_>) -> Option<Type> {
    if field.name.as_str() == "objectId" || is_timestamp(field) {
        return None;
    }
    Some(match &field.kind {
        FieldType::String | FieldType::Password => named(name!("String")),
        FieldType::Number => named(name!("Float")),
        FieldType::Boolean => named(name!("Boolean")),
        FieldType::Date => named(name!("Date")),
        FieldType::Object => named(name!("Object")),
        FieldType::Array => list(name!("Any")),
        FieldType::Bytes => named(name!("Bytes")),
        FieldType::File => named(name!("FileInput")),
        FieldType::GeoPoint => named(name!("GeoPointInput")),
        FieldType::Polygon => list_of_required(name!("GeoPointInput")),
        FieldType::Pointer(class) => {
            named(targets.get(class).map_or(name!("Object"), |target| target.pointer_input.clone()))
        }
        FieldType::Relation(class) => {
            named(targets.get(class).map_or(name!("Object"), |target| target.relation_input.clone()))
        }
        FieldType::Acl => named(name!("ACLInput")),
    })
}

/// The type of a condition on a field.
pub(super) fn filter_type(field: &Field, targets: &Targets<'_>) -> Name {
    match &field.kind {
        FieldType::String if field.name.as_str() == "objectId" => name!("IdWhereInput"),
        FieldType::String | FieldType::Password => name!("StringWhereInput"),
        FieldType::Number => name!("NumberWhereInput"),
        FieldType::Boolean => name!("BooleanWhereInput"),
        FieldType::Date => name!("DateWhereInput"),
        FieldType::Object | FieldType::Acl => name!("ObjectWhereInput"),
        FieldType::Array => name!("ArrayWhereInput"),
        FieldType::Bytes => name!("BytesWhereInput"),
        FieldType::File => name!("FileWhereInput"),
        FieldType::GeoPoint => name!("GeoPointWhereInput"),
        FieldType::Polygon => name!("PolygonWhereInput"),
        FieldType::Pointer(class) | FieldType::Relation(class) => {
            targets.get(class).map_or(name!("Object"), |target| target.relation_filter.clone())
        }
    }
}

fn is_timestamp(field: &Field) -> bool {
    matches!(field.name.as_str(), "createdAt" | "updatedAt")
}
