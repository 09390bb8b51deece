//! Access control lists: who may read and write one row.

use std::sync::LazyLock;

use indexmap::IndexMap;
use regex::Regex;
use smol_str::{SmolStr, format_smolstr};

use crate::fault::{Code, Fault};
use crate::value::ObjectId;

const PUBLIC: &str = "*";
const ROLE_PREFIX: &str = "role:";
const MAX_ROLE_NAME: usize = 100;

#[expect(clippy::expect_used, reason = "a literal pattern, compiled by every test run")]
static ROLE_NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[0-9A-Za-z_\- ]+$").expect("a valid pattern"));

/// The name of a role. Grants name roles by it, so it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(SmolStr);

impl RoleName {
    /// The name for a new role: letters, digits, `_`, `-` and spaces (139 otherwise).
    pub fn new(text: &str) -> Result<Self, Fault> {
        if text.len() > MAX_ROLE_NAME || !ROLE_NAME.is_match(text) {
            return Err(Fault::with(
                Code::InvalidRoleName,
                format!(
                    "A role name consists of letters, digits, '_', '-' and spaces, and has at most {MAX_ROLE_NAME} \
                     characters."
                ),
            ));
        }
        Ok(Self::known(text))
    }

    /// A name that is stored already.
    pub fn known(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who a permission is given to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Everybody, signed in or not: `*`.
    Public,
    /// One user, by id.
    User(ObjectId),
    /// The members of a role: `role:NAME`.
    Role(RoleName),
}

impl Principal {
    /// The principal that is stored so.
    pub fn from_stored(text: &str) -> Self {
        match text.strip_prefix(ROLE_PREFIX) {
            Some(role) => Self::Role(RoleName::known(role)),
            None if text == PUBLIC => Self::Public,
            None => Self::User(ObjectId::new(text)),
        }
    }

    /// How the principal is stored in `_rperm` and `_wperm`.
    pub fn to_stored(&self) -> SmolStr {
        match self {
            Self::Public => SmolStr::new_static(PUBLIC),
            Self::User(id) => id.to_smol(),
            Self::Role(name) => format_smolstr!("{ROLE_PREFIX}{}", name.as_str()),
        }
    }
}

/// What a principal may do with a row. The two rights are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// May read it.
    pub read: bool,
    /// May change and delete it.
    pub write: bool,
}

impl Rights {
    /// Both rights.
    pub const ALL: Self = Self { read: true, write: true };

    /// Neither right.
    pub const fn is_none(self) -> bool {
        !self.read && !self.write
    }
}

/// The access control list of a row. Empty means that only the master key opens the row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acl {
    /// By principal, so that a long list is read in linear time.
    entries: IndexMap<Principal, Rights>,
}

impl Acl {
    /// Everybody may read and write: what Parse stores as NULL, and Portcullis as `{*}`.
    pub fn public() -> Self {
        let mut acl = Self::default();
        acl.grant(Principal::Public, Rights::ALL);
        acl
    }

    /// The list that is stored in `_rperm` and `_wperm`; NULL is public.
    pub fn from_stored(readers: Option<&[SmolStr]>, writers: Option<&[SmolStr]>) -> Self {
        let everybody = [SmolStr::new_static(PUBLIC)];
        let mut acl = Self::default();
        for reader in readers.unwrap_or(&everybody) {
            acl.grant(Principal::from_stored(reader), Rights { read: true, write: false });
        }
        for writer in writers.unwrap_or(&everybody) {
            acl.grant(Principal::from_stored(writer), Rights { read: false, write: true });
        }
        acl
    }

    /// Gives rights to a principal, beside those that it has.
    pub fn grant(&mut self, principal: Principal, rights: Rights) {
        if rights.is_none() {
            return;
        }
        let held = self.entries.entry(principal).or_default();
        held.read |= rights.read;
        held.write |= rights.write;
    }

    /// The principals and their rights, in the order in which they were given.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&Principal, &Rights)> {
        self.entries.iter()
    }

    /// The value of `_rperm`.
    pub fn readers(&self) -> Vec<SmolStr> {
        self.holders(|rights| rights.read)
    }

    /// The value of `_wperm`.
    pub fn writers(&self) -> Vec<SmolStr> {
        self.holders(|rights| rights.write)
    }

    fn holders(&self, right: impl Fn(Rights) -> bool) -> Vec<SmolStr> {
        self.entries.iter().filter(|(_, rights)| right(**rights)).map(|(who, _)| who.to_stored()).collect()
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::{Acl, Principal, Rights, RoleName};
    use crate::value::ObjectId;

    #[test]
    fn what_is_stored_reads_back() {
        let mut acl = Acl::default();
        acl.grant(Principal::User(ObjectId::new("alice")), Rights::ALL);
        acl.grant(Principal::Role(RoleName::known("Admin")), Rights { read: false, write: true });
        acl.grant(Principal::Public, Rights { read: true, write: false });
        assert_eq!(acl.readers(), [SmolStr::new("alice"), SmolStr::new("*")]);
        assert_eq!(acl.writers(), [SmolStr::new("alice"), SmolStr::new("role:Admin")]);
        let stored = Acl::from_stored(Some(&acl.readers()), Some(&acl.writers()));
        assert_eq!(stored.entries().len(), 3);
    }

    #[test]
    fn null_is_public_and_empty_is_nobody() {
        assert_eq!(Acl::from_stored(None, None), Acl::public());
        assert_eq!(Acl::from_stored(Some(&[]), Some(&[])), Acl::default());
    }

    #[test]
    fn role_names_are_letters_digits_and_few_signs() {
        for good in ["Admin", "a-b c_d", "1"] {
            assert!(RoleName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Sem:R", "a@b", "é", "a\n", "*"] {
            assert!(RoleName::new(bad).is_err(), "{bad}");
        }
    }
}
