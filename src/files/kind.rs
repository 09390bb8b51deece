//! Of which type a file is, and what a browser may do with it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Media types and their extensions: those of Parse Server, so that names are the same.
const TYPES: &str = include_str!("types.tsv");

/// For what has no type of its own.
const BYTES: &str = "application/octet-stream";

static BY_EXTENSION: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let of_type = |(media_type, extensions): (&'static str, &'static str)| {
        let own = extensions.split(' ').filter(|extension| !extension.starts_with('*'));
        own.map(move |extension| (extension, media_type))
    };
    rows().flat_map(of_type).collect()
});

static BY_TYPE: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let first = |(media_type, extensions): (&'static str, &'static str)| {
        let first = extensions.split(' ').next()?;
        Some((media_type, first.trim_start_matches('*')))
    };
    rows().filter_map(first).collect()
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TYPES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// Of which type a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    media_type: &'static str,
}

impl Kind {
    /// The kind of a file with this name.
    pub(super) fn of(name: &str) -> Self {
        let extension = extension(name);
        let media_type = BY_EXTENSION.get(extension.as_str()).copied().unwrap_or(BYTES);
        Self { media_type }
    }

    /// True if a browser may show it by itself. What could run in the name of the server is not among it, and
    /// neither is what nobody has thought of.
    pub fn is_inert(self) -> bool {
        match self.media_type.split_once('/') {
            Some(("image", kind)) => kind != "svg+xml",
            Some(("audio" | "video" | "font", _)) => true,
            _ => matches!(self.media_type, "text/plain" | "text/csv" | "text/markdown" | "application/json"),
        }
    }

    /// The value of `Content-Type`. Scripts, style sheets and documents that can hold them are mere bytes.
    pub fn content_type(self) -> String {
        let kind = self.media_type.split_once('/').map_or("", |(_, kind)| kind);
        let is_active = kind.ends_with("xml")
            || ["html", "script", "css", "wasm", "shockwave"].iter().any(|part| kind.contains(part));
        if is_active {
            return BYTES.to_owned();
        }
        if self.media_type.starts_with("text/") || self.media_type == "application/json" {
            return format!("{}; charset=utf-8", self.media_type);
        }
        self.media_type.to_owned()
    }
}

/// The extension of a name, in lower case and without the dots and spaces after it, which some systems pass over.
pub(super) fn extension(name: &str) -> String {
    let name = name.trim_end_matches(['.', ' ']);
    name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.trim().to_ascii_lowercase())
}

/// The extension that a name gets whose file is of this type. Parameters of the type are passed over.
pub(super) fn extension_of(content_type: &str) -> Option<&'static str> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    BY_TYPE.get(essence.as_str()).copied()
}
