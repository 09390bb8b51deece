//! The input types of a class.

use apollo_compiler::ast::{InputValueDefinition, Type};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node, name};

use super::fields::{ClassTypes, Targets, filter_type, input_type};
use super::parts::{by_name, input, list_of_required, named, required, text};

/// Fields of the class of users that a login with an authentication provider does not take.
const LOGIN_FIELDS: [&str; 3] = ["username", "password", "authData"];

/// The inputs of fields, pointers, relations and conditions, and those of the mutations.
pub(super) fn types(types: &ClassTypes, targets: &Targets<'_>) -> Vec<ExtendedType> {
    let create = fields(types, targets, true);
    let mut inputs = Vec::with_capacity(10);
    if types.class.name.is_user() {
        let login = create.iter().filter(|field| !LOGIN_FIELDS.contains(&field.name.as_str())).cloned();
        let description = "Fields for a user who does not exist yet.";
        inputs.push(object(name!("UserLoginWithInput"), Some(description), login));
    }
    inputs.push(object(types.create_fields.clone(), None, create));
    inputs.push(object(types.update_fields.clone(), None, fields(types, targets, false)));
    inputs.push(pointer(types));
    inputs.push(relation(types));
    inputs.push(filter(types, targets));
    inputs.push(relation_filter(types));
    inputs.extend(mutations(types));
    inputs
}

/// The fields that clients can set. Those that are required must be set when an object is made.
fn fields(types: &ClassTypes, targets: &Targets<'_>, create: bool) -> Vec<InputValueDefinition> {
    let inputs = types.fields().filter_map(|own| {
        let ty = input_type(own, targets)?;
        let ty = if create && own.required { ty.non_null() } else { ty };
        Some(input(super::parts::name(own.name.as_str()), ty))
    });
    inputs.collect()
}

fn pointer(types: &ClassTypes) -> ExtendedType {
    let fields =
        [input(name!("link"), named(name!("ID"))), input(name!("createAndLink"), named(types.create_fields.clone()))];
    object(
        types.pointer_input.clone(),
        Some("Links an object, or one that is made along with it: give exactly one."),
        fields,
    )
}

fn relation(types: &ClassTypes) -> ExtendedType {
    let fields = [
        input(name!("add"), list_of_required(name!("ID"))),
        input(name!("remove"), list_of_required(name!("ID"))),
        input(name!("createAndAdd"), list_of_required(types.create_fields.clone())),
    ];
    object(types.relation_input.clone(), Some("Adds and removes objects."), fields)
}

fn filter(types: &ClassTypes, targets: &Targets<'_>) -> ExtendedType {
    let own = || list_of_required(types.filter.clone());
    let logic = [
        described("AND", own(), "All of these hold."),
        described("OR", own(), "At least one of these holds."),
        described("NOR", own(), "None of these holds."),
        input(name!("id"), named(name!("IdWhereInput"))),
    ];
    let fields =
        types.fields().map(|own| input(super::parts::name(own.name.as_str()), named(filter_type(own, targets))));
    object(types.filter.clone(), Some("All that is given must hold."), logic.into_iter().chain(fields))
}

fn relation_filter(types: &ClassTypes) -> ExtendedType {
    let fields = [
        described("have", named(types.filter.clone()), "An object that is linked meets this condition."),
        described("haveNot", named(types.filter.clone()), "No object that is linked meets this condition."),
        described("exists", named(name!("Boolean")), "Something is linked, or nothing is."),
    ];
    object(types.relation_filter.clone(), None, fields)
}

fn mutations(types: &ClassTypes) -> [ExtendedType; 3] {
    let id = || described("id", required(name!("ID")), "The global id or the objectId.");
    let client_id = || input(name!("clientMutationId"), named(name!("String")));
    let [(create, _), (update, _), (delete, _)] = types.names.mutation_types();
    let make = |name: String, fields: Vec<InputValueDefinition>| object(super::parts::name(&name), None, fields);
    [
        make(create, vec![input(name!("fields"), named(types.create_fields.clone())), client_id()]),
        make(update, vec![id(), input(name!("fields"), named(types.update_fields.clone())), client_id()]),
        make(delete, vec![id(), client_id()]),
    ]
}

fn described(name: &str, ty: Type, description: &str) -> InputValueDefinition {
    InputValueDefinition { description: Some(text(description)), ..input(super::parts::name(name), ty) }
}

fn object(
    name: Name,
    description: Option<&str>,
    fields: impl IntoIterator<Item = InputValueDefinition>,
) -> ExtendedType {
    ExtendedType::InputObject(Node::new(InputObjectType {
        description: description.map(text),
        name,
        directives: apollo_compiler::schema::DirectiveList::default(),
        fields: by_name(fields),
    }))
}
