//! What can go wrong, in the words that a client can act on.
//!
//! [`Fault`] is the one error type of every room above the database. It deliberately has no
//! `Display`: nothing can turn it into text by accident, so the cause of an internal failure (SQL,
//! file names, driver messages) cannot reach a client. `graphql` alone makes it public, and only by
//! [`Fault::code`] and [`Fault::message`].

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

/// Declares [`Code`] together with its table, so that number, name and message never part.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $message:literal;)+) => {
        /// The error numbers of the Parse API that Portcullis answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of the table in the README.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The number in `extensions.code`.
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$name => $number,)+
                }
            }

            /// The message for a fault that has none of its own.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)+
                }
            }
        }
    };
}

codes! {
    /// Something is missing that no other number says, such as further authentication data.
    OtherCause = -1, "The request cannot be completed.";
    /// A failure of the server. The cause is in its log, never in the answer.
    Internal = 1, "Internal server error.";
    /// The database cannot be reached in time; the request may be tried again.
    ConnectionFailed = 100, "The database is not available.";
    /// No such object, or none that the caller may see; a failed login; signing in is required.
    ObjectNotFound = 101, "Object not found.";
    /// A filter, order or page that cannot be asked.
    InvalidQuery = 102, "The query is not valid.";
    /// A class name that is not allowed, taken, or unknown.
    InvalidClassName = 103, "The class name is not valid.";
    /// A field name that is not allowed, or a field that the server keeps to itself.
    InvalidKeyName = 105, "The field name is not valid.";
    /// A pointer or relation of the wrong shape.
    InvalidPointer = 106, "The pointer is not valid.";
    /// A value of the wrong shape, or class-level permissions that are not valid.
    InvalidJson = 107, "The value is not valid.";
    /// A feature that this server has not switched on.
    CommandUnavailable = 108, "This feature is not available.";
    /// A value that does not fit the type of its field; a required system field is missing.
    IncorrectType = 111, "The value does not fit the field.";
    /// Class-level permissions or a missing master key stand in the way.
    OperationForbidden = 119, "Permission denied";
    /// A key inside an object that contains `$` or `.`.
    InvalidNestedKey = 121, "Nested keys must not contain '$' or '.'.";
    /// A file name that is not allowed.
    InvalidFileName = 122, "The file name is not valid.";
    /// An access control list that is not valid.
    InvalidAcl = 123, "The ACL is not valid.";
    /// The request took longer than it may.
    Timeout = 124, "The request took too long.";
    /// Not an e-mail address.
    InvalidEmailAddress = 125, "Email address format is invalid.";
    /// A file that is larger than the server accepts.
    FileTooLarge = 129, "The file is too large.";
    /// A file that is empty or may not be uploaded.
    FileSaveError = 130, "The file cannot be saved.";
    /// A pointer or relation field that names no class.
    MissingTargetClass = 135, "The type needs the name of a class.";
    /// A field that cannot be changed.
    ImmutableField = 136, "The field cannot be changed.";
    /// A value that must be unique is taken.
    DuplicateValue = 137, "A duplicate value for a field with unique values was provided";
    /// A role name that is not allowed, or a role that would change its name.
    InvalidRoleName = 139, "The role name is not valid.";
    /// A required field is missing, or a password that the policy refuses.
    ValidationError = 142, "The value is not valid.";
    /// Authentication data without a proper id.
    InvalidValue = 162, "The value is not valid.";
    /// Signing up or in without a user name.
    UsernameMissing = 200, "bad or missing username";
    /// Signing up or in without a password.
    PasswordMissing = 201, "password is required";
    /// The user name is taken, whatever its case.
    UsernameTaken = 202, "Account already exists for this username.";
    /// The e-mail address is taken, whatever its case.
    EmailTaken = 203, "Account already exists for this email address.";
    /// No e-mail address was given.
    EmailMissing = 204, "you must provide an email";
    /// The e-mail address is unknown or not verified.
    EmailNotFound = 205, "The email address is not verified.";
    /// A user that the caller may not change.
    SessionMissing = 206, "Permission denied";
    /// The session token is missing, unknown or expired.
    InvalidSessionToken = 209, "Invalid session token";
    /// An authentication provider that this server does not know.
    UnsupportedService = 252, "This authentication method is unsupported.";
    /// A change of a class that cannot be made.
    InvalidSchemaOperation = 255, "The class cannot be changed in this way.";
}

/// Why a request, or a part of it, was not done. A clone is for another request, and tells the log the same cause.
#[derive(Debug, Clone)]
pub struct Fault {
    code: Code,
    message: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
    outcome: Outcome,
}

/// What became of the change that a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing was changed.
    Undone,
    /// The answer of the database was lost.
    Unknown,
}

impl Fault {
    /// A fault with the message of its code.
    pub const fn new(code: Code) -> Self {
        Self { code, message: Cow::Borrowed(code.message()), source: None, outcome: Outcome::Undone }
    }

    /// A fault with a message for the client, who must be allowed to know all that it says.
    pub fn with(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..Self::new(code) }
    }

    /// A failure of the server itself. `source` goes to the log only.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::caused(Code::Internal, source)
    }

    /// A fault whose cause is for the log only.
    pub fn caused(code: Code, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into().into()), ..Self::new(code) }
    }

    /// The database was lost while it was told to keep a change: 100, and nobody knows whether it did.
    pub fn unconfirmed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        const MESSAGE: &str = "The database was lost before it confirmed the change, which may have been made or not.";
        Self { outcome: Outcome::Unknown, ..Self::caused(Code::ConnectionFailed, source).saying(MESSAGE) }
    }

    /// A change was made, and what failed is reading a part of its answer.
    #[must_use]
    pub fn of_answer(self) -> Self {
        self.saying("The change was made, but this could not be read afterwards.")
    }

    /// The same fault in other words.
    #[must_use]
    pub fn saying(self, message: &'static str) -> Self {
        Self { message: Cow::Borrowed(message), ..self }
    }

    /// Class-level permissions, a system class or a missing master key: 119.
    pub const fn denied() -> Self {
        Self::new(Code::OperationForbidden)
    }

    /// The class wants a signed-in caller: 101, as in Parse, but with the words of a denial.
    pub const fn sign_in_required() -> Self {
        let message = Cow::Borrowed(Code::OperationForbidden.message());
        Self { code: Code::ObjectNotFound, message, source: None, outcome: Outcome::Undone }
    }

    /// No such row, or none in the caller's scope. The two are not told apart.
    pub const fn not_found() -> Self {
        Self::new(Code::ObjectNotFound)
    }

    /// The same for the client once more, when one fault concerns several fields. The cause stays with the first.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { code: self.code, message: self.message.clone(), source: None, outcome: self.outcome }
    }

    /// True if it is the server that failed, and not the request.
    pub const fn is_failure(&self) -> bool {
        matches!(self.code, Code::Internal | Code::ConnectionFailed | Code::Timeout)
    }

    /// True if a change may have been made all the same.
    pub const fn is_unconfirmed(&self) -> bool {
        matches!(self.outcome, Outcome::Unknown)
    }

    /// True if the caller may not have what was asked for, or is not told that it is there.
    pub const fn is_denial(&self) -> bool {
        matches!(self.code, Code::OperationForbidden | Code::ObjectNotFound | Code::InvalidSessionToken)
    }

    /// The number, for the client.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The message, for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The cause, for the log.
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The cause and its own causes in words, for the log.
    pub fn causes(&self) -> Option<String> {
        let source = self.source()?;
        let mut causes = vec![source.to_string()];
        let mut cause = source.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Some(causes.join(": "))
    }
}
