//! The schema, compared with the one that clients know.

use std::sync::Arc;

use apollo_compiler::Schema;
use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::schema::ExtendedType;

use super::ApiSchema;
use crate::class::{Catalog, ClassName, Definition, Field, FieldType, USER};
use crate::plan::Direction;

/// What Parse Server 9 prints for a database with the class `GameScore`, which has a field of every type.
const REFERENCE: &str = include_str!("reference.graphql");

/// The class of the reference, with all types of fields.
fn game_score() -> Definition {
    let user = || ClassName::known("_User");
    let fields = [
        ("area", FieldType::Polygon),
        ("blob", FieldType::Bytes),
        ("cheatMode", FieldType::Boolean),
        ("fans", FieldType::Relation(user())),
        ("loc", FieldType::GeoPoint),
        ("meta", FieldType::Object),
        ("owner", FieldType::Pointer(user())),
        ("playedAt", FieldType::Date),
        ("playerName", FieldType::String),
        ("replay", FieldType::File),
        ("score", FieldType::Number),
        ("tags", FieldType::Array),
    ];
    let fields = fields.map(|(name, kind)| Field::new(name, kind)).to_vec();
    Definition::new(ClassName::known("GameScore"), fields, None)
}

fn schema(definitions: impl IntoIterator<Item = Definition>) -> ApiSchema {
    ApiSchema::build(&Catalog::new(1, definitions), None)
}

fn arguments<'a>(path: &str, all: impl IntoIterator<Item = &'a InputValueDefinition>) -> Vec<String> {
    let one = |argument: &InputValueDefinition| {
        let default = argument.default_value.as_ref().map(ToString::to_string);
        format!("{path}.{}: {} = {default:?}", argument.name, argument.ty)
    };
    all.into_iter().map(one).collect()
}

fn fields<'a>(path: &str, all: impl IntoIterator<Item = &'a FieldDefinition>) -> Vec<String> {
    let one = |field: &FieldDefinition| {
        let path = format!("{path}.{}", field.name);
        let mut lines = arguments(&path, field.arguments.iter().map(|argument| &**argument));
        lines.push(format!("{path}: {}", field.ty));
        lines
    };
    all.into_iter().flat_map(one).collect()
}

const fn kind(ty: &ExtendedType) -> &'static str {
    match ty {
        ExtendedType::Scalar(_) => "scalar",
        ExtendedType::Object(_) => "type",
        ExtendedType::Interface(_) => "interface",
        ExtendedType::Union(_) => "union",
        ExtendedType::Enum(_) => "enum",
        ExtendedType::InputObject(_) => "input",
    }
}

/// A line for every type, field, argument, enum value, union member and interface.
fn lines(schema: &Schema) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, ty) in &schema.types {
        if ty.is_built_in() {
            continue;
        }
        lines.push(format!("{} {name}", kind(ty)));
        match ty {
            ExtendedType::Scalar(_) => {}
            ExtendedType::Object(object) => {
                lines
                    .extend(object.implements_interfaces.iter().map(|interface| format!("{name}: {}", interface.name)));
                lines.extend(fields(name, object.fields.values().map(|field| &***field)));
            }
            ExtendedType::Interface(interface) => {
                lines.extend(fields(name, interface.fields.values().map(|field| &***field)));
            }
            ExtendedType::Union(union) => {
                lines.extend(union.members.iter().map(|member| format!("{name} = {}", member.name)));
            }
            ExtendedType::Enum(values) => lines.extend(values.values.keys().map(|value| format!("{name}.{value}"))),
            ExtendedType::InputObject(input) => {
                lines.extend(arguments(name, input.fields.values().map(|field| &***field)));
            }
        }
    }
    lines
}

#[test]
fn everything_in_parse_s_schema_is_there() {
    let ours = lines(&schema([game_score()]).types.schema);
    let reference = Schema::parse(REFERENCE, "reference.graphql").unwrap();
    let missing: Vec<_> = lines(&reference).into_iter().filter(|line| !ours.contains(line)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn what_is_more_than_parse_s_schema_is_known() {
    let reference = lines(&Schema::parse(REFERENCE, "reference.graphql").unwrap());
    let ours = lines(&schema([game_score()]).types.schema);
    let known = [
        "ClassLevelPermissions",
        "OperationPermission",
        "ProtectedFields",
        "DefaultACL",
        "SchemaIndex",
        "Class.indexes",
        "classLevelPermissions",
        "required",
        "defaultValue",
        "addIndexes",
        "removeIndexes",
    ];
    let more: Vec<_> = ours
        .iter()
        .filter(|line| !reference.contains(line) && !known.iter().any(|known| line.contains(known)))
        .collect();
    assert_eq!(more, Vec::<&String>::new());
}

#[test]
fn schemas_are_valid() {
    let mut odd = game_score();
    for (name, kind) in [
        ("AND", FieldType::String),
        ("later", FieldType::Pointer(ClassName::known("Later"))),
        ("laters", FieldType::Relation(ClassName::known("Later"))),
        ("self", FieldType::Pointer(ClassName::known("GameScore"))),
        ("not a name", FieldType::String),
    ] {
        odd.fields.insert(Field::new(name, kind.clone()).name, Field { required: true, ..Field::new(name, kind) });
    }
    for definitions in [Vec::new(), vec![game_score()], vec![odd]] {
        let schema = schema(definitions);
        if let Err(errors) = Schema::clone(&schema.types.schema).validate() {
            panic!("{errors}");
        }
        let printed = schema.sdl();
        assert!(Schema::parse_and_validate(printed.clone(), "printed").is_ok());
        assert_eq!(printed, schema.sdl());
    }
}

#[test]
fn required_fields_are_non_null() {
    let mut definition = game_score();
    for field in definition.fields.values_mut() {
        field.required = !matches!(field.kind, FieldType::Relation(_));
    }
    let printed = schema([definition]).sdl();
    for expected in [
        "  score: Float!\n",
        "  owner: User!\n",
        "  tags: [ArrayResult]!\n",
        "  area: [GeoPoint!]!\n",
        "  replay: FileInput!\n",
        "  owner: UserPointerInput!\n",
        "  tags: [Any]!\n",
        "  score: Float\n",
    ] {
        assert!(printed.contains(expected), "{expected}");
    }
}

#[test]
fn classes_that_are_not_there_are_objects() {
    let pointer = Field::new("later", FieldType::Pointer(ClassName::known("Later")));
    let schema = schema([Definition::new(ClassName::known("Tree"), vec![pointer], None)]);
    let later = |name: &str| schema.types.schema.type_field(name, "later").map(|field| field.ty.to_string()).ok();
    assert_eq!(later("Tree").as_deref(), Some("Object"));
    assert!(schema.names_of(&ClassName::known("Later")).is_none());
}

#[test]
fn what_has_not_changed_is_not_made_again() {
    let class = |name: &str, fields: Vec<Field>| Definition::new(ClassName::known(name), fields, None);
    let tree = || {
        let pointer = Field::new("later", FieldType::Pointer(ClassName::known("Later")));
        class("Tree", vec![pointer, Field::new("laters", FieldType::Relation(ClassName::known("Later")))])
    };
    let later = |field: &str| class("Later", vec![Field::new(field, FieldType::String)]);
    // Its names are those of Later, so only the first of the two is shown.
    let taker = || class("later", Vec::new());
    let steps = [
        vec![game_score(), tree()],
        vec![game_score(), tree(), later("a")],
        vec![game_score(), tree(), later("b")],
        vec![game_score(), tree(), later("b"), taker()],
        vec![game_score(), tree(), taker()],
        vec![tree()],
    ];
    let mut catalog = Catalog::new(0, []);
    let mut api = ApiSchema::build(&catalog, None);
    for (version, definitions) in (1..).zip(steps) {
        catalog = Catalog::after(Some(&catalog), version, definitions.clone());
        let next = ApiSchema::build(&catalog, Some(&api));
        assert_eq!(next.sdl(), schema(definitions).sdl());
        let kept = |name: &str| {
            let parts =
                |api: &ApiSchema| api.classes.get(&ClassName::known(name)).map(|class| Arc::clone(&class.parts));
            parts(&api).zip(parts(&next)).map(|(one, other)| Arc::ptr_eq(&one, &other))
        };
        assert_eq!(kept(USER), Some(true));
        assert_ne!(kept("GameScore"), Some(false));
        // It is made again when the class to which it points appears or disappears, not when that gets another field.
        assert_eq!(kept("Tree"), if version == 1 { None } else { Some(matches!(version, 3 | 4 | 6)) });
        api = next;
    }
}

#[test]
fn order_values_name_a_field_and_a_direction() {
    let schema = schema([game_score()]);
    let class = game_score().to_class();
    let order = |value| schema.order_of(&class, value).map(|(field, direction)| (field.name.to_string(), direction));
    assert_eq!(order("score_DESC"), Some(("score".to_owned(), Direction::Descending)));
    assert_eq!(order("id_ASC"), Some(("objectId".to_owned(), Direction::Ascending)));
    assert_eq!(order("score"), None);
    assert_eq!(order("colour_ASC"), None);
}
