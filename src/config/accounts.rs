//! The rules of accounts.

use super::source::{Reader, Refused};
use super::{parse, setting};
use crate::auth::{AccountRules, Lockout, PasswordPolicy, Scheme, SessionRules};

/// The rules of accounts, and how the database keeps sessions.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// What passwords and sessions have to be like.
    pub rules: AccountRules,
    /// Whether session tokens are stored readable.
    pub readable_session_tokens: bool,
}

impl Accounts {
    pub(super) fn from(reader: &mut Reader) -> Result<Self, Refused> {
        let schemes = parse::word(&[("argon2id", Scheme::Argon2id), ("bcrypt", Scheme::Bcrypt)]);
        let length = reader.value(&setting::SESSION_LENGTH, parse::duration_or_none);
        let extended_by_use = reader.value(&setting::EXTEND_SESSION_ON_USE, parse::boolean);
        let readable_session_tokens = reader.value(&setting::READABLE_SESSION_TOKENS, parse::boolean);
        let scheme = reader.value(&setting::PASSWORD_HASH, schemes);
        let passwords = policy(reader);
        let lockout = lockout(reader);
        if let (Ok(length), Ok(true)) = (&length, &extended_by_use)
            && length.is_none()
        {
            let wrong = format!("is true, but with {} sessions never end", reader.origin(&setting::SESSION_LENGTH));
            reader.contradiction(&setting::EXTEND_SESSION_ON_USE, &wrong);
        }
        if matches!(lockout, Ok(None)) && reader.is_given(&setting::LOCKOUT_DURATION) {
            reader.contradiction(&setting::LOCKOUT_DURATION, "is given without lockout_threshold");
        }
        if passwords.as_ref().is_ok_and(|policy| policy.pattern.is_none() && policy.pattern_hint.is_some()) {
            reader.contradiction(&setting::PASSWORD_PATTERN_HINT, "is given without password_pattern");
        }
        let sessions = SessionRules { length: length?, extended_by_use: extended_by_use? };
        let rules = AccountRules { scheme: scheme?, passwords: passwords?, lockout: lockout?, sessions };
        Ok(Self { rules, readable_session_tokens: readable_session_tokens? })
    }
}

fn policy(reader: &mut Reader) -> Result<PasswordPolicy, Refused> {
    let min_length = reader.value(&setting::PASSWORD_MIN_LENGTH, |text| parse::number(text, 1..=72));
    let pattern = reader.optional(&setting::PASSWORD_PATTERN, parse::pattern);
    let pattern_hint = reader.optional(&setting::PASSWORD_PATTERN_HINT, parse::sentence);
    let without_username = reader.value(&setting::PASSWORD_WITHOUT_USERNAME, parse::boolean);
    let max_age = reader.optional(&setting::PASSWORD_MAX_AGE, parse::duration);
    let history = reader.value(&setting::PASSWORD_HISTORY, |text| parse::number(text, 0..=20));
    Ok(PasswordPolicy {
        min_length: min_length?,
        pattern: pattern?,
        pattern_hint: pattern_hint?,
        without_username: without_username?,
        max_age: max_age?,
        history: history?,
    })
}

fn lockout(reader: &mut Reader) -> Result<Option<Lockout>, Refused> {
    let threshold = reader.optional(&setting::LOCKOUT_THRESHOLD, |text| parse::number(text, 1..=999));
    let duration = reader.value(&setting::LOCKOUT_DURATION, parse::duration);
    let (threshold, duration) = (threshold?, duration?);
    Ok(threshold.map(|threshold| Lockout { threshold, duration }))
}
