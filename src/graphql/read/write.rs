//! Writing answers: JSON text, straight from the rows.

use std::fmt::Display;
use std::io::Write as _;

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::budget;
use super::load::{Loaded, LoadedConnection, LoadedPage, cursor, pointed_to};
use super::output::{ArrayOutput, ConnectionField, ConnectionOutput, Content, EdgeField, Output, OutputField, Part};
use crate::auth::{AuthData, SessionToken};
use crate::class::{Class, ClassName, Principal, Rights, USER};
use crate::fault::{Code, Fault};
use crate::graphql::document::SelectedField;
use crate::graphql::ids;
use crate::plan::Cursor;
use crate::value::{GeoPoint, ObjectId, Value};

/// One step of a path in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) enum Step {
    /// A response key.
    Key(SmolStr),
    /// A position in a list.
    Index(usize),
}

/// A field that has no value although its type says that it has: its nearest nullable parent becomes null.
#[derive(Debug)]
pub(in crate::graphql) struct NullField;

type Written = Result<(), NullField>;

/// Writes an answer's JSON, and notes the fields that could not be written.
pub(in crate::graphql) struct Writer<'w> {
    out: Vec<u8>,
    path: Vec<Step>,
    faults: Vec<(Vec<Step>, Fault)>,
    files: &'w str,
    /// The tokens that the caller may see: of the own session, and of sessions made by this request.
    tokens: &'w [(ObjectId, SessionToken)],
    /// How many bytes there may be.
    limit: usize,
    /// There would be more: nothing further is written, and nothing of what was is an answer.
    is_full: bool,
}

impl<'w> Writer<'w> {
    /// A writer of so many bytes at most, which knows the address of files, and the tokens that the caller may see.
    pub(in crate::graphql) const fn new(files: &'w str, tokens: &'w [(ObjectId, SessionToken)], limit: usize) -> Self {
        Self { out: Vec::new(), path: Vec::new(), faults: Vec::new(), files, tokens, limit, is_full: false }
    }

    /// What was written, and what could not be.
    pub(in crate::graphql) fn finish(self) -> (Vec<u8>, Vec<(Vec<Step>, Fault)>) {
        if self.is_full {
            return (self.out, vec![(Vec::new(), budget::too_long(self.limit))]);
        }
        (self.out, self.faults)
    }

    /// Fails if there are too many bytes already. Work then ends everywhere, also where null could stand instead.
    fn check_length(&mut self) -> Written {
        self.is_full |= self.out.len() > self.limit;
        if self.is_full { Err(NullField) } else { Ok(()) }
    }

    /// Where the next byte goes.
    pub(in crate::graphql) const fn position(&self) -> usize {
        self.out.len()
    }

    /// Takes back what was written from a position on.
    pub(in crate::graphql) fn cut(&mut self, position: usize) {
        self.out.truncate(position);
    }

    /// Notes that the field at the current path failed.
    pub(in crate::graphql) fn fail(&mut self, fault: Fault) {
        self.faults.push((self.path.clone(), fault));
    }

    /// Writes an object whose members `write` writes.
    pub(in crate::graphql) fn object<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.raw("{");
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.raw(",");
            }
            write(self, item)?;
        }
        self.raw("}");
        Ok(())
    }

    /// Writes a list whose items `write` writes.
    pub(in crate::graphql) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.raw("[");
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.raw(",");
            }
            self.check_length()?;
            self.path.push(Step::Index(position));
            let written = write(self, item);
            self.path.pop();
            written?;
        }
        self.raw("]");
        Ok(())
    }

    /// Writes a member of an object. If it may be null and cannot be written, it is null.
    pub(in crate::graphql) fn member(
        &mut self,
        key: &str,
        nullable: bool,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.check_length()?;
        // A name of GraphQL has nothing in it that JSON would escape.
        self.raw("\"");
        self.raw(key);
        self.raw("\":");
        // Most keys are so short that nothing is allocated for them.
        self.path.push(Step::Key(SmolStr::new(key)));
        let start = self.out.len();
        let written = write(self);
        self.path.pop();
        match written {
            Err(NullField) if nullable && !self.is_full => {
                self.out.truncate(start);
                self.null();
                Ok(())
            }
            written => written,
        }
    }

    /// Writes text that is JSON already.
    pub(in crate::graphql) fn raw(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Writes a string.
    pub(in crate::graphql) fn text(&mut self, text: &str) {
        // Writing to a vector cannot fail.
        drop(serde_json::to_writer(&mut self.out, text));
    }

    /// Writes any JSON.
    pub(in crate::graphql) fn json(&mut self, json: &Json) {
        drop(serde_json::to_writer(&mut self.out, json));
    }

    /// Writes null.
    pub(in crate::graphql) fn null(&mut self) {
        self.raw("null");
    }

    /// Writes `true` or `false`.
    pub(in crate::graphql) fn boolean(&mut self, flag: bool) {
        self.raw(if flag { "true" } else { "false" });
    }

    fn quoted(&mut self, shown: impl Display) {
        drop(write!(self.out, "\"{shown}\""));
    }

    fn number(&mut self, number: f64) {
        // Zero has no sign in JSON. Whole numbers are written without a fraction, as JavaScript does.
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format(if number == 0.0 { 0.0 } else { number });
        self.raw(text.strip_suffix(".0").unwrap_or(text));
    }
}

/// Writes the object at a position.
pub(in crate::graphql) fn write_object(
    w: &mut Writer<'_>,
    loaded: &Loaded,
    position: usize,
    output: &Output<'_>,
) -> Written {
    w.object(&output.fields, |w, field| {
        w.member(field.key, !field.required, |w| write_field(w, &output.class, loaded, position, field))
    })
}

fn write_field(
    w: &mut Writer<'_>,
    class: &Class,
    loaded: &Loaded,
    position: usize,
    field: &OutputField<'_>,
) -> Written {
    let Some(row) = loaded.rows.get(position) else { return missing(w, true) };
    let cell = |column: usize| row.cells.get(column).unwrap_or(&Value::Null);
    match &field.content {
        Content::TypeName(name) => w.text(name),
        Content::GlobalId => w.quoted(ids::global(&class.name, &row.id)),
        Content::ObjectId => w.text(row.id.as_str()),
        Content::SessionToken => match w.tokens.iter().find(|(session, _)| *session == row.id) {
            Some((_, token)) => w.text(token.reveal()),
            None => w.null(),
        },
        Content::Null => return missing(w, field.required),
        Content::Acl(column, parts) => return write_acl(w, cell(*column), parts),
        Content::Relation(relation, output) => {
            let Some(connection) = loaded.relations.get(*relation) else { return missing(w, true) };
            if let Some(fault) = &connection.refused {
                w.fail(fault.again());
                return Err(NullField);
            }
            return write_connection(w, connection, Some(&row.id), output);
        }
        Content::Scalar(column)
        | Content::Providers(column)
        | Content::Places(column, _)
        | Content::File(column, _)
        | Content::Array(column, ..)
        | Content::Pointer(column, ..)
            if cell(*column).is_null() =>
        {
            return missing(w, field.required);
        }
        Content::Scalar(column) => write_scalar(w, cell(*column)),
        Content::Providers(column) => match cell(*column) {
            Value::Object(stored) => w.json(&AuthData::shown(stored.as_str())),
            _ => w.null(),
        },
        Content::Places(column, parts) => return write_places(w, cell(*column), parts),
        Content::File(column, parts) => return write_file(w, cell(*column), parts),
        Content::Array(_, array, output) => return write_array(w, loaded, *array, position, output),
        Content::Pointer(column, pointer, output) => {
            let target = loaded.pointers.get(*pointer);
            if let Some(fault) = target.and_then(|target| target.failed.as_ref()) {
                w.fail(fault.again());
                return Err(NullField);
            }
            let found = match cell(*column) {
                Value::Pointer(id) => target.and_then(|target| target.position(id).map(|found| (target, found))),
                _ => None,
            };
            let Some((target, found)) = found else { return missing(w, field.required) };
            return write_object(w, target, found, output);
        }
    }
    Ok(())
}

/// Null, which is a failure where the type says that there is a value.
fn missing(w: &mut Writer<'_>, required: bool) -> Written {
    if required {
        w.fail(Fault::with(Code::ObjectNotFound, "A required value is missing or cannot be read."));
        return Err(NullField);
    }
    w.null();
    Ok(())
}

fn write_scalar(w: &mut Writer<'_>, value: &Value) {
    match value {
        Value::String(text) | Value::Bytes(text) | Value::File(text) => w.text(text),
        Value::Number(number) => w.number(*number),
        Value::Boolean(flag) => w.boolean(*flag),
        Value::Date(date) => w.quoted(date),
        Value::Object(json) | Value::Array(json) => w.raw(json.as_str()),
        Value::Pointer(id) => w.text(id.as_str()),
        Value::Null | Value::GeoPoint(_) | Value::Polygon(_) | Value::Permissions { .. } => w.null(),
    }
}

fn write_places(w: &mut Writer<'_>, value: &Value, parts: &[Part<'_>]) -> Written {
    match value {
        Value::GeoPoint(point) => write_place(w, *point, parts),
        Value::Polygon(polygon) => w.list(polygon.corners(), |w, corner| write_place(w, *corner, parts)),
        _ => missing(w, false),
    }
}

fn write_place(w: &mut Writer<'_>, point: GeoPoint, parts: &[Part<'_>]) -> Written {
    w.object(parts, |w, part| {
        w.member(part.key, false, |w| {
            match part.name {
                "latitude" => w.number(point.latitude()),
                "longitude" => w.number(point.longitude()),
                _ => w.text("GeoPoint"),
            }
            Ok(())
        })
    })
}

fn write_file(w: &mut Writer<'_>, value: &Value, parts: &[Part<'_>]) -> Written {
    let Value::File(name) = value else { return missing(w, false) };
    w.object(parts, |w, part| {
        w.member(part.key, false, |w| {
            match part.name {
                "name" => w.text(name),
                "url" => {
                    let url = crate::graphql::files::url(w.files, name);
                    w.text(&url);
                }
                _ => w.text("FileInfo"),
            }
            Ok(())
        })
    })
}

/// Elements whose objects the caller cannot read are left out.
fn write_array(
    w: &mut Writer<'_>,
    loaded: &Loaded,
    array: usize,
    position: usize,
    output: &ArrayOutput<'_>,
) -> Written {
    let Some(array) = loaded.arrays.get(array) else { return missing(w, false) };
    let Some(Some(elements)) = array.elements.get(position) else { return missing(w, false) };
    let mut shown = Vec::new();
    for element in elements {
        let Some((class, id)) = pointed_to(element) else {
            shown.push((element, None));
            continue;
        };
        let place = array.objects.iter().position(|(target, _)| target.name.as_str() == class);
        let target = place.and_then(|place| array.objects.get(place).zip(output.objects.get(place)));
        if let Some(((_, target), output)) = target
            && let Some(found) = target.position(&ObjectId::new(id))
        {
            shown.push((element, Some((target, found, output))));
        }
    }
    w.list(shown, |w, (element, object)| match object {
        Some((target, found, output)) => write_object(w, target, found, output),
        None if element.is_null() => missing(w, false),
        None => w.object(&output.element, |w, part| {
            w.member(part.key, false, |w| {
                match part.name {
                    "value" => w.json(element),
                    _ => w.text("Element"),
                }
                Ok(())
            })
        }),
    })
}

/// Writes the list of one owner; of a class itself, the owner is nobody.
pub(in crate::graphql) fn write_connection(
    w: &mut Writer<'_>,
    connection: &LoadedConnection,
    owner: Option<&ObjectId>,
    output: &ConnectionOutput<'_>,
) -> Written {
    let nothing = LoadedPage::default();
    let page = connection.pages.get(&owner.cloned()).unwrap_or(&nothing);
    w.object(&output.fields, |w, field| match field {
        ConnectionField::TypeName(key, name) => w.member(key, false, |w| {
            w.text(name);
            Ok(())
        }),
        ConnectionField::Count(key) => w.member(key, false, |w| {
            w.raw(&page.count.to_string());
            Ok(())
        }),
        ConnectionField::PageInfo(key, parts) => w.member(key, false, |w| write_page_info(w, connection, page, parts)),
        ConnectionField::Edges(key, fields) => {
            w.member(key, true, |w| w.list(&page.rows, |w, position| write_edge(w, connection, *position, fields)))
        }
    })
}

fn write_edge(w: &mut Writer<'_>, connection: &LoadedConnection, position: usize, fields: &[EdgeField<'_>]) -> Written {
    w.object(fields, |w, field| match field {
        EdgeField::TypeName(key, name) => w.member(key, false, |w| {
            w.text(name);
            Ok(())
        }),
        EdgeField::Cursor(key) => w.member(key, false, |w| {
            let text = connection.loaded.rows.get(position).map(cursor).unwrap_or_default();
            w.text(&text);
            Ok(())
        }),
        EdgeField::Node(key, output) => w.member(key, true, |w| write_object(w, &connection.loaded, position, output)),
    })
}

fn write_page_info(
    w: &mut Writer<'_>,
    connection: &LoadedConnection,
    page: &LoadedPage,
    parts: &[Part<'_>],
) -> Written {
    let row = |position: Option<&usize>| position.and_then(|position| connection.loaded.rows.get(*position));
    let cursor_or_place = |position| match row(position) {
        Some(row) => cursor(row),
        None => connection.empty_cursor.clone().unwrap_or(Cursor::Start).encode(),
    };
    w.object(parts, |w, part| {
        w.member(part.key, false, |w| {
            match part.name {
                "hasNextPage" => w.boolean(page.has_next),
                "hasPreviousPage" => w.boolean(page.has_previous),
                "startCursor" => w.text(&cursor_or_place(page.rows.first())),
                "endCursor" => w.text(&cursor_or_place(page.rows.last())),
                _ => w.text("PageInfo"),
            }
            Ok(())
        })
    })
}

/// An empty part of an ACL is null, as in Parse.
fn write_acl(w: &mut Writer<'_>, value: &Value, parts: &[SelectedField<'_>]) -> Written {
    let acl = match value {
        Value::Permissions { read, write } => crate::class::Acl::from_stored(read.as_deref(), write.as_deref()),
        _ => crate::class::Acl::default(),
    };
    let user_class = ClassName::known(USER);
    let mut public = None;
    let mut users = Vec::new();
    let mut roles = Vec::new();
    for (principal, rights) in acl.entries() {
        match principal {
            Principal::Public => public = Some(*rights),
            Principal::User(id) => users.push((ids::global(&user_class, id), *rights)),
            Principal::Role(name) => roles.push((name.as_str().to_owned(), *rights)),
        }
    }
    w.object(parts, |w, part| {
        w.member(part.key, true, |w| match (part.name, public) {
            ("public", Some(rights)) => write_acl_entry(w, part, "", rights),
            ("users", _) if !users.is_empty() => {
                w.list(&users, |w, (user, rights)| write_acl_entry(w, part, user, *rights))
            }
            ("roles", _) if !roles.is_empty() => {
                w.list(&roles, |w, (role, rights)| write_acl_entry(w, part, role, *rights))
            }
            ("__typename", _) => {
                w.text("ACL");
                Ok(())
            }
            _ => missing(w, false),
        })
    })
}

fn write_acl_entry(w: &mut Writer<'_>, part: &SelectedField<'_>, who: &str, rights: Rights) -> Written {
    let type_name = match part.name {
        "public" => "PublicACL",
        "users" => "UserACL",
        _ => "RoleACL",
    };
    w.object(part.selection.fields(type_name), |w, field| {
        w.member(field.key, false, |w| {
            match field.name {
                "read" => w.boolean(rights.read),
                "write" => w.boolean(rights.write),
                "userId" | "roleName" => w.text(who),
                _ => w.text(type_name),
            }
            Ok(())
        })
    })
}
