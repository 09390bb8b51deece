//! Admits uploads. They are no rows, so neither permissions of a class nor an ACL apply: a setting says who may.

use super::admitted::AdmittedUpload;
use crate::auth::{Caller, Master};
use crate::fault::{Code, Fault};
use crate::plan::Upload;

/// Who may upload files, besides the holder of the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploaders {
    /// Callers who are not signed in.
    pub public: bool,
    /// Signed-in users whose account is anonymous.
    pub anonymous: bool,
    /// All other signed-in users.
    pub users: bool,
}

impl Uploaders {
    /// Users with a name only, as Parse has it by default.
    pub const USERS: Self = Self { public: false, anonymous: false, users: true };
    /// Everybody who knows the application id.
    pub const EVERYBODY: Self = Self { public: true, anonymous: true, users: true };
}

/// Admits an upload. Which names, sizes and kinds of files there may be is for `files` to say.
pub fn upload(caller: &Caller, upload: Upload, uploaders: Uploaders) -> Result<AdmittedUpload, Fault> {
    let (allowed, message) = match caller {
        Caller::Master(Master::Full(key), _) => {
            return Ok(AdmittedUpload { upload, any_kind: Some((*key).into()) });
        }
        Caller::Master(Master::ReadOnly(_), _) => return Err(Fault::denied()),
        Caller::User(user) if user.is_anonymous() => {
            (uploaders.anonymous, "File upload by anonymous user is disabled.")
        }
        Caller::User(_) => (uploaders.users, "File upload by authenticated user is disabled."),
        Caller::Anonymous => (uploaders.public, "File upload by public is disabled."),
    };
    if !allowed {
        return Err(Fault::with(Code::FileSaveError, message));
    }
    Ok(AdmittedUpload { upload, any_kind: None })
}
