//! The fields of new and changed objects, with the objects nested in them.
//!
//! Nested objects are made before the object that links to them, in the same transaction and through the guard like any
//! other; if one is refused, nothing is written.

use std::sync::Arc;

use futures::future::BoxFuture;
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Map, Value as Json};

use crate::auth::{AuthData, Password, SessionToken};
use crate::class::{Class, ClassName, Field, FieldType};
use crate::fault::{Code, Fault};
use crate::graphql::engine::Work;
use crate::graphql::input;
use crate::guard;
use crate::plan::{Changes, Create, Internal, RelationChange};
use crate::store::Transaction;
use crate::value::{Date, JsonText, ObjectId, Value};

impl Work<'_> {
    /// Makes an object, and answers its id.
    pub(super) fn create_object<'f>(
        self,
        transaction: &'f Transaction,
        class: &'f Arc<Class>,
        fields: &'f Json,
    ) -> BoxFuture<'f, Result<ObjectId, Fault>>
    where
        Self: 'f,
    {
        Box::pin(async move {
            let mut changes = self.changes(transaction, class, fields).await?;
            let (id, token) = {
                let mut rng = random();
                (ObjectId::random(&mut rng), SessionToken::random(&mut rng))
            };
            if class.name.is_session() {
                self.issued.keep(id.clone(), token.clone());
                changes.internal.push(Internal::Session { token, expires_at: self.session_end() });
            } else if class.name.is_user() {
                name_anonymous_user(class, &mut changes)?;
            }
            let plan = Create { class: Arc::clone(class), id: id.clone(), now: self.now, changes };
            transaction.create(guard::create(self.caller, plan)?).await?;
            Ok(id)
        })
    }

    /// The changes that the `fields` of an input ask for.
    pub(super) async fn changes(
        self,
        transaction: &Transaction,
        class: &Arc<Class>,
        fields: &Json,
    ) -> Result<Changes, Fault> {
        let nothing = Map::new();
        let mut changes = Changes::default();
        for (name, json) in fields.as_object().unwrap_or(&nothing) {
            let Some(field) = class.field(name) else { continue };
            self.change(transaction, field, json, &mut changes).await?;
        }
        Ok(changes)
    }

    async fn change(
        self,
        transaction: &Transaction,
        field: &Arc<Field>,
        json: &Json,
        changes: &mut Changes,
    ) -> Result<(), Fault> {
        let value = match &field.kind {
            FieldType::Acl => {
                changes.acl = Some(input::acl(json)?);
                return Ok(());
            }
            FieldType::Password => {
                let hash = Password::new(json.as_str().unwrap_or_default())?.hash().await?;
                changes.internal.push(Internal::PasswordHash(hash));
                return Ok(());
            }
            FieldType::Relation(target) => {
                changes.relations.push(self.relation(transaction, field, target, json).await?);
                return Ok(());
            }
            _ if json.is_null() => Value::Null,
            FieldType::Pointer(target) => self.pointer(transaction, field, target, json).await?,
            FieldType::File => self.file(field, json)?,
            FieldType::Object if field.name.as_str() == "authData" => {
                let data = AuthData::parse(json)?;
                if data.ends_anonymity() {
                    changes.internal.push(Internal::EndAnonymity);
                }
                let Some(data) = data.to_json() else { return Ok(()) };
                Value::Object(JsonText::new(&data))
            }
            FieldType::String
            | FieldType::Number
            | FieldType::Boolean
            | FieldType::Date
            | FieldType::Object
            | FieldType::Array
            | FieldType::Bytes
            | FieldType::GeoPoint
            | FieldType::Polygon => input::value(field, json)?,
        };
        changes.values.push((Arc::clone(field), value));
        Ok(())
    }

    /// A pointer either links to an object or makes one.
    async fn pointer(
        self,
        transaction: &Transaction,
        field: &Field,
        target: &ClassName,
        json: &Json,
    ) -> Result<Value, Fault> {
        let create = json.get("createAndLink").filter(|fields| !fields.is_null());
        match (json.get("link"), create) {
            (Some(Json::String(id)), None) => input::object_id(target, id).map(Value::Pointer),
            (Some(Json::Null), None) => Ok(Value::Null),
            (None | Some(Json::Null), Some(fields)) => {
                let class = self.class(target)?;
                self.create_object(transaction, class, fields).await.map(Value::Pointer)
            }
            _ => Err(Fault::with(
                Code::InvalidPointer,
                format!("The pointer {} needs either link or createAndLink.", field.name),
            )),
        }
    }

    /// What is put into a relation, made for it, or taken out of it.
    async fn relation(
        self,
        transaction: &Transaction,
        field: &Arc<Field>,
        target: &ClassName,
        json: &Json,
    ) -> Result<RelationChange, Fault> {
        let Some(parts) = json.as_object() else {
            let message = format!("The relation {} cannot be null; remove its objects.", field.name);
            return Err(Fault::with(Code::InvalidQuery, message));
        };
        if parts.values().all(Json::is_null) {
            let message = format!("The relation {} needs add, remove or createAndAdd.", field.name);
            return Err(Fault::with(Code::InvalidPointer, message));
        }
        let items = |name: &str| parts.get(name).and_then(Json::as_array).into_iter().flatten();
        let ids = |name: &str| {
            items(name).filter_map(Json::as_str).map(|id| input::object_id(target, id)).collect::<Result<Vec<_>, _>>()
        };
        let mut change = RelationChange { field: Arc::clone(field), add: ids("add")?, remove: ids("remove")? };
        for fields in items("createAndAdd") {
            let class = self.class(target)?;
            change.add.push(self.create_object(transaction, class, fields).await?);
        }
        Ok(change)
    }

    /// A file is one that came with the request, or else one that is named. Whether that exists is not looked at.
    fn file(self, field: &Field, json: &Json) -> Result<Value, Fault> {
        if let Some(upload) = json.get("upload").filter(|upload| !upload.is_null()) {
            return self.uploaded.name(upload).map(|name| Value::File(name.to_owned())).ok_or_else(no_file);
        }
        let file = json.get("file").unwrap_or(&Json::Null);
        match file.get("name").unwrap_or(file) {
            Json::String(name) if !name.is_empty() => input::value(field, file),
            _ => Err(no_file()),
        }
    }

    fn class(&self, name: &ClassName) -> Result<&Arc<Class>, Fault> {
        self.snapshot
            .catalog
            .class(name.as_str())
            .ok_or_else(|| Fault::with(Code::InvalidClassName, format!("Class {name} does not exist.")))
    }

    /// When a session that begins now ends.
    fn session_end(&self) -> Option<Date> {
        let length = i64::try_from(self.engine.settings.session_length.as_millis()).unwrap_or(i64::MAX);
        Date::from_millis(self.now.millis().saturating_add(length))
    }
}

/// Neither a file nor an upload, where one of them is needed.
pub(super) fn no_file() -> Fault {
    Fault::with(Code::FileSaveError, "Invalid file upload.")
}

/// Who signs up without a name gets a random one.
fn name_anonymous_user(class: &Class, changes: &mut Changes) -> Result<(), Fault> {
    const LENGTH: usize = 25;
    let is_named = changes.value("username").is_some_and(|name| !name.is_null());
    let signs_in_otherwise = changes.value("authData").is_some_and(|data| !data.is_null());
    if !is_named && signs_in_otherwise {
        let name = Alphanumeric.sample_string(&mut random(), LENGTH);
        changes.set(class.server_field("username")?, Value::String(name));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "ids and tokens come from the thread's CSPRNG")]
fn random() -> impl rand::Rng {
    rand::rng()
}
