//! Making, changing, deleting and listing classes.

use serde_json::{Map, Value as Json, json};

use super::permissions;
use crate::class::{Alteration, Catalog, Class, ClassName, ClpChange, Field, FieldName, FieldType, Index};
use crate::fault::{Code, Fault};
use crate::graphql::answer::Answer;
use crate::graphql::document::{SelectedField, Selection};
use crate::graphql::engine::Work;
use crate::graphql::ids;
use crate::graphql::query::as_text;
use crate::graphql::schema::is_reserved_class;
use crate::guard;
use crate::plan::Alter;

/// `createClass`.
pub(super) async fn create<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let (name, input) = (name(selected)?, input(selected));
    let alter = Alter::Create { name: name.clone(), alteration: alteration(input)? };
    let admitted = guard::alter(work.caller, alter)?;
    check_not_reserved(work.catalog(), &name)?;
    let catalog = work.engine.store.alter(admitted).await?;
    Answer::payload(selected, "CreateClassPayload", |part| class_answer(&catalog, &name, part.selection.clone()))
}

/// `updateClass`.
pub(super) async fn update<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let (name, input) = (name(selected)?, input(selected));
    let alter = Alter::Update { name: name.clone(), alteration: alteration(input)? };
    let catalog = work.engine.store.alter(guard::alter(work.caller, alter)?).await?;
    Answer::payload(selected, "UpdateClassPayload", |part| class_answer(&catalog, &name, part.selection.clone()))
}

/// `deleteClass`. It shows the class as it was.
pub(super) async fn delete<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let name = name(selected)?;
    let admitted = guard::alter(work.caller, Alter::Delete { name: name.clone() })?;
    let before = work.engine.store.catalog();
    work.engine.store.alter(admitted).await?;
    Answer::payload(selected, "DeleteClassPayload", |part| {
        // Another server may have made it a moment ago; its name is known all the same.
        let tree =
            before.class(&name).map_or_else(|| json!({"__typename": "Class", "name": name}), |class| tree(class));
        Ok(Answer::Tree(tree, part.selection.clone()))
    })
}

/// One class; an unknown one is 103.
pub(in crate::graphql) fn class_answer<'a>(
    catalog: &Catalog,
    name: &str,
    selection: Selection<'a>,
) -> Result<Answer<'a>, Fault> {
    let class = catalog
        .class(name)
        .ok_or_else(|| Fault::with(Code::InvalidClassName, format!("Class {name} does not exist.")))?;
    Ok(Answer::Tree(tree(class), selection))
}

/// All classes.
pub(in crate::graphql) fn classes_answer<'a>(catalog: &Catalog, selection: Selection<'a>) -> Answer<'a> {
    Answer::Tree(catalog.classes().map(|class| tree(class)).collect(), selection)
}

fn tree(class: &Class) -> Json {
    let fields: Vec<Json> = class
        .fields
        .values()
        .map(|field| {
            json!({
                "__typename": format!("Schema{}Field", field.kind.name()),
                "name": field.name.as_str(),
                "targetClassName": field.kind.target().map(ClassName::as_str),
                "required": field.required,
                "defaultValue": field.default,
            })
        })
        .collect();
    let indexes: Vec<Json> = class
        .indexes
        .iter()
        .map(|(name, index)| json!({"__typename": "SchemaIndex", "name": name, "keys": index_keys(index)}))
        .collect();
    json!({
        "__typename": "Class",
        "name": class.name.as_str(),
        "schemaFields": fields,
        "classLevelPermissions": permissions::to_json(&class.clp),
        "indexes": indexes,
    })
}

fn index_keys(index: &Index) -> Vec<Json> {
    let key = |(field, direction): (&String, &Json)| {
        let direction = match direction.as_i64() {
            Some(1) => Some("ASCENDING"),
            Some(-1) => Some("DESCENDING"),
            _ => None,
        };
        json!({"__typename": "SchemaIndexKey", "field": field, "direction": direction})
    };
    index.0.iter().map(key).collect()
}

fn input<'f>(selected: &'f SelectedField<'_>) -> &'f Json {
    selected.arguments.get("input").unwrap_or(&Json::Null)
}

/// The name of the class. What contains NUL is the name of none, and not every database can be asked for it.
fn name(selected: &SelectedField<'_>) -> Result<String, Fault> {
    let name = input(selected).get("name").map(as_text).unwrap_or_default();
    if name.contains('\0') {
        return Err(Fault::with(Code::InvalidClassName, "A class name cannot contain the character NUL."));
    }
    Ok(name.to_owned())
}

/// Refuses a class that the API could never show, as it has a type or a field of that name itself. Parse Server makes it.
fn check_not_reserved(catalog: &Catalog, name: &str) -> Result<(), Fault> {
    // A name that is taken, or no name at all, is refused in other words.
    if catalog.class(name).is_some() || !ClassName::new_custom(name).is_ok_and(|name| is_reserved_class(&name)) {
        return Ok(());
    }
    let message = format!("Invalid classname: {name}, the API has a type or a field of this name already.");
    Err(Fault::with(Code::InvalidClassName, message))
}

/// The members of `SchemaFieldsInput` that add something, in the order in which they do.
const ADDITIONS: [&str; 13] = [
    "addStrings",
    "addNumbers",
    "addBooleans",
    "addArrays",
    "addObjects",
    "addDates",
    "addFiles",
    "addGeoPoint",
    "addPolygons",
    "addBytes",
    "addPointers",
    "addRelations",
    "addIndexes",
];

/// The change that an input asks for.
fn alteration(input: &Json) -> Result<Alteration, Fault> {
    let nothing = Map::new();
    let fields = input.get("schemaFields").and_then(Json::as_object).unwrap_or(&nothing);
    let names = |key: &str| -> Vec<String> {
        let items = fields.get(key).and_then(Json::as_array).into_iter().flatten();
        items.filter_map(|item| item.get("name")).map(as_text).map(ToOwned::to_owned).collect()
    };
    let mut alteration =
        Alteration { remove: names("remove"), remove_indexes: names("removeIndexes"), ..Alteration::default() };
    for key in ADDITIONS {
        let Some(items) = fields.get(key) else { continue };
        let items: Vec<&Json> = match items {
            Json::Array(items) => items.iter().collect(),
            Json::Object(_) => vec![items],
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => continue,
        };
        for item in items {
            if key == "addIndexes" {
                alteration.add_indexes.push(index(item));
            } else if let Some(field) = field(key, item)? {
                alteration.add.push(field);
            }
        }
    }
    alteration.clp = match input.get("classLevelPermissions") {
        None => ClpChange::Keep,
        Some(Json::Null) => ClpChange::Reset,
        Some(permissions) => ClpChange::Replace(Box::new(permissions::from_input(permissions)?)),
    };
    Ok(alteration)
}

fn field(key: &str, item: &Json) -> Result<Option<Field>, Fault> {
    let target = item.get("targetClassName").map(as_text).map(ClassName::known);
    let kind = match (key, target) {
        ("addStrings", _) => FieldType::String,
        ("addNumbers", _) => FieldType::Number,
        ("addBooleans", _) => FieldType::Boolean,
        ("addDates", _) => FieldType::Date,
        ("addObjects", _) => FieldType::Object,
        ("addArrays", _) => FieldType::Array,
        ("addBytes", _) => FieldType::Bytes,
        ("addFiles", _) => FieldType::File,
        ("addGeoPoint", _) => FieldType::GeoPoint,
        ("addPolygons", _) => FieldType::Polygon,
        ("addPointers", Some(target)) => FieldType::Pointer(target),
        ("addRelations", Some(target)) => FieldType::Relation(target),
        (_, _) => return Ok(None),
    };
    let default = match item.get("defaultValue") {
        None | Some(Json::Null) => None,
        Some(default) => Some(parse_encoding(&kind, default)?),
    };
    Ok(Some(Field {
        name: FieldName::known(item.get("name").map(as_text).unwrap_or_default()),
        kind,
        required: item.get("required") == Some(&Json::Bool(true)),
        default,
    }))
}

/// A default value, from the API's form to the one that class definitions keep.
fn parse_encoding(kind: &FieldType, value: &Json) -> Result<Json, Fault> {
    let tagged = value.get("__type").is_some();
    Ok(match kind {
        FieldType::Date if !tagged => json!({"__type": "Date", "iso": value}),
        FieldType::Bytes if !tagged => json!({"__type": "Bytes", "base64": value}),
        FieldType::File if !tagged => json!({"__type": "File", "name": value}),
        FieldType::GeoPoint => {
            let point = crate::graphql::input::geo_point(value)?;
            json!({"__type": "GeoPoint", "latitude": point.latitude(), "longitude": point.longitude()})
        }
        FieldType::Polygon => {
            let polygon = crate::graphql::input::polygon(value)?;
            let corners: Vec<Json> =
                polygon.corners().iter().map(|corner| json!([corner.latitude(), corner.longitude()])).collect();
            json!({"__type": "Polygon", "coordinates": corners})
        }
        FieldType::Pointer(class) => {
            let id = ids::local(class, as_text(value));
            json!({"__type": "Pointer", "className": class.as_str(), "objectId": id.as_str()})
        }
        FieldType::String
        | FieldType::Number
        | FieldType::Boolean
        | FieldType::Date
        | FieldType::Object
        | FieldType::Array
        | FieldType::Bytes
        | FieldType::File
        | FieldType::Relation(_)
        | FieldType::Acl
        | FieldType::Password => value.clone(),
    })
}

fn index(item: &Json) -> (String, Index) {
    let name = item.get("name").map(as_text).unwrap_or_default().to_owned();
    let mut keys = Map::new();
    for key in item.get("keys").and_then(Json::as_array).into_iter().flatten() {
        let direction = if key.get("direction").map(as_text) == Some("DESCENDING") { -1 } else { 1 };
        keys.insert(key.get("field").map(as_text).unwrap_or_default().to_owned(), direction.into());
    }
    (name, Index(keys))
}
