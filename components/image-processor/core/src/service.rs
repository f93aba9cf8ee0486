//! One photo, from original to report.
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use vitrine_blob::Blobs;

use crate::engine::{Engine, Failure, Quantity, Rendered};
use crate::error::ProcessError;
use crate::events::Job;
use crate::reasons::reason;
use crate::report::{Outcome, Owner, Stored, Verdict};

/// The longest original that is read into memory, in bytes: what the engine accepts.
const LONGEST_ORIGINAL: u64 = 50 << 20;

/// The worker, on its ports. Clones are the same worker.
#[derive(Debug, Clone)]
pub struct Processor {
    originals: Blobs,
    derivatives: Blobs,
    engine: Arc<dyn Engine>,
    owner: Owner,
}

impl Processor {
    /// `originals` are only read, `derivatives` only written.
    pub fn new(originals: Blobs, derivatives: Blobs, engine: Arc<dyn Engine>, owner: Owner) -> Self {
        Self { originals, derivatives, engine, owner }
    }

    /// Does the work. When this returns without an error, the owner knows the end of the photo, so that the event needs
    /// no further delivery.
    ///
    /// # Errors
    /// [`ProcessError`]: the event is to be delivered again.
    pub async fn process(&self, job: &Job) -> Result<(), ProcessError> {
        // The original is read before the attempt is announced: between the announcement and its end there is as little
        // as can be that might die for another reason than the picture.
        let original = self.original(job).await?;
        let attempt = match self.owner.begin_attempt(job).await? {
            Some(attempt) if attempt.verdict == Verdict::Go => attempt.attempt,
            known => {
                tracing::info!(photo = %job.photo, event = %job.event, known = known.is_some(), "not to be tried");
                return Ok(());
            }
        };
        let result = original.and_then(|original| self.engine.render(&original));
        // The decoder has come back, so the attempt was not deadly. Whoever dies while the renditions are stored, or is
        // too slow at it, must not count as killed by the picture.
        self.end_attempt(job, attempt).await;
        let reported = self.store_and_report(job, result).await;
        if let Err(error) = &reported {
            tracing::warn!(photo = %job.photo, event = %job.event, attempt, %error, "to be processed again");
            // The owner may have been away the first time; ending an attempt again changes nothing.
            self.end_attempt(job, attempt).await;
        }
        reported
    }

    async fn end_attempt(&self, job: &Job, attempt: u32) {
        if let Err(error) = self.owner.end_attempt(job, attempt).await {
            tracing::warn!(photo = %job.photo, event = %job.event, attempt, %error, "an attempt stays counted");
        }
    }

    async fn store_and_report(&self, job: &Job, result: Result<Rendered, Failure>) -> Result<(), ProcessError> {
        let outcome = match result {
            Ok(rendered) => self.store(job, rendered).await?,
            Err(failure) => {
                tracing::info!(photo = %job.photo, event = %job.event, ?failure, "rejected");
                Outcome::Rejected { reason: reason(failure) }
            }
        };
        self.owner.finish(job, &outcome).await
    }

    /// The whole original, if it is what the event says.
    async fn original(&self, job: &Job) -> Result<Result<Bytes, Failure>, ProcessError> {
        if job.bytes > LONGEST_ORIGINAL {
            let (quantity, limit) = (Quantity::Bytes, LONGEST_ORIGINAL);
            return Ok(Err(Failure::TooLarge { quantity, value: job.bytes, limit }));
        }
        let key = job.photo.to_string();
        let (manifest, mut chunks) = self.originals.get(&key).await?.ok_or(ProcessError::NoOriginal)?;
        let damaged = |reason: &str| {
            ProcessError::Original(vitrine_blob::BlobError::Damaged { key: key.clone(), reason: reason.to_owned() })
        };
        if manifest.bytes != job.bytes {
            return Err(damaged("its size is not the event's"));
        }
        let mut original = BytesMut::with_capacity(usize::try_from(job.bytes).unwrap_or(0));
        while let Some(chunk) = chunks.next().await {
            original.extend_from_slice(&chunk?);
        }
        if hex(&Sha256::digest(&original)) != job.sha256 {
            return Err(damaged("its digest is not the event's"));
        }
        Ok(Ok(original.freeze()))
    }

    /// Writes every rendition under a key that its content decides, so that writing again changes nothing.
    async fn store(&self, job: &Job, rendered: Rendered) -> Result<Outcome, ProcessError> {
        let Rendered { width, height, renditions } = rendered;
        let mut stored = Vec::with_capacity(renditions.len());
        for rendition in renditions {
            let (sha256, bytes) = (hex(&Sha256::digest(&rendition.bytes)), rendition.bytes.len() as u64);
            let key = format!("{}/{}/{sha256}", job.photo, rendition.name);
            let known = self.derivatives.head(&key).await.map_err(ProcessError::Derivatives)?;
            if known.is_none() {
                let source = stream::iter([Ok::<_, Infallible>(Bytes::from(rendition.bytes))]);
                self.derivatives.put(&key, source, bytes).await?;
            }
            stored.push(Stored {
                name: rendition.name,
                width: rendition.width,
                height: rendition.height,
                media_type: rendition.media.media_type(),
                bytes,
                sha256,
            });
        }
        Ok(Outcome::Processed { width, height, renditions: stored })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
