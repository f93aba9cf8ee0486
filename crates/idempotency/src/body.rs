//! The digest of a body that is not kept.

use crate::fingerprint::hex;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use sha2::{Digest, Sha256};
use std::pin::pin;

/// Why a body could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable<E> {
    /// It is longer than that many bytes.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// It broke off.
    #[error("{0}")]
    Source(E),
}

/// Reads a body of at most `limit` bytes and drops it; gives how many bytes there were, and their SHA-256 in lower-case
/// hexadecimal.
///
/// # Errors
/// See [`Unreadable`].
pub async fn sha256_of<E>(
    body: impl Stream<Item = Result<Bytes, E>>,
    limit: u64,
) -> Result<(u64, String), Unreadable<E>> {
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    let mut body = pin!(body);
    while let Some(part) = body.next().await {
        let part = part.map_err(Unreadable::Source)?;
        bytes = bytes.saturating_add(part.len() as u64);
        if bytes > limit {
            return Err(Unreadable::TooLarge(limit));
        }
        hash.update(&part);
    }
    Ok((bytes, hex(&hash.finalize())))
}
