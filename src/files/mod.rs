//! The contents of files.
//!
//! A file is kept in a directory or in a bucket of S3, under a name that nobody can guess: 32 random hexadecimal
//! digits, an underscore and the name that the client gave, as Parse Server names them. A row holds that name and
//! nothing else. Whoever has the address of a file may download it, as in Parse.
//!
//! What a file contains is never looked at, and what the client said of it is not kept: the extension of the name
//! alone says of which type it is. So a file cannot be one thing when it is checked and another when it is served.
//!
//! **Invariant:** nothing is kept without an [`AdmittedUpload`](crate::guard::AdmittedUpload), and a name that is
//! no name of a file reaches no disk and no bucket.

mod keep;
mod kind;
mod name;
mod place;
#[cfg(test)]
mod tests;

pub use keep::{Download, Files, Found, Kinds, Options, Wanted};
pub use kind::Kind;
pub use place::{Error, Place, S3};
