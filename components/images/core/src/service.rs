//! What images does.

use crate::{Address, Error};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use vitrine_blob::{BlobError, BlobStream, Blobs};
use vitrine_picture::Media;

/// The renditions. Clones are the same ones.
#[derive(Debug, Clone)]
pub struct Images {
    derivatives: Blobs,
}

/// A rendition that is there, and of which nothing was read yet.
#[derive(Debug)]
pub struct Found {
    key: String,
    /// Its size in bytes.
    pub bytes: u64,
    stream: BlobStream,
}

impl Images {
    /// The renditions that are stored in `derivatives`.
    #[must_use]
    pub fn new(derivatives: Blobs) -> Self {
        Self { derivatives }
    }

    /// The rendition at `address`. At most a piece is read before its stream is polled.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn find(&self, address: &Address) -> Result<Found, Error> {
        let key = address.key();
        let (manifest, stream) = self.derivatives.get(&key).await?.ok_or(Error::NotFound)?;
        if manifest.sha256 != address.sha256() {
            return Err(Error::OtherContent(key));
        }
        Ok(Found { key, bytes: manifest.bytes, stream })
    }
}

impl Found {
    /// What it is, by its first bytes, and all of its bytes. The worker is the only one that writes renditions, so they are
    /// what they begin as; what begins otherwise is not served.
    ///
    /// # Errors
    /// [`Error::UnknownType`], or what the store says.
    pub async fn open(mut self) -> Result<(Media, BlobStream), Error> {
        let (mut pieces, mut head) = (Vec::<Result<Bytes, BlobError>>::new(), Vec::new());
        while head.len() < Media::LONGEST_MAGIC {
            let Some(piece) = self.stream.next().await.transpose()? else { break };
            head.extend(piece.iter().take(Media::LONGEST_MAGIC));
            pieces.push(Ok(piece));
        }
        let media = Media::of(&head).ok_or(Error::UnknownType(self.key))?;
        Ok((media, BlobStream::new(stream::iter(pieces).chain(self.stream))))
    }
}
