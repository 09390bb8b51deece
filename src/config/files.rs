//! What the operator decides about files.

use std::path::PathBuf;

use secrecy::SecretString;

use super::source::{Reader, Refused};
use super::{parse, setting};
use crate::class::ClassDefaults;
use crate::guard::Uploaders;

/// Which files there may be, and where they are kept.
#[derive(Debug, Clone)]
pub struct Files {
    /// Who may upload them.
    pub uploaders: Uploaders,
    /// Extensions of those that may be uploaded, in lower case; `*` is all.
    pub allowed_extensions: Vec<String>,
    /// Extensions of those that may not, even so.
    pub denied_extensions: Vec<String>,
    /// Where they are kept; nothing for the data directory.
    pub storage: Option<FileStorage>,
    /// The address of the S3 service.
    pub s3_endpoint: Option<String>,
    /// The region of the bucket.
    pub s3_region: Option<String>,
    /// The id of the access key for the bucket, and its secret.
    pub s3_credentials: Option<(String, SecretString)>,
}

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStorage {
    /// In a directory.
    Directory(PathBuf),
    /// In a bucket of S3.
    Bucket {
        /// The bucket.
        bucket: String,
        /// What stands before the names of files.
        prefix: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Uploader {
    Users,
    Anonymous,
    Public,
}

impl Files {
    pub(super) fn from(reader: &mut Reader, defaults: ClassDefaults) -> Result<Self, Refused> {
        let who = parse::word(&[
            ("users", Uploader::Users),
            ("anonymous", Uploader::Anonymous),
            ("public", Uploader::Public),
        ]);
        let uploaders = reader.optional_list(&setting::UPLOADERS, who);
        let allowed_extensions = reader.list(&setting::FILE_EXTENSIONS, parse::extension);
        let denied_extensions = reader.list(&setting::DENIED_FILE_EXTENSIONS, parse::extension);
        let storage = reader.optional(&setting::FILE_STORAGE, parse::file_storage);
        let s3_endpoint = reader.optional(&setting::S3_ENDPOINT, parse::public_url);
        let s3_region = reader.optional(&setting::S3_REGION, parse::name);
        let key_id = reader.optional(&setting::S3_ACCESS_KEY_ID, parse::name);
        let key = reader.optional(&setting::S3_SECRET_ACCESS_KEY, parse::key);
        let usual = match defaults {
            ClassDefaults::Private => Uploaders::USERS,
            ClassDefaults::Parse => Uploaders::EVERYBODY,
        };
        let chosen = |list: Vec<Uploader>| Uploaders {
            public: list.contains(&Uploader::Public),
            anonymous: list.contains(&Uploader::Anonymous),
            users: list.contains(&Uploader::Users),
        };
        if let Ok(storage) = &storage {
            contradictions(reader, storage.as_ref());
        }
        Ok(Self {
            uploaders: uploaders?.map_or(usual, chosen),
            allowed_extensions: allowed_extensions?,
            denied_extensions: denied_extensions?,
            storage: storage?,
            s3_endpoint: s3_endpoint?,
            s3_region: s3_region?,
            s3_credentials: key_id?.zip(key?),
        })
    }
}

/// Settings of a bucket without a bucket, and half a key.
fn contradictions(reader: &mut Reader, storage: Option<&FileStorage>) {
    let (id, key) = (&setting::S3_ACCESS_KEY_ID, &setting::S3_SECRET_ACCESS_KEY);
    if !matches!(storage, Some(FileStorage::Bucket { .. })) {
        for setting in [&setting::S3_ENDPOINT, &setting::S3_REGION, id, key] {
            if reader.is_given(setting) {
                let other = reader.origin(&setting::FILE_STORAGE);
                reader.contradiction(setting, &format!("is given, but {other} is no bucket"));
            }
        }
        return;
    }
    for (one, other) in [(id, key), (key, id)] {
        if reader.is_given(one) && !reader.is_given(other) {
            reader.contradiction(one, &format!("is given without {}", other.name));
        }
    }
}
