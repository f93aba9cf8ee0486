//! What images does.

use crate::{Address, Error};
use vitrine_blob::{BlobStream, Blobs};

/// The renditions. Clones are the same ones.
#[derive(Debug, Clone)]
pub struct Images {
    derivatives: Blobs,
}

impl Images {
    /// The renditions that are stored in `derivatives`.
    #[must_use]
    pub fn new(derivatives: Blobs) -> Self {
        Self { derivatives }
    }

    /// The size in bytes and the bytes of the rendition at `address`. At most a piece is read before the stream is polled.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn find(&self, address: &Address) -> Result<(u64, BlobStream), Error> {
        let (manifest, stream) = self.derivatives.get(&address.key()).await?.ok_or(Error::NotFound)?;
        if manifest.sha256 != address.sha256() {
            return Err(Error::OtherContent(address.key()));
        }
        Ok((manifest.bytes, stream))
    }
}
