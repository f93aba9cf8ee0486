//! Writing an object by one request, or by many.

use crate::{
    Inner,
    buffer::{Buffer, Content},
    read::SHA256,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::sync::atomic::Ordering;
use vitrine_blob::{BlobError, Manifest, PutFailure, Source, hex};

/// The largest blob that is put by one request, in bytes. As much of it is in memory, in four puts at once; the others
/// go on in parts when they have more than [`PART_BYTES`].
pub const SINGLE_BYTES: u64 = 16 << 20;

/// The size of every part but the last of what is put by many requests, in bytes. Two of them are in memory at most.
pub const PART_BYTES: u64 = 8 << 20;

/// The digest of what is sent, which the server checks.
pub(crate) const CHECKSUM: &str = "x-amz-checksum-sha256";

impl Inner {
    /// Where the size of a blob is not known, its first bytes are kept until it ends or [`SINGLE_BYTES`] are exceeded.
    /// While many blobs come in at once, some are put in parts from [`PART_BYTES`] on, so that memory stays bounded.
    pub(crate) async fn write(&self, key: &str, mut source: Source<'_>) -> Result<Manifest, PutFailure> {
        let (mut buffer, mut hash, mut seat) = (Buffer::default(), Sha256::new(), None);
        while let Some(piece) = source.next().await {
            let piece = piece?;
            hash.update(&piece);
            buffer.push(piece);
            if seat.is_none() && buffer.bytes() as u64 > PART_BYTES {
                seat = self.seats.take();
                if seat.is_none() {
                    return self.write_parts(key, source, buffer, hash).await;
                }
            }
            if buffer.bytes() as u64 > SINGLE_BYTES {
                return self.write_parts(key, source, buffer, hash).await;
            }
        }
        let bytes = buffer.bytes() as u64;
        let digest = hash.finalize();
        let manifest = Manifest { bytes, sha256: hex(&digest) };
        let metadata = [(SHA256, manifest.sha256.clone())];
        self.write_object(key, &buffer.take(usize::MAX), &digest, &metadata).await?;
        Ok(manifest)
    }

    /// Puts an object by one request; `digest` is the SHA-256 of its content, which the server checks.
    pub(crate) async fn write_object(
        &self,
        key: &str,
        content: &Content,
        digest: &[u8],
        metadata: &[(&'static str, String)],
    ) -> Result<(), BlobError> {
        let mut headers = vec![(CHECKSUM, checksum(digest))];
        headers.extend_from_slice(metadata);
        let answer = self
            .send(|| {
                let action = self.signer.bucket.put_object(Some(&self.signer.credentials), key);
                self.signer.request(self.ports.clock.now(), action, &headers, content.body())
            })
            .await?;
        if !answer.status.is_success() {
            return Err(self.error(&answer));
        }
        self.bucket_seen.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A digest as S3 has it in headers.
pub(crate) fn checksum(sha256: &[u8]) -> String {
    BASE64.encode(sha256)
}
