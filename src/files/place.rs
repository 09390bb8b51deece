//! Where files are kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};

/// How long it is tried again when a bucket does not answer.
const RETRY: Duration = Duration::from_secs(10);

/// Where files are kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a directory, which is made if need be.
    Directory(PathBuf),
    /// In a bucket.
    S3(S3),
    /// Nowhere: they are gone with the process.
    Memory,
}

/// A bucket of S3, or of something that speaks like it. What is left out is taken from the variables of AWS and
/// from the machine's role.
#[derive(Debug, Clone)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// What stands before the names of files; may be empty.
    pub prefix: String,
    /// The address of the service, if it is not that of AWS.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The id of the key and the key itself.
    pub credentials: Option<(String, SecretString)>,
}

/// Why files cannot be kept there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory cannot be made or used.
    #[error("the directory {0} for files cannot be used")]
    Directory(PathBuf, #[source] std::io::Error),
    /// The storage cannot be set up.
    #[error("the storage of files cannot be set up")]
    Storage(#[from] object_store::Error),
}

pub(super) fn open(place: &Place) -> Result<Box<dyn ObjectStore>, Error> {
    match place {
        Place::Directory(directory) => open_directory(directory),
        Place::S3(s3) => open_bucket(s3),
        Place::Memory => Ok(Box::new(InMemory::new())),
    }
}

fn open_directory(directory: &Path) -> Result<Box<dyn ObjectStore>, Error> {
    std::fs::create_dir_all(directory).map_err(|error| Error::Directory(directory.to_owned(), error))?;
    // A row that names a file outlives a power failure, and so must the file.
    Ok(Box::new(LocalFileSystem::new_with_prefix(directory)?.with_fsync(true)))
}

fn open_bucket(s3: &S3) -> Result<Box<dyn ObjectStore>, Error> {
    let retry = RetryConfig { max_retries: 3, retry_timeout: RETRY, backoff: BackoffConfig::default() };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(&s3.bucket).with_retry(retry);
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &s3.region {
        builder = builder.with_region(region);
    }
    if let Some((id, key)) = &s3.credentials {
        builder = builder.with_access_key_id(id).with_secret_access_key(key.expose_secret());
    }
    Ok(Box::new(PrefixStore::new(builder.build()?, s3.prefix.as_str())))
}
