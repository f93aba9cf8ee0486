//! Why a key does not lead to an answer.

use std::time::Duration;
use vitrine_db::DbError;
use vitrine_edge::{Kind, Problem};

/// When the first request may have ended.
const SOON: Duration = Duration::from_secs(1);

/// Why a key does not lead to an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The key was used for another request.
    #[error("the key belongs to another request")]
    KeyReused,
    /// The first request with the key has not ended, or another one took its place. Nothing of this one was kept.
    #[error("another request with the key is at work")]
    InProgress,
    /// An answer cannot be written or read.
    #[error("the answer of a key: {0}")]
    Answer(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::KeyReused => Self::new(
                Kind::KeyReused,
                "This Idempotency-Key was used before for a request with another method, address or body. \
                 Take a new key for a new request.",
            ),
            Error::InProgress => Self::new(
                Kind::InProgress,
                "Another request with this Idempotency-Key is at work. Send the same request again after the time in \
                 the Retry-After header to get its answer.",
            )
            .with_retry_after(SOON),
            Error::Db(error) if error.is_transient() => Self::unavailable(SOON, &error),
            Error::Answer(_) | Error::Db(_) => Self::internal(&error),
        }
    }
}
