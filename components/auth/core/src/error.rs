//! How auth can refuse or fail.

use std::{fmt, time::Duration};
use vitrine_db::DbError;
use vitrine_kv::KvError;

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
    /// The password, asked for once more, is not the account's.
    #[error("the password is wrong")]
    WrongPassword,
    /// The password is right, and a code of the second factor is needed too.
    #[error("a code of the second factor is needed")]
    TotpRequired,
    /// The code of the second factor is wrong, or was used before.
    #[error("the code of the second factor is wrong, or was used before")]
    WrongTotp,
    /// The caller is logged in, and what is to be done needs a code of the second factor once more.
    #[error("a code of the second factor is needed for this")]
    CodeRequired,
    /// The code for what is to be done, by who is logged in, is wrong or was used before.
    #[error("the code of the second factor for this is wrong, or was used before")]
    WrongCode,
    /// There is a second factor already.
    #[error("there is a second factor already")]
    TotpEnabled,
    /// The secret was tried too often in a while.
    #[error("too many attempts; the next one is taken in {retry_after:?}")]
    TooManyAttempts {
        /// How long it is until the next one.
        retry_after: Duration,
    },
    /// The refresh token is unknown, used or expired, or its session has ended.
    #[error("the refresh token is not valid, or not any more")]
    InvalidRefresh,
    /// The secret that was sent by mail is unknown, used or expired.
    #[error("the token is not valid, or not any more")]
    InvalidToken,
    /// The API key is unknown or was revoked, or its account is gone.
    #[error("the API key is not valid, or not any more")]
    InvalidApiKey,
    /// The account has as many API keys as it may.
    #[error("the account has as many API keys as it may")]
    TooManyKeys,
    /// What should be a passkey, or its answer, is not, or is not what was asked for; says what is wrong.
    #[error("the passkey is not what was asked for: {0}")]
    WrongPasskey(String),
    /// The answer of a passkey is not believed. Why, its owner reads in the audit log.
    #[error("the passkey was not accepted")]
    PasskeyRefused,
    /// The passkey is there already.
    #[error("that passkey was added before")]
    PasskeyTaken,
    /// The account has as many passkeys as it may.
    #[error("the account has as many passkeys as it may")]
    TooManyPasskeys,
    /// The session of the access token has ended, or its account is gone.
    #[error("the session has ended")]
    SessionEnded,
    /// The caller is known and may not do this; says what it would need.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// There is no such thing, or it is not the caller's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What is to be changed is not any more what the caller knows.
    #[error("it has changed meanwhile")]
    Changed,
    /// A stored or a new password hash could not be worked with.
    #[error("password hashing failed: {0}")]
    Hashing(String),
    /// Something that is made here could not be made.
    #[error("{0}")]
    Failed(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store of live sessions and of counters failed.
    #[error(transparent)]
    Kv(#[from] KvError),
}

impl Error {
    /// The word by which programs tell this refusal from others of its kind, if they have to.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::TotpRequired | Self::CodeRequired => Some("totp_required"),
            Self::WrongTotp | Self::WrongCode => Some("totp_invalid"),
            Self::WrongPassword => Some("wrong_password"),
            _ => None,
        }
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

/// A field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What an account says about itself.
    Bio,
    /// The public name in text.
    DisplayName,
    /// The e-mail address.
    Email,
    /// The handle.
    Handle,
    /// The name of an API key.
    Name,
    /// The password that is chosen in place of another.
    NewPassword,
    /// The password.
    Password,
    /// What an API key may be used for.
    Scopes,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bio => "bio",
            Self::DisplayName => "displayName",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Name => "name",
            Self::NewPassword => "newPassword",
            Self::Password => "password",
            Self::Scopes => "scopes",
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

/// Every value that is not acceptable, rather than the first of them.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// The value, or nothing and its error noted.
    pub(crate) fn note<T>(&mut self, checked: Result<T, FieldError>) -> Option<T> {
        checked.map_err(|error| self.0.push(error)).ok()
    }

    /// All errors that were noted.
    pub(crate) fn into_error(self) -> Error {
        Error::Invalid(self.0)
    }
}
