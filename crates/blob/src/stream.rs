//! The bytes of a blob.

use crate::BlobError;
use bytes::{Bytes, BytesMut};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// The bytes of a blob, or of a part of it. It ends with the last one, or with the first error.
pub struct BlobStream(BoxStream<'static, Result<Bytes, BlobError>>);

impl BlobStream {
    /// The bytes that `pieces` gives.
    pub fn new(pieces: impl Stream<Item = Result<Bytes, BlobError>> + Send + 'static) -> Self {
        Self(pieces.boxed())
    }

    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(stream::empty())
    }

    /// All bytes at once, for blobs that are known to be small.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn collect(mut self) -> Result<Bytes, BlobError> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.freeze())
    }
}

impl Stream for BlobStream {
    type Item = Result<Bytes, BlobError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobStream")
    }
}
