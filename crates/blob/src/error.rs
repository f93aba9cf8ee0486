//! How keeping bytes can fail.

/// A key-value store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key-value store failed: {0}")]
pub struct KeysError(pub String);

/// Why a blob could not be read or erased.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The store below failed.
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
}

/// Why a blob was not stored. What was there before under its key is still there.
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
    /// The store below failed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}
