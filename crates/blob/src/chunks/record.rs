//! What stands in the key-value store under the key of a blob.

use super::CHUNK_BYTES;
use crate::Manifest;
use serde::{Deserialize, Serialize};

/// The record of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Tells the chunks of this blob from those of others that had its key.
    pub(crate) generation: String,
    /// As in [`Manifest`].
    pub(crate) bytes: u64,
    /// As in [`Manifest`].
    pub(crate) sha256: String,
}

impl Record {
    /// How many chunks it has.
    pub(crate) fn chunks(&self) -> u64 {
        self.bytes.div_ceil(CHUNK_BYTES)
    }

    /// The size of chunk `n`, if it has one.
    pub(crate) fn chunk_bytes(&self, n: u64) -> u64 {
        self.bytes.saturating_sub(n.saturating_mul(CHUNK_BYTES)).min(CHUNK_BYTES)
    }

    /// What others may know of it.
    pub(crate) fn manifest(&self) -> Manifest {
        Manifest { bytes: self.bytes, sha256: self.sha256.clone() }
    }
}

/// The key of a chunk.
pub(crate) fn chunk_key(key: &str, generation: &str, n: u64) -> String {
    format!("{key}/{generation}/{n}")
}

/// The key under which a put records its generation until its record is written.
pub(crate) fn pending_key(key: &str) -> String {
    format!("{key}/pending")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_chunks() {
        let of = |bytes| Record { generation: String::new(), bytes, sha256: String::new() };
        assert_eq!(of(0).chunks(), 0);
        assert_eq!((of(1).chunks(), of(1).chunk_bytes(0)), (1, 1));
        assert_eq!((of(CHUNK_BYTES).chunks(), of(CHUNK_BYTES).chunk_bytes(0)), (1, CHUNK_BYTES));
        let two = of(CHUNK_BYTES + 5);
        assert_eq!((two.chunks(), two.chunk_bytes(0), two.chunk_bytes(1), two.chunk_bytes(2)), (2, CHUNK_BYTES, 5, 0));
    }
}
