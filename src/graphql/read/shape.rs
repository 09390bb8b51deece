//! From a selection to what to fetch and how to write it.

use std::sync::Arc;

use super::connection::{Connection, find_arguments};
use super::level::{Level, RelationLevel};
use super::output::{ArrayOutput, ConnectionField, ConnectionOutput, Content, EdgeField, Output, OutputField, Part};
use crate::class::{Catalog, Class, Field, FieldType};
use crate::fault::Fault;
use crate::graphql::document::{SelectedField, Selection};
use crate::graphql::schema::ApiSchema;

/// Turns selections into levels and outputs.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct Shaper<'s> {
    pub(in crate::graphql) catalog: &'s Catalog,
    pub(in crate::graphql) schema: &'s ApiSchema,
}

impl Shaper<'_> {
    /// Adds what a selection wants of the level's class to the level, and answers how to write it.
    pub(in crate::graphql) fn object<'a>(
        self,
        level: &mut Level,
        selection: &Selection<'a>,
    ) -> Result<Output<'a>, Fault> {
        let class = Arc::clone(&level.class);
        let type_name = self.type_name(&class)?;
        let mut output = Output { class: Arc::clone(&class), fields: Vec::new() };
        for selected in selection.fields(type_name) {
            output.fields.push(self.field(level, &class, &selected)?);
        }
        Ok(output)
    }

    fn field<'a>(
        self,
        level: &mut Level,
        class: &Arc<Class>,
        selected: &SelectedField<'a>,
    ) -> Result<OutputField<'a>, Fault> {
        let key = selected.key;
        let content = match selected.name {
            "__typename" => Content::TypeName(self.type_name(class)?.to_owned()),
            "id" => Content::GlobalId,
            "objectId" => Content::ObjectId,
            "sessionToken" if class.name.is_session() => Content::SessionToken,
            name => match class.field(name) {
                Some(field) => {
                    let content = self.column(level, field, selected)?;
                    let always = matches!(name, "createdAt" | "updatedAt") || matches!(content, Content::Relation(..));
                    let required = field.required || always;
                    return Ok(OutputField { key, required, content });
                }
                None => Content::Null,
            },
        };
        Ok(OutputField { key, required: false, content })
    }

    fn column<'a>(
        self,
        level: &mut Level,
        field: &Arc<Field>,
        selected: &SelectedField<'a>,
    ) -> Result<Content<'a>, Fault> {
        let selection = &selected.selection;
        Ok(match &field.kind {
            FieldType::Object if level.class.name.is_user() && field.name.as_str() == "authData" => {
                Content::Providers(level.column(field))
            }
            FieldType::String
            | FieldType::Number
            | FieldType::Boolean
            | FieldType::Date
            | FieldType::Object
            | FieldType::Bytes => Content::Scalar(level.column(field)),
            FieldType::GeoPoint | FieldType::Polygon => {
                Content::Places(level.column(field), parts(selection, "GeoPoint"))
            }
            FieldType::File => Content::File(level.column(field), parts(selection, "FileInfo")),
            FieldType::Acl => Content::Acl(level.column(field), selection.fields("ACL")),
            FieldType::Array => {
                let column = level.column(field);
                let array = level.array(column);
                Content::Array(column, array, self.array(level, array, selection)?)
            }
            FieldType::Pointer(target) => match self.target(target.as_str()) {
                Some(target) => {
                    let column = level.column(field);
                    let pointer = level.pointer(column, target);
                    let Some(below) = level.pointers.get_mut(pointer) else { return Ok(Content::Null) };
                    Content::Pointer(column, pointer, self.object(&mut below.target, selection)?)
                }
                None => Content::Null,
            },
            FieldType::Relation(target) => match self.target(target.as_str()) {
                Some(target) => {
                    let (connection, output) = match self.connection(target, selected) {
                        Ok((connection, output)) => (Ok(connection), output),
                        Err(fault) => (Err(fault), ConnectionOutput { fields: Vec::new() }),
                    };
                    level.relations.push(RelationLevel { field: Arc::clone(field), connection });
                    Content::Relation(level.relations.len() - 1, output)
                }
                None => Content::Null,
            },
            FieldType::Password => Content::Null,
        })
    }

    /// What a field that answers a connection of objects of `class` wants.
    pub(in crate::graphql) fn connection<'a>(
        self,
        class: &Arc<Class>,
        selected: &SelectedField<'a>,
    ) -> Result<(Connection, ConnectionOutput<'a>), Fault> {
        let arguments = find_arguments(self, class, &selected.arguments)?;
        let mut connection = Connection::new(Level::new(Arc::clone(class)), arguments);
        let type_name = self.type_name(class)?;
        let mut fields = Vec::new();
        for selected in selected.selection.fields(&format!("{type_name}Connection")) {
            fields.push(match selected.name {
                "__typename" => ConnectionField::TypeName(selected.key, format!("{type_name}Connection")),
                "count" => {
                    connection.wants.count = true;
                    ConnectionField::Count(selected.key)
                }
                "pageInfo" => {
                    let parts = parts(&selected.selection, "PageInfo");
                    connection.want_page_info(parts.iter().map(|part| part.name));
                    ConnectionField::PageInfo(selected.key, parts)
                }
                _ => {
                    connection.wants.rows = true;
                    let edges = self.edges(&mut connection, type_name, &selected.selection)?;
                    ConnectionField::Edges(selected.key, edges)
                }
            });
        }
        Ok((connection, ConnectionOutput { fields }))
    }

    fn edges<'a>(
        self,
        connection: &mut Connection,
        type_name: &str,
        selection: &Selection<'a>,
    ) -> Result<Vec<EdgeField<'a>>, Fault> {
        let edge_type = format!("{type_name}Edge");
        let mut fields = Vec::new();
        for selected in selection.fields(&edge_type) {
            fields.push(match selected.name {
                "__typename" => EdgeField::TypeName(selected.key, edge_type.clone()),
                "cursor" => {
                    connection.wants.cursors = true;
                    EdgeField::Cursor(selected.key)
                }
                _ => EdgeField::Node(selected.key, self.object(&mut connection.level, &selected.selection)?),
            });
        }
        Ok(fields)
    }

    /// Any class may stand in an array, so what is selected is asked of each.
    fn array<'a>(self, level: &mut Level, array: usize, selection: &Selection<'a>) -> Result<ArrayOutput<'a>, Fault> {
        let mut output = ArrayOutput { element: parts(selection, "Element"), objects: Vec::new() };
        let Some(array) = level.arrays.get_mut(array) else { return Ok(output) };
        for class in self.catalog.classes().filter(|class| self.schema.names_of(&class.name).is_some()) {
            let target = array.target(class);
            let Some(below) = array.targets.get_mut(target) else { continue };
            output.objects.push(self.object(below, selection)?);
        }
        Ok(output)
    }

    fn target(&self, class: &str) -> Option<&Arc<Class>> {
        self.catalog.class(class).filter(|class| self.schema.names_of(&class.name).is_some())
    }

    /// The GraphQL type of a class.
    pub(in crate::graphql) fn type_name(&self, class: &Class) -> Result<&str, Fault> {
        let names = self.schema.names_of(&class.name);
        names
            .map(|names| names.type_name.as_str())
            .ok_or_else(|| Fault::internal(format!("{} has no type", class.name)))
    }
}

/// The leaves of a selection on a type without arguments.
fn parts<'a>(selection: &Selection<'a>, type_name: &str) -> Vec<Part<'a>> {
    selection.fields(type_name).iter().map(|field| Part { key: field.key, name: field.name }).collect()
}
