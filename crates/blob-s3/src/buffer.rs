//! Bytes that wait to be sent, and may be sent again.

use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use vitrine_http_out::Body;

/// The size of every piece but the last, in bytes. What a source gives is copied into such pieces, so that many small
/// ones do not take more memory than their bytes.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces of bytes, in order.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    pieces: Vec<Bytes>,
    last: BytesMut,
}

impl Buffer {
    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> usize {
        self.pieces.len() * PIECE_BYTES + self.last.len()
    }

    /// Adds bytes at the end.
    pub(crate) fn push(&mut self, mut bytes: Bytes) {
        while !bytes.is_empty() {
            if self.last.is_empty() {
                self.last.reserve(bytes.len().min(PIECE_BYTES));
            }
            let room = PIECE_BYTES.saturating_sub(self.last.len());
            self.last.extend_from_slice(&bytes.split_to(room.min(bytes.len())));
            if self.last.len() == PIECE_BYTES {
                self.pieces.push(self.last.split().freeze());
            }
        }
    }

    /// Takes the first `bytes` out, which are whole pieces, or all if there are not as many.
    pub(crate) fn take(&mut self, bytes: usize) -> Content {
        let whole = (bytes / PIECE_BYTES).min(self.pieces.len());
        let mut pieces: Vec<Bytes> = self.pieces.drain(..whole).collect();
        if whole * PIECE_BYTES < bytes && !self.last.is_empty() {
            pieces.push(self.last.split().freeze());
        }
        Content { pieces }
    }
}

/// What is sent by one request.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pieces: Vec<Bytes>,
}

impl Content {
    /// Its bytes, as often as they are needed.
    pub(crate) fn body(&self) -> Body {
        Body::pieces(self.pieces.iter().cloned())
    }

    /// The digest of its bytes.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.pieces.iter().for_each(|piece| hash.update(piece));
        hash.finalize().into()
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self { pieces: vec![text.into()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_taken_in_order() {
        let mut buffer = Buffer::default();
        let all: Bytes = (0..3 * PIECE_BYTES + 5).map(|n| (n % 251) as u8).collect();
        all.chunks(1000).for_each(|piece| buffer.push(Bytes::copy_from_slice(piece)));
        assert_eq!(buffer.bytes(), all.len());
        let (first, rest) = (buffer.take(2 * PIECE_BYTES), buffer.take(usize::MAX));
        assert_eq!(first.body().length(), Some(2 * PIECE_BYTES as u64));
        assert_eq!([first.pieces.concat(), rest.pieces.concat()].concat(), all);
        assert_eq!((buffer.bytes(), buffer.take(usize::MAX).body().length()), (0, Some(0)));
    }
}
