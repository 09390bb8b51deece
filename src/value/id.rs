//! Object ids.

use std::fmt;

use rand::Rng;
use rand::distr::{Alphanumeric, SampleString};
use smol_str::SmolStr;

/// The `objectId` of a row: up to 23 bytes are kept in place, so that clones are cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(SmolStr);

impl ObjectId {
    /// The length of the ids that the server makes.
    pub const LENGTH: usize = 10;

    /// The id that is written so.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// A new random id of letters and digits.
    pub fn random(rng: &mut impl Rng) -> Self {
        Self(SmolStr::new(Alphanumeric.sample_string(rng, Self::LENGTH)))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id's text as a small string.
    pub fn to_smol(&self) -> SmolStr {
        self.0.clone()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
