//! How a keyspace can fail a service.

use vitrine_db::DbError;

/// Why there is no value, or why it was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KvError {
    /// A key or a value is not one that every adapter can keep.
    #[error("{0}")]
    Invalid(String),
    /// The value is no number in decimals, or the sum has more than 64 bits. Nothing was changed.
    #[error("the value is no number that can be counted on")]
    NotANumber,
    /// The store cannot be reached, is too busy, or does not let this component in. Whether a change was made is not known.
    #[error("the key-value store is not available: {0}")]
    Unavailable(String),
    /// The store answered with something that it should not have.
    #[error("the key-value store failed: {0}")]
    Failed(String),
}

impl From<DbError> for KvError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy | DbError::Conflict | DbError::Unavailable(_) => Self::Unavailable(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}
