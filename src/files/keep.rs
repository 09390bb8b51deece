//! Files: kept, handed out, and taken back.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt as _};

use super::kind::{Kind, extension};
use super::name;
use super::place::{self, Error, Place};
use crate::fault::{Code, Fault};
use crate::guard::AdmittedUpload;
use crate::plan::Upload;

/// What an operator decides about files.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where they are kept.
    pub place: Place,
    /// How large one may be, in bytes.
    pub max_bytes: usize,
    /// Which kinds there may be.
    pub kinds: Kinds,
}

/// Which kinds of files there may be, by their extensions in lower case. The holder of the master key may keep any.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// Those that may be kept; `*` is every one, and no extension, too.
    pub allowed: Vec<String>,
    /// Those that may not, even so.
    pub denied: Vec<String>,
}

impl Kinds {
    fn contain(&self, extension: &str) -> bool {
        let among = |list: &[String], name: &str| list.iter().any(|entry| entry == name);
        let allowed = among(&self.allowed, "*") || among(&self.allowed, extension);
        allowed && !among(&self.denied, extension)
    }
}

/// The files of the application.
#[derive(Debug)]
pub struct Files {
    store: Box<dyn ObjectStore>,
    max_bytes: usize,
    kinds: Kinds,
}

/// What somebody wants of a file.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only that it is there, and what kind of file it is.
    pub head: bool,
    /// Its content only if it has another tag than these: the value of `If-None-Match`.
    pub unless: Option<String>,
    /// A part of it: the value of `Range`.
    pub range: Option<String>,
    /// The tag for which the part is wanted, or else all of it: the value of `If-Range`.
    pub range_if: Option<String>,
}

/// What there is to answer about a file.
#[derive(Debug)]
pub enum Found {
    /// All or a part of it.
    Content(Download),
    /// It is as it was; this is its tag.
    Unchanged(String),
    /// There is no such part in so many bytes.
    NoSuchPart(u64),
}

/// A file on its way to somebody.
pub struct Download {
    /// Of which type it is.
    pub kind: Kind,
    /// The name that it was given.
    pub name: String,
    /// What changes when the content does.
    pub tag: String,
    /// How large the whole file is.
    pub size: u64,
    /// Which bytes of it these are.
    pub range: Range<u64>,
    /// The bytes; none if only the head was wanted. A failure in the middle has been logged.
    pub content: BoxStream<'static, Result<Bytes, std::io::Error>>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name, tag, size, range, content: _ } = self;
        f.debug_struct("Download")
            .field("kind", kind)
            .field("name", name)
            .field("tag", tag)
            .field("size", size)
            .field("range", range)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// The files in a place.
    pub fn open(options: Options) -> Result<Self, Error> {
        let Options { place, max_bytes, kinds } = options;
        Ok(Self { store: place::open(&place)?, max_bytes, kinds })
    }

    /// Keeps a file, and answers the name that it is kept under.
    pub async fn keep(&self, admitted: AdmittedUpload) -> Result<String, Fault> {
        let any_kind = admitted.any_kind().is_some();
        let Upload { name, content_type, content } = admitted.into_upload();
        let given = name::given(&name, content_type.as_deref())?;
        let extension = extension(&given);
        if !any_kind && !self.kinds.contain(&extension) {
            let message = format!("File upload of extension {extension} is disabled.");
            return Err(Fault::with(Code::FileSaveError, message));
        }
        if content.is_empty() {
            return Err(Fault::with(Code::FileSaveError, "Invalid file upload."));
        }
        if content.len() > self.max_bytes {
            let message = format!("A file can have at most {} bytes.", self.max_bytes);
            return Err(Fault::with(Code::FileTooLarge, message));
        }
        let kept = name::kept(&given, &mut random());
        let path = path(&kept).ok_or_else(|| Fault::new(Code::InvalidFileName))?;
        match self.store.put(&path, content.into()).await {
            Ok(_) => Ok(kept),
            Err(error) => Err(Fault::internal(error)),
        }
    }

    /// Takes back files that were kept for a request which was not done. What cannot be taken back stays, and is
    /// in the log: nothing refers to it.
    pub async fn take_back(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            let Some(path) = path(&name) else { continue };
            if let Err(error) = self.store.delete(&path).await {
                tracing::warn!(name, %error, "a file could not be taken back");
            }
        }
    }

    /// A file, or nothing if there is none of this name.
    pub async fn find(&self, name: &str, wanted: &Wanted) -> Result<Option<Found>, Fault> {
        let Some(path) = path(name) else { return Ok(None) };
        let mut range = None;
        if wanted.unless.is_some() || wanted.range.is_some() {
            let Some(meta) = found(self.store.head(&path).await)? else { return Ok(None) };
            let tag = tag(&meta);
            if wanted.unless.as_deref().is_some_and(|tags| names_tag(tags, &tag)) {
                return Ok(Some(Found::Unchanged(tag)));
            }
            let is_current = wanted.range_if.as_deref().is_none_or(|wanted| wanted == tag);
            range = match wanted.range.as_deref().filter(|_| is_current).map(|text| part(text, meta.size)) {
                Some(Part::Bytes(range)) => Some(range),
                Some(Part::Missing) => return Ok(Some(Found::NoSuchPart(meta.size))),
                Some(Part::Unclear) | None => None,
            };
        }
        let head = wanted.head;
        let options = GetOptions { range: range.map(GetRange::Bounded), head, ..GetOptions::default() };
        let Some(result) = found(self.store.get_opts(&path, options).await)? else { return Ok(None) };
        Ok(Some(Found::Content(download(name, result, head))))
    }
}

fn download(name: &str, result: GetResult, head: bool) -> Download {
    Download {
        kind: Kind::of(name),
        name: name::shown(name).to_owned(),
        tag: tag(&result.meta),
        size: result.meta.size,
        range: result.range.clone(),
        content: if head {
            futures::stream::empty().boxed()
        } else {
            let log = |error: object_store::Error| {
                tracing::error!(%error, "a file could not be read to its end");
                std::io::Error::other(error)
            };
            result.into_stream().map(move |bytes| bytes.map_err(log)).boxed()
        },
    }
}

/// The place of a file; none if this is no name of one.
fn path(name: &str) -> Option<Path> {
    name::is_kept(name).then(|| Path::parse(name).ok()).flatten()
}

fn found<T>(result: object_store::Result<T>) -> Result<Option<T>, Fault> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(Fault::internal(error)),
    }
}

/// The tag of a file as HTTP writes it.
fn tag(meta: &ObjectMeta) -> String {
    let tag = meta.e_tag.as_deref().unwrap_or("0");
    if tag.starts_with('"') { tag.to_owned() } else { format!("\"{tag}\"") }
}

/// Whether `If-None-Match` names a tag.
fn names_tag(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|given| given == "*" || given.trim_start_matches("W/") == tag)
}

/// What `Range` asks of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These bytes.
    Bytes(Range<u64>),
    /// Bytes that it does not have.
    Missing,
    /// Something else, or several parts: the whole file is an answer as well.
    Unclear,
}

pub(super) fn part(text: &str, size: u64) -> Part {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Part::Unclear;
    };
    // A number that is too large for us is beyond the end of every file.
    let number = |text: &str| match text {
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Ok(digits.parse().unwrap_or(u64::MAX))),
        _ => Some(Err(())),
    };
    let range = match (number(first), number(last)) {
        (Some(Ok(first)), None) => first..size,
        (Some(Ok(first)), Some(Ok(last))) if first <= last => first..last.saturating_add(1).min(size),
        (None, Some(Ok(length))) => size.saturating_sub(length)..size,
        _ => return Part::Unclear,
    };
    if range.is_empty() { Part::Missing } else { Part::Bytes(range) }
}

#[expect(clippy::disallowed_methods, reason = "names come from the thread's CSPRNG: whoever knows one may download")]
fn random() -> impl rand::Rng {
    rand::rng()
}
