//! What was found in a database, as plain data.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a look at a database says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// The classes, ordered by name.
    pub classes: Vec<ClassSurvey>,
    /// The users.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// How many roles there are.
    pub roles: i64,
    /// What `adopt` would add.
    pub additions: Additions,
    /// How long writing down missing permissions would take.
    pub fill: FillEstimate,
    /// What somebody should look at.
    pub attention: Vec<Finding>,
    /// Tables of Parse Server that Portcullis has no use for, and leaves alone.
    pub left_alone: Vec<String>,
}

/// The rows of one class.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassSurvey {
    /// The class.
    pub name: String,
    /// How many rows it has.
    pub rows: i64,
    /// False if the numbers are extrapolated from a sample, because the table is large.
    pub exact: bool,
    /// The size of its table in bytes.
    pub bytes: i64,
    /// How many rows have no permissions for reading or writing, which means that they are public.
    pub without_permissions: i64,
    /// How many rows the ACL lets everybody read.
    pub readable_by_everybody: i64,
    /// How many rows the ACL lets everybody change.
    pub changeable_by_everybody: i64,
}

/// Users, by how they log in.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Users {
    /// How many there are.
    pub total: i64,
    /// Those with a password that is hashed with bcrypt, as Parse Server does.
    pub bcrypt: i64,
    /// Those with a password that is hashed with Argon2id, as Portcullis does.
    pub argon2: i64,
    /// Those with a password that is hashed in a way that Portcullis does not know.
    pub unknown_hash: i64,
    /// Those without a password.
    pub without_password: i64,
    /// How many log in through others, by provider.
    pub providers: BTreeMap<String, i64>,
}

/// Sessions.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// Those that are open.
    pub open: i64,
    /// Those that have expired.
    pub expired: i64,
    /// Those whose token is stored as it is, which a Parse Server needs.
    pub readable: i64,
}

/// What `adopt` would add, each by name.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Additions {
    /// Tables.
    pub tables: Vec<String>,
    /// Triggers.
    pub triggers: Vec<String>,
    /// Columns that a class needs and its table lacks.
    pub columns: Vec<ColumnToAdd>,
    /// Indexes.
    pub indexes: Vec<IndexToAdd>,
}

/// A column that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnToAdd {
    /// The table.
    pub table: String,
    /// The column.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An index that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexToAdd {
    /// Its name.
    pub name: String,
    /// The table.
    pub table: String,
    /// The size of the table in bytes.
    pub bytes: i64,
    /// True if an interrupted run has left it unfinished: it is there, and serves nobody.
    pub unfinished: bool,
}

/// How long writing down missing permissions would take. It is estimated, because looking changes nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FillEstimate {
    /// How many rows would be changed.
    pub rows: i64,
    /// How many are assumed to be changed in a second.
    pub rows_per_second: i64,
    /// How many seconds that takes.
    pub seconds: i64,
}

/// Something that somebody should look at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// What it is about: a class, a table, a provider.
    pub subject: String,
    /// What there is to say.
    pub text: String,
}

/// Kinds of findings, the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FindingKind {
    /// The role that is used may not change what `adopt` must.
    MissingPrivilege,
    /// The database is not encoded in UTF-8.
    Encoding,
    /// A class has no table.
    ClassWithoutTable,
    /// A column has another type than its field.
    ColumnOfAnotherType,
    /// Class-level permissions let everybody in.
    OpenPermissions,
    /// Rows that everybody may change, in a class that lets everybody in.
    OpenRows,
    /// User names that are the same but for their case.
    DuplicateUsernames,
    /// E-mail addresses that are the same but for their case.
    DuplicateEmails,
    /// Roles of the same name.
    DuplicateRoles,
    /// Passwords that nobody can log in with.
    UnknownHashes,
    /// Users who log in through others.
    OtherProviders,
    /// A field whose type Portcullis does not know.
    UnknownFieldType,
    /// A table that belongs to no class.
    TableWithoutClass,
    /// A column that belongs to no field.
    ColumnWithoutField,
}
