//! Names of files: what a client may call them, and under which names they are kept.

use rand::Rng;

use super::kind::extension_of;
use crate::fault::{Code, Fault};

/// How long the name may be that a client gives.
const LONGEST: usize = 128;

/// How long the name may be that a file is kept under: with random digits, and an extension that was added.
const LONGEST_KEPT: usize = 200;

/// Half as many as there are digits.
const RANDOM_BYTES: usize = 16;

/// The name that a client gives a file, without a path before it and with an extension if its type has one.
pub(super) fn given(name: &str, content_type: Option<&str>) -> Result<String, Fault> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.len() > LONGEST {
        return Err(Fault::with(Code::InvalidFileName, "Filename too long."));
    }
    if !is_plain(name) {
        return Err(Fault::with(Code::InvalidFileName, "Filename contains invalid characters."));
    }
    let extension = content_type.filter(|_| !name.contains('.')).and_then(extension_of);
    Ok(match extension {
        Some(extension) => format!("{name}.{extension}"),
        None => name.to_owned(),
    })
}

/// The name that a file is kept under.
pub(super) fn kept(given: &str, rng: &mut impl Rng) -> String {
    let mut random = [0_u8; RANDOM_BYTES];
    rng.fill_bytes(&mut random);
    format!("{}_{given}", hex::encode(random))
}

/// True if a file could be kept under this name. Parse Server may have kept some without random digits.
pub(super) fn is_kept(name: &str) -> bool {
    name.len() <= LONGEST_KEPT && is_plain(name)
}

/// The name that was given to a file, of the name that it is kept under.
pub(super) fn shown(kept: &str) -> &str {
    let is_hex = |digits: &str| digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match kept.split_once('_') {
        Some((digits, given)) if is_hex(digits) && !given.is_empty() => given,
        _ => kept,
    }
}

/// The rule of Parse Server. Such a name means itself in a directory, an address, a header and a bucket.
fn is_plain(name: &str) -> bool {
    let first = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    let other = |byte: u8| first(byte) || b"@. ~-".contains(&byte);
    name.bytes().next().is_some_and(first) && name.bytes().all(other)
}
