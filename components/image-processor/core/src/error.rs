//! What can keep a photo from being finished this time. A picture that cannot be rendered is no error here: that is a
//! result, and it is reported.
use vitrine_blob::{BlobError, PutError};
use vitrine_http_out::HttpOutError;

/// Why the work was not done. All of it may succeed when it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The original cannot be read.
    #[error("the original cannot be read: {0}")]
    Original(#[from] BlobError),
    /// There is no original of that photo.
    #[error("there is no original of that photo")]
    NoOriginal,
    /// What renditions there are cannot be read.
    #[error("the renditions cannot be read: {0}")]
    Derivatives(#[source] BlobError),
    /// A rendition cannot be written.
    #[error("a rendition cannot be written: {0}")]
    Derivative(String),
    /// The owner of the photo cannot be reached.
    #[error("the owner of the photo cannot be reached: {0}")]
    Unreachable(#[from] HttpOutError),
    /// The owner of the photo gave an answer that was not expected.
    #[error("the owner of the photo answered {0}")]
    Refused(String),
}

impl<E> From<PutError<E>> for ProcessError
where
    E: std::fmt::Display,
{
    fn from(error: PutError<E>) -> Self {
        Self::Derivative(error.to_string())
    }
}
