//! The fields of new and changed objects, with the objects nested in them.
//!
//! Nested objects are made before the object that links to them or with it, in the same transaction or statement, and through the
//! guard like any other; if one is refused, nothing is written. All of them are admitted, and their passwords hashed, before
//! anything is written: hashing takes long, and SQLite has one writer at a time.

use std::sync::Arc;

use futures::future::BoxFuture;
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Map, Value as Json};

use crate::auth::{AuthData, Password, SessionToken};
use crate::class::{Class, ClassName, Field, FieldType};
use crate::fault::{Code, Fault};
use crate::graphql::engine::Work;
use crate::graphql::input;
use crate::guard::{self, AdmittedCreate};
use crate::plan::{Changes, Create, Internal, RelationChange, Update};
use crate::store::Transaction;
use crate::value::{JsonText, ObjectId, Value};

/// Objects to be made, each before those that link to it.
#[derive(Debug, Default)]
pub(super) struct Drafts(Vec<AdmittedCreate>);

impl Drafts {
    /// True if nothing is to be made.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(super) fn into_creates(self) -> Vec<AdmittedCreate> {
        self.0
    }
}

impl From<Vec<AdmittedCreate>> for Drafts {
    fn from(creates: Vec<AdmittedCreate>) -> Self {
        Self(creates)
    }
}

/// What the `fields` of an input ask for.
#[derive(Default)]
struct Asked {
    changes: Changes,
    password: Option<Password>,
}

impl Work<'_> {
    /// Adds a new object to the drafts, after those nested in it, and answers the id that it will have.
    pub(super) async fn draft(self, class: &Arc<Class>, fields: &Json, drafts: &mut Drafts) -> Result<ObjectId, Fault> {
        let id = ObjectId::random(&mut random());
        self.draft_as(id, class, fields, drafts).await
    }

    fn draft_as<'f>(
        self,
        id: ObjectId,
        class: &'f Arc<Class>,
        fields: &'f Json,
        drafts: &'f mut Drafts,
    ) -> BoxFuture<'f, Result<ObjectId, Fault>>
    where
        Self: 'f,
    {
        Box::pin(async move {
            let Asked { mut changes, password } = self.asked(class, fields, drafts).await?;
            if class.name.is_session() {
                let token = SessionToken::random(&mut random());
                self.issued.keep(id.clone(), token.clone());
                changes.internal.push(Internal::Session {
                    token,
                    expires_at: self.engine.settings.accounts.sessions.end(self.now),
                });
            } else if class.name.is_user() {
                name_anonymous_user(class, &mut changes)?;
            }
            if let Some(password) = password {
                let rules = &self.engine.settings.accounts;
                let new = rules.new_password(&password, username(&changes), None).await?;
                changes.internal.push(Internal::Password(new));
            }
            let plan = Create { class: Arc::clone(class), id: id.clone(), now: self.now, changes };
            drafts.0.push(guard::create(self.caller, plan)?);
            Ok(id)
        })
    }

    /// Makes the objects of the drafts.
    pub(super) async fn make(self, transaction: &Transaction, drafts: Drafts) -> Result<(), Fault> {
        for create in drafts.0 {
            if create.class().name.is_session()
                && let Some(signed_in) = self.caller.user()
            {
                // A session that has ended begins no other.
                transaction.keep_session(signed_in).await?;
            }
            transaction.create(create).await?;
        }
        Ok(())
    }

    /// What changes in an existing object; the objects nested in it are added to the drafts.
    pub(super) async fn changes(
        self,
        (class, id): (&Arc<Class>, &ObjectId),
        fields: &Json,
        drafts: &mut Drafts,
    ) -> Result<Changes, Fault> {
        let Asked { mut changes, password } = self.asked(class, fields, drafts).await?;
        let Some(password) = password else { return Ok(changes) };
        let rules = &self.engine.settings.accounts;
        let username = username(&changes);
        let known = if rules.depend_on_account(username.is_some()) {
            // Only who may change the account, and in this way, learns what its passwords were.
            let changes = Changes { values: changes.values.clone(), ..Changes::default() };
            let plan = Update { class: Arc::clone(class), id: id.clone(), now: self.now, changes };
            Some(self.engine.store.known_account(guard::update(self.caller, plan)?).await?)
        } else {
            None
        };
        let new = rules.new_password(&password, username, known).await?;
        changes.internal.push(Internal::Password(new));
        Ok(changes)
    }

    async fn asked(self, class: &Arc<Class>, fields: &Json, drafts: &mut Drafts) -> Result<Asked, Fault> {
        let nothing = Map::new();
        let mut asked = Asked::default();
        for (name, json) in fields.as_object().unwrap_or(&nothing) {
            let Some(field) = class.field(name) else { continue };
            self.ask(field, json, &mut asked, drafts).await?;
        }
        Ok(asked)
    }

    async fn ask(self, field: &Arc<Field>, json: &Json, asked: &mut Asked, drafts: &mut Drafts) -> Result<(), Fault> {
        let changes = &mut asked.changes;
        let value = match &field.kind {
            FieldType::Acl => {
                changes.acl = Some(input::acl(json)?);
                return Ok(());
            }
            FieldType::Password => {
                asked.password = Some(Password::new(json.as_str().unwrap_or_default())?);
                return Ok(());
            }
            FieldType::Relation(target) => {
                changes.relations.push(self.relation(field, target, json, drafts).await?);
                return Ok(());
            }
            _ if json.is_null() => Value::Null,
            FieldType::Pointer(target) => self.pointer(field, target, json, drafts).await?,
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

    /// A pointer either links to an object or asks for a new one.
    async fn pointer(
        self,
        field: &Field,
        target: &ClassName,
        json: &Json,
        drafts: &mut Drafts,
    ) -> Result<Value, Fault> {
        let create = json.get("createAndLink").filter(|fields| !fields.is_null());
        match (json.get("link"), create) {
            (Some(Json::String(id)), None) => linked(target, id).map(Value::Pointer),
            (Some(Json::Null), None) => Ok(Value::Null),
            (None | Some(Json::Null), Some(fields)) => {
                let class = self.class(target)?;
                self.draft(class, fields, drafts).await.map(Value::Pointer)
            }
            _ => Err(Fault::with(
                Code::InvalidPointer,
                format!("The pointer {} needs either link or createAndLink.", field.name),
            )),
        }
    }

    /// What is put into a relation, asked for in it, or taken out of it.
    async fn relation(
        self,
        field: &Arc<Field>,
        target: &ClassName,
        json: &Json,
        drafts: &mut Drafts,
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
            items(name).filter_map(Json::as_str).map(|id| linked(target, id)).collect::<Result<Vec<_>, _>>()
        };
        let mut change = RelationChange { field: Arc::clone(field), add: ids("add")?, remove: ids("remove")? };
        // They are as old as each other, so they come in the order of their ids: that in which they were given.
        let mut new: Vec<ObjectId> = items("createAndAdd").map(|_| ObjectId::random(&mut random())).collect();
        new.sort_unstable();
        for (fields, id) in items("createAndAdd").zip(new) {
            let class = self.class(target)?;
            change.add.push(self.draft_as(id, class, fields, drafts).await?);
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
}

/// The id of an object to link to.
fn linked(target: &ClassName, id: &str) -> Result<ObjectId, Fault> {
    if id.is_empty() {
        return Err(Fault::with(Code::InvalidPointer, "The id of an object cannot be empty."));
    }
    input::object_id(target, id)
}

/// The user name that these changes give.
fn username(changes: &Changes) -> Option<&str> {
    match changes.value("username") {
        Some(Value::String(name)) => Some(name),
        _ => None,
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
