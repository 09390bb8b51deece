//! The root fields of a class, and the payloads of its mutations.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Node, name};

use super::fields::ClassTypes;
use super::objects::plain_object;
use super::parts::{field, input, named, required, text};

/// The arguments that all lists share: those of the page, and Parse's read options.
pub(super) fn page_arguments() -> Vec<Node<InputValueDefinition>> {
    let argument = |name: &str, ty: &str, description: &str| {
        Node::new(InputValueDefinition {
            description: Some(text(description)),
            ..input(super::parts::name(name), named(super::parts::name(ty)))
        })
    };
    vec![
        argument("first", "Int", "At most so many objects, from the beginning of the list; 100 if nothing is said."),
        argument("after", "String", "Only objects after the one that this cursor marks."),
        argument("last", "Int", "At most so many objects, from the end of the list."),
        argument("before", "String", "Only objects before the one that this cursor marks."),
        argument("skip", "Int", "Passes over so many objects."),
        read_options(),
    ]
}

fn read_options() -> Node<InputValueDefinition> {
    Node::new(input(name!("options"), named(name!("ReadOptionsInput"))))
}

/// The queries that get one object and find many.
pub(super) fn queries(types: &ClassTypes) -> [FieldDefinition; 2] {
    let class = &types.class.name;
    let id = InputValueDefinition {
        description: Some(text("The global id or the objectId.")),
        ..input(name!("id"), required(name!("ID")))
    };
    [
        FieldDefinition {
            description: Some(text(&format!("One object of the class {class}."))),
            arguments: vec![Node::new(id), read_options()],
            ..field(super::parts::name(&types.names.get), required(types.object.clone()))
        },
        FieldDefinition {
            description: Some(text(&format!("Objects of the class {class}."))),
            arguments: types.find_arguments.clone(),
            ..field(super::parts::name(&types.names.find), required(types.connection.clone()))
        },
    ]
}

/// The mutations, each with its payload type.
pub(super) fn mutations(types: &ClassTypes) -> [(FieldDefinition, ExtendedType); 3] {
    let names = &types.names;
    let [create, update, delete] = names.mutation_types();
    let mutation = |name: &str, verb: &str, (input_type, payload): (String, String)| {
        let payload = super::parts::name(&payload);
        let argument = input(name!("input"), required(super::parts::name(&input_type)));
        let definition = FieldDefinition {
            description: Some(text(&format!("{verb} an object of the class {}.", types.class.name))),
            arguments: vec![Node::new(argument)],
            ..field(super::parts::name(name), named(payload.clone()))
        };
        let fields = [
            field(super::parts::name(&names.get), required(types.object.clone())),
            field(name!("clientMutationId"), named(name!("String"))),
        ];
        (definition, plain_object(payload, fields))
    };
    [
        mutation(&names.create, "Makes", create),
        mutation(&names.update, "Changes", update),
        mutation(&names.delete, "Deletes", delete),
    ]
}
