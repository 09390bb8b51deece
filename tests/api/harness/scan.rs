//! What no answer and no log may contain, wherever in the tests it is received.
//!
//! Every answer that an [`Answer`](super::Answer) is made of goes through [`Asked::check`], every line that a server prints
//! through [`line`]. What a client has sent itself may come back; what is secret from it may not.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

use super::server::{MASTER_KEY, READ_ONLY_MASTER_KEY};

/// How a value begins that the test hides from whoever asks. [`PRIVY`] makes an exception.
pub(crate) const CANARY: &str = "protected-canary-";

/// The header of a request whose caller may see what the test has stored, even if it looks like a secret.
pub(crate) const PRIVY: &str = "x-harness-privy";

/// Mutations whose answer brings a new session to whoever asks.
const OPENING: [&str; 4] = ["signUp", "logIn", "logInWith", "createSession"];

/// Passwords and the like, which the server is told and never tells.
static PLANTED: Mutex<Option<HashSet<String>>> = Mutex::new(None);
/// Session tokens that were in an answer.
static ISSUED: Mutex<Option<HashSet<String>>> = Mutex::new(None);

static HASH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$argon2(id|i|d)\$|\$2[abxy]\$\d\d\$").unwrap());
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"r:[0-9a-f]{32}").unwrap());
/// SQL, names of tables and columns that no API has, and what libraries, the database and Rust say.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    let sql = r#"\b(SELECT|FROM|INTO|UPDATE|WHERE|JOIN|TABLE|RETURNING) \\?""#;
    let names = r"_rperm|_wperm|_hashed_password|_session_token|_perishable_token|_email_verify_token|_password_history|_failed_login_count|_account_lockout_expires_at|_auth_data_|_folded_|_SCHEMA|_Join:|_Portcullis_";
    let libraries = r"sqlx|sea_orm|SeaORM|error returned from database|SqliteError|PgDatabaseError|ConnAcquire";
    let database = r"constraint failed|violates [a-z-]+ constraint|duplicate key value|syntax error at or near|no such (table|column)|Expression tree|stack depth limit";
    let rust = r"panicked at|stack backtrace|called `(Option|Result)::|\b(src|library)/[\w/.-]+\.rs";
    Regex::new(&[sql, names, libraries, database, rust].join("|")).unwrap()
});
/// What no server says, not even in its log.
static BROKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"panicked at|stack backtrace").unwrap());

fn with<T>(kept: &Mutex<Option<HashSet<String>>>, what: impl FnOnce(&mut HashSet<String>) -> T) -> T {
    what(kept.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// From now on, no answer and no log contains this.
pub(crate) fn plant(secret: &str) {
    with(&PLANTED, |planted| planted.insert(secret.to_owned()));
}

/// A request, as far as it says what its answer may contain.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The address and the body.
    text: String,
    /// The session tokens that the caller has.
    tokens: Vec<String>,
    privy: bool,
}

impl Asked {
    pub(crate) fn of(request: &reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes).map(String::from_utf8_lossy).unwrap_or_default();
        let headers = request.headers().values().filter_map(|value| value.to_str().ok());
        let tokens = headers.flat_map(|value| TOKEN.find_iter(value)).map(|token| token.as_str().to_owned()).collect();
        Self { text: format!("{} {body}", request.url()), tokens, privy: request.headers().contains_key(PRIVY) }
    }

    /// Checks an answer: its body, and its headers as text.
    pub(crate) fn check(&self, answer: &str) {
        let leak = with(&PLANTED, |planted| with(&ISSUED, |issued| self.leak(answer, planted, issued)));
        if let Some(leak) = leak {
            panic!("{leak}\nin the answer to {}", self.text.chars().take(2000).collect::<String>());
        }
    }

    fn leak(&self, answer: &str, planted: &HashSet<String>, issued: &mut HashSet<String>) -> Option<String> {
        let opening = OPENING.iter().any(|mutation| self.text.contains(mutation));
        let foreign = |token: &&str| {
            let own = self.tokens.iter().any(|own| own == token);
            let new = opening && !issued.contains(*token);
            !own && !new
        };
        let tokens: Vec<&str> = TOKEN.find_iter(answer).map(|found| found.as_str()).collect();
        let foreign = tokens.iter().find(|token| foreign(token)).map(|token| ("somebody's session token", *token));
        issued.extend(tokens.iter().map(|token| (*token).to_owned()));

        // What is inside a string has its quotation marks escaped.
        let echoed = |word: &str| self.text.contains(word) || self.text.contains(&word.replace('\\', ""));
        let canary = answer.contains(CANARY) && !self.privy && !self.text.contains(CANARY);
        let inside = INSIDE.find_iter(answer).map(|found| found.as_str()).find(|word| !self.privy && !echoed(word));
        foreign
            .or_else(|| secret(answer, planted))
            .or_else(|| canary.then_some(("a protected value", CANARY)))
            .or_else(|| Some(("what is inside the server", inside?)))
            .map(|(what, word)| shown(what, word, answer))
    }
}

/// The leak in a line that a server printed, if there is one.
pub(crate) fn line(line: &str) -> Option<String> {
    with(&PLANTED, |planted| leak_in_line(line, planted))
}

fn leak_in_line(line: &str, planted: &HashSet<String>) -> Option<String> {
    let token = TOKEN.find(line).map(|found| ("a session token", found.as_str()));
    let broken = BROKEN.find(line).map(|found| ("a panic", found.as_str()));
    let canary = line.contains(CANARY).then_some(("a protected value", CANARY));
    let found = secret(line, planted).or(token).or(broken).or(canary);
    found.map(|(what, word)| format!("{}\nin the log of a server", shown(what, word, line)))
}

/// What neither answers nor logs contain.
fn secret<'a>(text: &'a str, planted: &'a HashSet<String>) -> Option<(&'static str, &'a str)> {
    let hash = HASH.find(text).map(|found| ("the hash of a password", found.as_str()));
    let key = [MASTER_KEY, READ_ONLY_MASTER_KEY].into_iter().find(|key| text.contains(key));
    let planted = planted.iter().find(|secret| text.contains(secret.as_str()));
    hash.or_else(|| Some(("a key", key?))).or_else(|| Some(("a password", planted?.as_str())))
}

/// The place of a leak, with what stands around it.
fn shown(what: &str, word: &str, text: &str) -> String {
    let at = text.find(word).unwrap_or_default();
    let (before, after) = text.split_at(at);
    let before: Vec<char> = before.chars().rev().take(80).collect();
    let around: String = before.into_iter().rev().chain(after.chars().take(word.len() + 80)).collect();
    format!("A LEAK: {what}: …{around}…")
}

#[cfg(test)]
mod tests {
    use super::{Asked, CANARY, HashSet, leak_in_line};
    use crate::harness::server::{MASTER_KEY, READ_ONLY_MASTER_KEY};

    const OWN: &str = "r:00000000000000000000000000000001";
    const OTHER: &str = "r:00000000000000000000000000000002";

    fn asked(text: &str) -> Asked {
        Asked { text: text.to_owned(), tokens: vec![OWN.to_owned()], privy: false }
    }

    fn planted() -> HashSet<String> {
        HashSet::from(["the-password-of-alice".to_owned()])
    }

    fn leak(asked: &Asked, answer: &str) -> Option<String> {
        asked.leak(answer, &planted(), &mut HashSet::from([OWN.to_owned(), OTHER.to_owned()]))
    }

    #[test]
    fn every_kind_of_leak_is_found_in_an_answer() {
        for (what, answer) in [
            ("the hash", r#"{"data": {"x": "$argon2id$v=19$m=19456"}}"#.to_owned()),
            ("the hash", r#"{"x": "$2b$10$abcdefghijklmnopqrstuv"}"#.to_owned()),
            ("the hash", r#"{"x": "$2y$10$abcdefghijklmnopqrstuv"}"#.to_owned()),
            ("session token", format!(r#"{{"sessionToken": "{OTHER}"}}"#)),
            ("session token", r#"{"sessionToken": "r:0000000000000000000000000000000f"}"#.to_owned()),
            ("a key", format!("x-debug: {MASTER_KEY}")),
            ("a key", format!("{{\"key\": \"{READ_ONLY_MASTER_KEY}\"}}")),
            ("a password", r#"{"message": "wrong: the-password-of-alice"}"#.to_owned()),
            ("a protected value", format!("{{\"secret\": \"{CANARY}1\"}}")),
            ("inside the server", r#"{"message": "SELECT \"objectId\" FROM \"Note\""}"#.to_owned()),
            ("inside the server", r#"{"message": "column _rperm"}"#.to_owned()),
            ("inside the server", r#"{"message": "_hashed_password"}"#.to_owned()),
            ("inside the server", r#"{"message": "table _SCHEMA"}"#.to_owned()),
            ("inside the server", r#"{"message": "_Join:users:_Role"}"#.to_owned()),
            ("inside the server", "error returned from database: (code: 1)".to_owned()),
            ("inside the server", "SqliteError { code: 1 }".to_owned()),
            ("inside the server", "PgDatabaseError".to_owned()),
            ("inside the server", "sqlx::Error".to_owned()),
            ("inside the server", "sea_orm::DbErr".to_owned()),
            ("inside the server", "UNIQUE constraint failed: _User.username".to_owned()),
            ("inside the server", "duplicate key value violates unique constraint".to_owned()),
            ("inside the server", "thread 'main' panicked at".to_owned()),
            ("inside the server", "at src/store/read.rs:12:5".to_owned()),
        ] {
            let found = leak(&asked("{ note { text } }"), &answer);
            assert!(found.as_ref().is_some_and(|found| found.contains(what)), "{answer}: {found:?}");
        }
    }

    #[test]
    fn what_the_caller_has_or_said_or_just_got_is_no_leak() {
        let unseen = r#"{"sessionToken": "r:0000000000000000000000000000000f"}"#;
        assert_eq!(leak(&asked("{ viewer { sessionToken } }"), &format!("{{\"sessionToken\": \"{OWN}\"}}")), None);
        assert_eq!(leak(&asked("mutation { logIn(input: {}) { viewer { sessionToken } } }"), unseen), None);
        assert!(leak(&asked("mutation { logIn }"), &format!("{{\"sessionToken\": \"{OTHER}\"}}")).is_some());
        assert_eq!(leak(&asked(r#"{"x": "_rperm"}"#), r#"{"message": "Invalid field name: _rperm"}"#), None);
        let privy = Asked { privy: true, ..asked("{ notes { text } }") };
        assert_eq!(leak(&privy, &format!("{{\"text\": \"{CANARY}1\"}}")), None);
        assert_eq!(
            leak(&asked(""), r#"{"data": {"text": "an ordinary answer, from the selection of a table"}}"#),
            None
        );
    }

    #[test]
    fn every_kind_of_leak_is_found_in_a_log() {
        for line in [
            "hash=$argon2id$v=19",
            OWN,
            MASTER_KEY,
            "password=the-password-of-alice",
            "value=protected-canary-1",
            "thread 'tokio' panicked at src/x.rs",
        ] {
            assert!(leak_in_line(line, &planted()).is_some(), "{line}");
        }
        assert_eq!(leak_in_line("ERROR the database failed: error returned from database", &planted()), None);
    }
}
