//! Keeping a file.

use bytes::Bytes;

/// Keeping the content of a file, to be downloaded by whoever has its address.
#[derive(Debug)]
pub struct Upload {
    /// The name that the client gave it, which becomes part of the name that it is kept under.
    pub name: String,
    /// The media type that the client gave it. It only matters to a name without an extension.
    pub content_type: Option<String>,
    /// The content.
    pub content: Bytes,
}
