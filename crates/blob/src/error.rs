//! How keeping bytes can fail.

/// A key-value store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key-value store failed: {0}")]
pub struct KeysError(pub String);

/// Why a store of blobs did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The key-value store below failed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// What is stored is no whole blob: it was replaced or erased while it was read, or the store lost a part.
    #[error("the blob `{key}` is damaged: {reason}")]
    Damaged {
        /// The key of the blob.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The key is none; see [`crate::Blobs`]. Nothing was asked of the store.
    #[error("the key of a blob {0}")]
    InvalidKey(String),
    /// The key was erased while the blob was put, and the bytes with it. Nothing of the put is left; it may be done again.
    #[error("the blob `{key}` was erased while it was put; put it again")]
    Overtaken {
        /// The key of the blob.
        key: String,
    },
    /// The store does not accept who asks: a wrong key, or no right to do this. Says what to look at.
    #[error("the store refuses access: {reason}")]
    Denied {
        /// What the store said, and what to do.
        reason: String,
    },
    /// The bucket is not there.
    #[error("there is no bucket `{bucket}`: make it, or set the variable that names it (`…_bucket`) to another one")]
    NoBucket {
        /// Its name.
        bucket: String,
    },
    /// The bytes of a blob ended before all of it had come. The blob itself may be whole.
    #[error("the bytes of the blob `{key}` ended after {got} of {expected}")]
    Truncated {
        /// The key of the blob.
        key: String,
        /// How many bytes were to come.
        expected: u64,
        /// How many came.
        got: u64,
    },
    /// The store was too slow. It may have done what it was asked all the same.
    #[error("the store did not answer in time: {reason}")]
    Timeout {
        /// Which store, and what to do.
        reason: String,
    },
    /// The store cannot be reached or does not work now; it may later.
    #[error("the store is not available: {reason}")]
    Unavailable {
        /// What was seen, and what to do.
        reason: String,
    },
    /// The store gave an answer that is not among those it may give.
    #[error("the store gave an answer that was not expected: {reason}")]
    Unexpected {
        /// What it was.
        reason: String,
    },
    /// This kind of store cannot do this.
    #[error("{0}")]
    NotSupported(&'static str),
}

/// Why a blob was not stored. What was there before under its key is still there, unless somebody else erased it; or, where
/// the store was too slow or did not work, all of the new blob may be there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PutError<E> {
    /// More bytes came than the caller allows.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The most bytes that were allowed.
        limit: u64,
    },
    /// The source of the bytes failed.
    #[error("the bytes ended early: {0}")]
    Source(E),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] BlobError),
}
