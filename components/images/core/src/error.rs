//! Why there is no rendition.

use vitrine_blob::BlobError;

/// Why a rendition is not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is malformed, or nothing is stored there.
    #[error("there is no such rendition")]
    NotFound,
    /// What is stored there is not what its address says.
    #[error("the rendition stored at `{0}` has another hash")]
    OtherContent(String),
    /// What is stored there begins as no rendition does.
    #[error("the rendition stored at `{0}` is neither JPEG nor WebP")]
    UnknownType(String),
    /// The store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}
