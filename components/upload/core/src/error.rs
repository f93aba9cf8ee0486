//! Everything that can go wrong, in one closed list.
use vitrine_blob::BlobError;
use vitrine_db::DbError;
use vitrine_edge::Problem;

/// Why a request was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// What the owner says about a photo is not accepted.
    #[error("the {field} is not accepted: {why}")]
    Invalid {
        /// Its name outside.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// What was sent cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Problem),
    /// The worker reported something that cannot be.
    #[error("the outcome is not accepted: {0}")]
    InvalidOutcome(String),
    /// The body is empty.
    #[error("the body is empty")]
    Empty,
    /// The body is longer than is accepted.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The most bytes that are accepted.
        limit: u64,
    },
    /// The account has as many photos as it may have.
    #[error("the account has {most} photos")]
    TooManyPhotos {
        /// The most photos of an account.
        most: u64,
    },
    /// The photo does not fit beside those that the account has.
    #[error("the photos of the account would have more than {most} bytes")]
    TooManyBytes {
        /// The most bytes of all originals of an account.
        most: u64,
        /// How many it has.
        used: u64,
    },
    /// The body is said to be something that is no picture.
    #[error("`{0}` is no type of a picture")]
    UnsupportedType(String),
    /// The body ended before all of it had come.
    #[error("the body ended early: {0}")]
    Truncated(String),
    /// There is no such photo, or none that the caller may see.
    #[error("there is no such photo")]
    NotFound,
    /// Everybody sees the photo, and somebody else has it.
    #[error("the photo is somebody else's")]
    NotYours,
    /// The photo is deleted, and can be restored.
    #[error("the photo is deleted")]
    Deleted,
    /// The photo is not what the caller takes it for.
    #[error("the photo has changed")]
    Changed,
    /// The event is none of this photo's.
    #[error("the event is not about this photo")]
    ForeignEvent,
    /// The idempotency key does not lead to an answer.
    #[error(transparent)]
    Key(#[from] vitrine_idempotency::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store of originals failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}
