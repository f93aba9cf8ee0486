//! A body that streams.

use crate::HttpOutError;
use bytes::{Bytes, BytesMut};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use std::{
    any::Any,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The bytes of a request or of a response, piece by piece. It ends with the last piece, or with the first error.
pub struct Body {
    pieces: BoxStream<'static, Result<Bytes, HttpOutError>>,
    length: Option<u64>,
    unread: Option<Unread>,
}

/// What an adapter has of a body of which nobody has read anything. A server on the same runtime may pass it on as the body of its
/// own answer, whose bytes it then never sees; how long such a body may stand still is the runtime's to say.
#[derive(Clone)]
pub struct Unread(Arc<dyn Any + Send + Sync>);

impl Unread {
    /// What the adapter has of it.
    pub fn new(body: Arc<dyn Any + Send + Sync>) -> Self {
        Self(body)
    }

    /// It, for an adapter that knows what it is.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unread")
    }
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::pieces([])
    }

    /// Pieces that are in memory already.
    pub fn pieces<I>(pieces: I) -> Self
    where
        I: IntoIterator<Item = Bytes>,
    {
        let pieces: Vec<Bytes> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self::stream(stream::iter(pieces.into_iter().map(Ok)), Some(length))
    }

    /// The bytes that `pieces` gives; `length` is how many, if that is known. An adapter that is given another number
    /// of bytes than it was told breaks the exchange off.
    pub fn stream(
        pieces: impl Stream<Item = Result<Bytes, HttpOutError>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self { pieces: pieces.boxed(), length, unread: None }
    }

    /// The same, which can be passed on unread.
    #[must_use]
    pub fn or_unread(self, unread: Unread) -> Self {
        Self { unread: Some(unread), ..self }
    }

    /// The body for whoever passes it on unread, if the adapter can do that. Worth nothing after a byte of it was read.
    #[must_use]
    pub fn unread(&self) -> Option<&Unread> {
        self.unread.as_ref()
    }

    /// How many bytes it has, if that is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// All bytes at once.
    ///
    /// # Errors
    /// [`HttpOutError::TooLarge`] if there are more than `limit`, and whatever the stream fails with.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, HttpOutError> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if piece.len() > limit.saturating_sub(all.len()) {
                return Err(HttpOutError::TooLarge { limit });
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::pieces([bytes])
    }
}

impl Stream for Body {
    type Item = Result<Bytes, HttpOutError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({:?})", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_are_counted_and_collected() {
        let body = || Body::pieces([Bytes::from("ab"), Bytes::new(), Bytes::from("c")]);
        assert_eq!(body().length(), Some(3));
        assert_eq!(body().collect(3).await.unwrap(), "abc");
        assert_eq!(body().collect(2).await, Err(HttpOutError::TooLarge { limit: 2 }));
        assert_eq!(Body::empty().collect(0).await.unwrap(), "");
    }
}
