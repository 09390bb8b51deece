//! Admitted plans: the only thing that `store` takes.
//!
//! Their fields are private to the guard, they are neither `Clone` nor `Default` nor deserialised, and
//! `store` reads them through accessors.

use std::sync::Arc;

use super::scope::RowScope;
use crate::auth::{MasterKey, Unlocked};
use crate::class::{Acl, Class, Field};
use crate::plan::{Alter, Filter, Internal, Order, Page, Related, RelationChange, Upload};
use crate::value::{Date, ObjectId, Value};

/// A column that is read, and when its value is shown.
#[derive(Debug)]
pub struct Column {
    /// The field.
    pub field: Arc<Field>,
    /// When its value is shown. A value that is not shown does not leave the database.
    pub shown: Shown,
}

/// When the value of a column is shown.
#[derive(Debug, Clone)]
pub enum Shown {
    /// In every row.
    Always,
    /// In no row: the column is not selected, and reads as null.
    Never,
    /// In some rows: those of the user's own if `own_row`, those where one of `revealed_by` points to the user, and those
    /// where none of `hidden_by` does, if there is such a list.
    When {
        /// The user that asks.
        user: ObjectId,
        /// The row with the user's own id shows it.
        own_row: bool,
        /// A row where one of these fields points to the user shows it.
        revealed_by: Vec<Arc<Field>>,
        /// A row where none of these fields points to the user shows it, if there is such a list.
        hidden_by: Option<Vec<Arc<Field>>>,
    },
}

/// Declares an admitted plan with accessors for `store`.
macro_rules! admitted {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub struct $name {
            $(pub(in crate::guard) $field: $type,)+
        }

        impl $name {
            $(pub(crate) const fn $field(&self) -> &$type {
                &self.$field
            })+
        }
    };
}

admitted! {
    /// A [`Find`](crate::plan::Find) that may be done.
    AdmittedFind {
        class: Arc<Class>,
        filter: Filter<AdmittedFind>,
        order: Vec<Order>,
        page: Page,
        columns: Vec<Column>,
        cursors: bool,
        related: Option<Related>,
        scope: RowScope,
    }
}

admitted! {
    /// A [`Count`](crate::plan::Count) that may be done.
    AdmittedCount {
        class: Arc<Class>,
        filter: Filter<AdmittedFind>,
        related: Option<Related>,
        scope: RowScope,
    }
}

/// True if ids lead to the rows, so that there are few whoever asks.
const fn is_led_by_ids(filter: &Filter<AdmittedFind>, related: Option<&Related>) -> bool {
    matches!(filter, Filter::Ids(_)) || related.is_some()
}

impl AdmittedFind {
    /// True if ids lead to the rows: their own, or those of the objects in whose relation they are.
    pub(crate) const fn is_led_by_ids(&self) -> bool {
        is_led_by_ids(&self.filter, self.related.as_ref())
    }
}

impl AdmittedCount {
    /// True if the ids of objects lead to the rows in their relation.
    pub(crate) const fn is_led_by_ids(&self) -> bool {
        is_led_by_ids(&self.filter, self.related.as_ref())
    }
}

admitted! {
    /// A [`Create`](crate::plan::Create) that may be done, with all defaults.
    AdmittedCreate {
        class: Arc<Class>,
        id: ObjectId,
        now: Date,
        values: Vec<(Arc<Field>, Value)>,
        acl: Acl,
        relations: Vec<RelationChange>,
        internal: Vec<Internal>,
    }
}

admitted! {
    /// An [`Update`](crate::plan::Update) that may be done, to the rows in its scope.
    AdmittedUpdate {
        class: Arc<Class>,
        id: ObjectId,
        now: Date,
        values: Vec<(Arc<Field>, Value)>,
        acl: Option<Acl>,
        relations: Vec<RelationChange>,
        internal: Vec<Internal>,
        scope: RowScope,
    }
}

admitted! {
    /// A [`Delete`](crate::plan::Delete) that may be done, to the rows in its scope.
    AdmittedDelete {
        class: Arc<Class>,
        id: ObjectId,
        scope: RowScope,
    }
}

/// A change of classes that may be done. It holds the key that opens it.
#[derive(Debug)]
pub struct AdmittedAlter {
    pub(in crate::guard) _key: MasterKey,
    pub(in crate::guard) alter: Alter,
}

/// Reading a parameter of the configuration, which may be done.
#[derive(Debug)]
pub struct AdmittedParameterName {
    pub(in crate::guard) _key: Unlocked,
    pub(in crate::guard) name: String,
}

/// Setting a parameter of the configuration, which may be done.
#[derive(Debug)]
pub struct AdmittedParameter {
    pub(in crate::guard) _key: MasterKey,
    pub(in crate::guard) name: String,
    pub(in crate::guard) value: String,
    pub(in crate::guard) master_key_only: bool,
}

impl AdmittedAlter {
    /// The change itself.
    pub(crate) fn into_alter(self) -> Alter {
        self.alter
    }
}

impl AdmittedParameterName {
    /// The parameter's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl AdmittedParameter {
    /// The parameter's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its new value.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    /// Whether it is for those who hold a master key only.
    pub(crate) const fn master_key_only(&self) -> bool {
        self.master_key_only
    }
}

/// An [`Upload`] that may be done; of any kind of file, if the master key says so.
#[derive(Debug)]
pub struct AdmittedUpload {
    pub(in crate::guard) upload: Upload,
    pub(in crate::guard) any_kind: Option<Unlocked>,
}

impl AdmittedUpload {
    /// The proof that any kind of file will do.
    pub(crate) const fn any_kind(&self) -> Option<&Unlocked> {
        self.any_kind.as_ref()
    }

    /// The file itself.
    pub(crate) fn into_upload(self) -> Upload {
        self.upload
    }
}
