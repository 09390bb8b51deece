//! From the configuration to the parts of the server.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use crate::auth::Keys;
use crate::config::{Access, Config, FileStorage, KeyRing};
use crate::files::{self, Files, Kinds, Place, S3};
use crate::graphql::{self, Engine};
use crate::server;
use crate::store::{self, Store};

/// How to reach the database, and how long it may take.
pub(super) fn store_options(config: &Config) -> store::Options {
    store::Options {
        database_url: config.database_url().expose_secret().to_owned(),
        replica_urls: config.database.replica_urls.iter().map(|url| url.expose_secret().to_owned()).collect(),
        pooling: config.database.pooling,
        class_defaults: config.api.class_defaults,
        max_connections: config.database.max_connections,
        connect_timeout: config.database.connect_timeout,
        statement_timeout: config.database.statement_timeout,
        lock_timeout: config.database.lock_timeout,
        max_staleness: config.database.max_staleness,
        readable_session_tokens: config.accounts.readable_session_tokens,
    }
}

/// The engine over an open store.
pub(super) fn engine(
    config: &Config,
    store: Store,
    files: Files,
    ring: KeyRing,
    public_url: String,
) -> Result<Engine, graphql::Error> {
    let settings = graphql::Settings {
        introspection: config.api.introspection,
        public_url,
        uploaders: config.files.uploaders,
        accounts: config.accounts.rules.clone(),
        limits: graphql::Limits {
            objects: config.requests.max_objects.into(),
            bytes: config.requests.max_response_bytes,
        },
    };
    Engine::new(Arc::new(store), files, keys(&config.access, ring), settings)
}

/// What is to be known about files, which are kept in this place.
pub(super) fn file_options(config: &Config, place: Place) -> files::Options {
    let kinds =
        Kinds { allowed: config.files.allowed_extensions.clone(), denied: config.files.denied_extensions.clone() };
    files::Options { place, max_bytes: config.requests.max_upload_bytes, kinds }
}

/// Where files are kept.
pub(super) fn place(config: &Config) -> Place {
    match &config.files.storage {
        None => Place::Directory(config.general.data_dir.join("files")),
        Some(FileStorage::Directory(directory)) => Place::Directory(directory.clone()),
        Some(FileStorage::Bucket { bucket, prefix }) => Place::S3(S3 {
            bucket: bucket.clone(),
            prefix: prefix.clone(),
            endpoint: config.files.s3_endpoint.clone(),
            region: config.files.s3_region.clone(),
            credentials: config.files.s3_credentials.clone(),
        }),
    }
}

/// What the server itself needs to know.
pub(super) fn server_settings(config: &Config) -> server::Settings {
    server::Settings {
        graphiql: config.api.graphiql,
        trusted_proxies: config.requests.trust_proxy.clone(),
        max_upload_bytes: config.requests.max_upload_bytes,
        request_timeout: config.requests.timeout,
    }
}

fn keys(access: &Access, ring: KeyRing) -> Keys {
    Keys::new(ring.app_id, ring.master_key, access.master_key_ips.clone())
        .with_read_only_master_key(ring.read_only_master_key, access.read_only_master_key_ips.clone())
        .with_client_keys(access.client_keys.clone())
}
