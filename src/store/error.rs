//! What goes wrong between the store and its database, and what of it a client learns.

use std::io;
use std::path::PathBuf;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::fault::{Code, Fault};

/// Why the store failed. The text is for the operator: it can name tables and files, and never has a password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL is not one of a database.
    #[error("the database URL is not valid: it begins with postgres:// or sqlite:")]
    Url,
    /// What was asked for is for PostgreSQL only.
    #[error("this is for the PostgreSQL database of a Parse Server: set database_url to it")]
    NotPostgres,
    /// What was asked for is for SQLite only.
    #[error("only an SQLite database is copied in this way: use pg_dump for PostgreSQL")]
    NotSqlite,
    /// The copy cannot be made.
    #[error("{path}: {source}")]
    Backup {
        /// The file that is to be read or made.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What was asked for needs a session of its own.
    #[error("this cannot be done through a pooler: give the address of the database itself, and no database_pooler")]
    Pooled,
    /// A database in memory would be another one for each connection.
    #[error("an SQLite database in memory has one connection only")]
    InMemory,
    /// The file or its directory cannot be made.
    #[error("the database file {path} cannot be made: {source}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is there, but cannot be written to.
    #[error("the database file {path} cannot be written to: {reason}")]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The database cannot be reached in time.
    #[error("the database cannot be reached in time")]
    Unreachable,
    /// A statement took too long, or waited too long for others.
    #[error("the database took too long")]
    TooSlow,
    /// The database refused a statement or a connection.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// The database answered what it cannot answer.
    #[error("the database holds something unexpected: {0}")]
    Unexpected(String),
}

impl Error {
    /// A value that cannot be what the database holds.
    pub(super) fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected(what.into())
    }

    /// What the server of the database says about it.
    fn reported(&self) -> Option<&dyn DatabaseError> {
        match self.driver()? {
            sqlx::Error::Database(error) => Some(error.as_ref()),
            _ => None,
        }
    }

    fn driver(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(
                DbErr::Conn(RuntimeErr::SqlxError(error))
                | DbErr::Exec(RuntimeErr::SqlxError(error))
                | DbErr::Query(RuntimeErr::SqlxError(error)),
            ) => Some(error),
            _ => None,
        }
    }

    /// The code of the database's message: five letters in PostgreSQL, a number in SQLite.
    pub(super) fn code(&self) -> Option<String> {
        self.reported().and_then(|error| error.code().map(Into::into))
    }

    /// The kind of failure that SQLite reports, without its details.
    fn sqlite(&self) -> Option<u32> {
        // PostgreSQL's codes have five letters.
        self.code().filter(|code| code.len() < 5)?.parse::<u32>().ok().map(|code| code & 0xff)
    }

    fn is_lost_connection(&self) -> bool {
        if matches!(self, Self::Unreachable) {
            return true;
        }
        if let Self::Database(error) = self
            && matches!(
                error,
                DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed) | DbErr::Conn(_)
            )
        {
            return true;
        }
        // SQLite: the disk failed, or the file is gone.
        if matches!(self.sqlite(), Some(10 | 14)) {
            return true;
        }
        match self.driver() {
            Some(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => true,
            // Connection exceptions, nothing left of what the server needs, a server that shuts down or starts up, and a
            // disk that fails.
            Some(sqlx::Error::Database(error)) => error
                .code()
                .is_some_and(|code| ["08", "53", "57P", "25P03", "58030"].iter().any(|kind| code.starts_with(kind))),
            _ => false,
        }
    }

    /// It is the connection that failed, or its other end, and not what was asked.
    pub(super) fn is_of_connection(&self) -> bool {
        self.is_lost_connection() || matches!(self, Self::TooSlow)
    }

    fn is_time_out(&self) -> bool {
        // PostgreSQL: query cancelled, lock not available, deadlock, serialisation. SQLite: busy, and its kinds.
        matches!(self, Self::TooSlow)
            || self.code().is_some_and(|code| {
                matches!(code.as_str(), "57014" | "55P03" | "40P01" | "40001" | "5" | "261" | "517" | "773")
            })
    }

    /// A table or a column is gone that the request has still seen: its class was changed meanwhile.
    fn is_outdated(&self) -> bool {
        let Some(reported) = self.reported() else { return false };
        match reported.code().as_deref() {
            // PostgreSQL: undefined table, undefined column.
            Some("42P01" | "42703") => true,
            // SQLite has one code for all mistakes in a statement.
            Some("1") => {
                let message = reported.message();
                ["no such table", "no such column", "has no column named"].iter().any(|words| message.contains(words))
            }
            _ => false,
        }
    }

    /// No space is left for what would be written.
    fn is_full(&self) -> bool {
        self.code().as_deref() == Some("53100") || self.sqlite() == Some(13)
    }

    /// The database only lets itself be read: a standby, or a file without permission.
    pub(super) fn is_read_only(&self) -> bool {
        matches!(self, Self::ReadOnly { .. }) || self.code().as_deref() == Some("25006") || self.sqlite() == Some(8)
    }

    /// What becomes of a transaction whose end failed. Unless the database itself has refused it, nobody knows what the
    /// database did.
    pub(super) fn of_commit(self) -> Fault {
        if self.is_full() || self.is_read_only() {
            return self.into();
        }
        if self.is_lost_connection() || matches!(self, Self::TooSlow) {
            return Fault::unconfirmed(self);
        }
        self.into()
    }

    /// What becomes of a write that is a transaction by itself, and failed. If it was sent, it ends as a commit does.
    pub(super) fn of_lone_write(self) -> Fault {
        match self {
            Self::Unreachable | Self::Database(DbErr::Conn(_)) => self.into(),
            sent => sent.of_commit(),
        }
    }

    /// The constraint that a write violates, as the database names it.
    fn violated(&self) -> Option<String> {
        let error = self.reported().filter(|error| error.is_unique_violation())?;
        Some(error.constraint().unwrap_or_else(|| error.message()).to_owned())
    }
}

/// The one place where constraint names become codes: PostgreSQL names the index, SQLite the table and column.
fn taken(constraint: &str) -> Code {
    let of_users = constraint.contains("_User");
    if constraint.contains("username") && of_users {
        Code::UsernameTaken
    } else if constraint.contains("email") && of_users {
        Code::EmailTaken
    } else {
        Code::DuplicateValue
    }
}

/// What the planner let through although the database cannot do it: a regular expression or a language that it does not know,
/// and a value that is too long for an index.
fn asked_too_much(code: &str) -> Option<Code> {
    match code {
        // SQLite says the same about a regular expression.
        "2201B" | "42704" | "1043" => Some(Code::InvalidQuery),
        "54000" => Some(Code::IncorrectType),
        _ => None,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if let Some(constraint) = error.violated() {
            return Self::caused(taken(&constraint), error);
        }
        if let Some(code) = error.code().as_deref().and_then(asked_too_much) {
            return Self::caused(code, error);
        }
        if error.is_outdated() {
            return Self::caused(Code::InvalidClassName, error);
        }
        if error.is_full() {
            return Self::caused(Code::ConnectionFailed, error).saying("The database is full.");
        }
        if error.is_read_only() {
            return Self::caused(Code::ConnectionFailed, error).saying("The database is read-only.");
        }
        if error.is_lost_connection() {
            return Self::caused(Code::ConnectionFailed, error);
        }
        if error.is_time_out() {
            return Self::caused(Code::Timeout, error);
        }
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::taken;
    use crate::fault::Code;

    #[test]
    fn constraints_have_their_own_codes() {
        let cases = [
            ("_User_unique_username", Code::UsernameTaken),
            ("_User_folded_username", Code::UsernameTaken),
            ("UNIQUE constraint failed: _User.username", Code::UsernameTaken),
            ("UNIQUE constraint failed: _User._folded_email", Code::EmailTaken),
            ("_User_unique_email", Code::EmailTaken),
            ("_Role_unique_name", Code::DuplicateValue),
            ("Contact_username", Code::DuplicateValue),
            ("UNIQUE constraint failed: Trip.objectId", Code::DuplicateValue),
        ];
        for (constraint, code) in cases {
            assert_eq!(taken(constraint), code, "{constraint}");
        }
    }
}
