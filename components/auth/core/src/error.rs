//! How auth can refuse or fail.

use std::fmt;
use vitrine_db::DbError;

/// Why a use case did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Some values are not acceptable.
    #[error("some values are not acceptable")]
    Invalid(Vec<FieldError>),
    /// Another account has that handle or that e-mail address.
    #[error("another account has that {0}")]
    Taken(Field),
    /// There is no such login, or the password is not its own. Which of them it is, is not said.
    #[error("login and password do not belong together")]
    WrongCredentials,
    /// The account of the token does not exist any more.
    #[error("the account does not exist any more")]
    NoAccount,
    /// A stored or a new password hash could not be worked with.
    #[error("password hashing failed: {0}")]
    Hashing(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The e-mail address.
    Email,
    /// The handle.
    Handle,
    /// The password.
    Password,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Password => "password",
        })
    }
}

/// What is wrong with one field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// What would be right.
    pub detail: &'static str,
}
