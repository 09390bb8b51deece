//! Classes: their fields, permissions and the catalog of all of them.
//!
//! A [`Catalog`] is all classes at one version. It is read from the database by `store`, never changed, and
//! swapped for the next one; whoever holds it sees one consistent schema for a whole request.

mod acl;
mod alteration;
mod catalog;
mod clp;
mod definition;
mod encoding;
mod field;
mod names;
mod system;

pub use acl::{Acl, Principal, Rights, RoleName};
pub use alteration::{Alteration, ClassChange, ClpChange};
pub use catalog::Catalog;
pub use clp::{ClassDefaults, Clp, DefaultAcl, Group, Operation, Permission};
pub use definition::{Class, Definition, Index};
pub use encoding::{normal_base64, value_from_parse};
pub use field::{Field, FieldType};
pub use names::{ClassName, FieldName, MAX_NAME_LENGTH};
pub use system::{ROLE, SESSION, USER, is_system, server_fields, system_classes};
