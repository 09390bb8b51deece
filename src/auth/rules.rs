//! The rules of accounts: how passwords are kept and what they must be, when an account is locked, how long a session
//! lasts. The operator makes them.

use std::time::Duration;

use regex::Regex;

use super::password::{Password, PasswordHash, Scheme};
use crate::fault::{Code, Fault};
use crate::value::Date;

/// The rules of accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountRules {
    /// How new passwords are hashed.
    pub scheme: Scheme,
    /// What a password must be.
    pub passwords: PasswordPolicy,
    /// When an account is locked, if ever.
    pub lockout: Option<Lockout>,
    /// How long a session lasts.
    pub sessions: SessionRules,
}

/// What a password must be. It is asked of every new password, whoever sets it.
#[derive(Debug, Clone, Default)]
pub struct PasswordPolicy {
    /// How many characters it has at least.
    pub min_length: usize,
    /// What it matches.
    pub pattern: Option<Regex>,
    /// What whoever chose one that does not match is told.
    pub pattern_hint: Option<String>,
    /// Whether it may not contain the user name, in whatever case.
    pub without_username: bool,
    /// How long it can be used to log in.
    pub max_age: Option<Duration>,
    /// From how many passwords before it must differ, the present one included.
    pub history: usize,
}

/// When an account is locked.
#[derive(Debug, Clone, Copy)]
pub struct Lockout {
    /// How many failures in a row lock it.
    pub threshold: u32,
    /// How long it is locked then. As long after the last failure, failures are forgotten.
    pub duration: Duration,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy)]
pub struct SessionRules {
    /// How long after it began, or for ever.
    pub length: Option<Duration>,
    /// Whether its use makes it last longer.
    pub extended_by_use: bool,
}

/// A password to be stored.
#[derive(Debug)]
pub struct NewPassword {
    pub(crate) hash: PasswordHash,
    /// What it was compared with, if passwords are remembered.
    pub(crate) history: Option<History>,
}

/// The passwords of an account that are known when it gets another.
#[derive(Debug)]
pub(crate) struct History {
    /// The hash that the new one replaces. If it is not there any more, the comparison was with the wrong one.
    pub(crate) replaces: Option<PasswordHash>,
    /// Earlier hashes to be remembered, oldest first.
    pub(crate) earlier: Vec<PasswordHash>,
}

/// What the database knows of an account whose password is about to change.
#[derive(Debug)]
pub(crate) struct KnownAccount {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<PasswordHash>,
    /// Earlier hashes, oldest first.
    pub(crate) earlier: Vec<PasswordHash>,
}

impl AccountRules {
    /// Whether a new password of an account cannot be judged without looking at the account. `named` says that the user
    /// name is known.
    pub(crate) const fn depend_on_account(&self, named: bool) -> bool {
        self.passwords.history > 0 || (self.passwords.without_username && !named)
    }

    /// Checks a new password and hashes it; 142 if it breaks a rule.
    pub(crate) async fn new_password(
        &self,
        password: &Password,
        username: Option<&str>,
        known: Option<KnownAccount>,
    ) -> Result<NewPassword, Fault> {
        if let Some(fault) = password.is_cut(self.scheme) {
            return Err(fault);
        }
        let username = username.or_else(|| known.as_ref()?.username.as_deref());
        self.passwords.check(password.text(), username)?;
        let history = match known {
            Some(known) if self.passwords.history > 0 => Some(self.compare(password, known).await?),
            _ => None,
        };
        Ok(NewPassword { hash: password.hash(self.scheme).await?, history })
    }

    /// Refuses a password that the account has or had (142).
    async fn compare(&self, password: &Password, known: KnownAccount) -> Result<History, Fault> {
        let replaces = known.password.clone();
        let past = self.passwords.history - 1;
        let mut earlier = known.earlier;
        earlier.drain(..earlier.len().saturating_sub(past));
        earlier.extend(known.password);
        if password.is_one_of(earlier.clone()).await? {
            let message = match self.passwords.history {
                1 => "The new password is the present one.".to_owned(),
                count => format!("The new password is one of the last {count} passwords."),
            };
            return Err(Fault::with(Code::ValidationError, message));
        }
        earlier.drain(..earlier.len().saturating_sub(past));
        Ok(History { replaces, earlier })
    }
}

impl PasswordPolicy {
    /// Refuses a password that is not as it must be (142).
    fn check(&self, password: &str, username: Option<&str>) -> Result<(), Fault> {
        let refused = |message: String| Err(Fault::with(Code::ValidationError, message));
        if password.chars().count() < self.min_length {
            return refused(format!("A password has at least {} characters.", self.min_length));
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(password)) {
            let usual = || "The password does not match the pattern that passwords must match.".to_owned();
            return refused(self.pattern_hint.clone().unwrap_or_else(usual));
        }
        let contains = |name: &str| !name.is_empty() && password.to_lowercase().contains(&name.to_lowercase());
        if self.without_username && username.is_some_and(contains) {
            return refused("A password does not contain the user name.".to_owned());
        }
        Ok(())
    }

    /// True if a password that was set then is too old to log in with.
    pub(crate) fn is_too_old(&self, set: Option<Date>, now: Date) -> bool {
        let end = self.max_age.zip(set).and_then(|(age, set)| set.plus(age));
        end.is_some_and(|end| end <= now)
    }
}

impl SessionRules {
    /// When a session that begins or is extended now ends, if ever.
    pub(crate) fn end(&self, now: Date) -> Option<Date> {
        self.length.and_then(|length| now.plus(length))
    }
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { length: Some(Duration::from_hours(365 * 24)), extended_by_use: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(username: &str, earlier: Vec<PasswordHash>, password: PasswordHash) -> KnownAccount {
        KnownAccount { username: Some(username.to_owned()), password: Some(password), earlier }
    }

    #[test]
    fn passwords_keep_the_policy() {
        let policy = PasswordPolicy {
            min_length: 6,
            pattern: Some(Regex::new("[0-9]").unwrap()),
            pattern_hint: None,
            without_username: true,
            ..PasswordPolicy::default()
        };
        for (password, username, fine) in [
            ("secret1", Some("alice"), true),
            ("sécre1", None, true),
            ("sécr1", None, false),
            ("secrets", Some("alice"), false),
            ("1-ALICE-1", Some("alice"), false),
            ("1-alice-1", None, true),
            ("secret1", Some(""), true),
        ] {
            let checked = policy.check(password, username);
            assert_eq!(checked.is_ok(), fine, "{password}");
            assert!(checked.err().is_none_or(|fault| fault.code() == Code::ValidationError));
        }
        assert!(PasswordPolicy::default().check("x", Some("x")).is_ok());
    }

    #[tokio::test]
    async fn the_last_passwords_are_refused_and_older_ones_forgotten() {
        let hash = async |text: &str| Password::new(text).unwrap().hash(Scheme::Argon2id).await.unwrap();
        let rules = |history| {
            let passwords = PasswordPolicy { history, ..PasswordPolicy::default() };
            AccountRules { passwords, ..AccountRules::default() }
        };
        let (one, two, three) = (hash("one").await, hash("two").await, hash("three").await);
        // The present one is `three`; before it were `one` and then `two`.
        for (history, text, kept) in [
            (1, "two", Some(0)),
            (1, "three", None),
            (2, "two", None),
            (2, "one", Some(1)),
            (3, "one", None),
            (3, "four", Some(2)),
            (20, "four", Some(3)),
            (20, "one", None),
        ] {
            let known = known("alice", vec![one.clone(), two.clone()], three.clone());
            let new = rules(history).new_password(&Password::new(text).unwrap(), None, Some(known)).await;
            let earlier = new.as_ref().ok().and_then(|new| new.history.as_ref()).map(|history| history.earlier.len());
            assert_eq!(earlier, kept, "{text} with a history of {history}");
            assert!(new.err().is_none_or(|fault| fault.code() == Code::ValidationError));
        }
    }

    #[test]
    fn passwords_age() {
        let policy = PasswordPolicy { max_age: Some(Duration::from_secs(10)), ..PasswordPolicy::default() };
        let at = |seconds: i64| Date::from_millis(seconds * 1000);
        let now = at(100).unwrap();
        assert!(!policy.is_too_old(at(91), now));
        assert!(policy.is_too_old(at(90), now));
        assert!(!policy.is_too_old(None, now));
        assert!(!PasswordPolicy::default().is_too_old(at(0), now));
    }
}
