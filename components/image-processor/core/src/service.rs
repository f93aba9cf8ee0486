//! One photo, from original to report.
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use vitrine_blob::Blobs;

use crate::engine::{Engine, Failure, Quantity, Rendered, Rendition};
use crate::error::ProcessError;
use crate::events::{Job, Removal};
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
    /// `originals` are only read, `derivatives` only written and removed.
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
        let original = match self.original(job).await {
            // Its owner removes it when the photo is deleted.
            Err(ProcessError::NoOriginal) if self.is_over(job).await? => return Ok(()),
            original => original?,
        };
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
        let (outcome, written) = match result {
            Ok(Rendered { width, height, renditions: rendered }) => {
                let renditions: Vec<_> = rendered.iter().map(described).collect();
                let written: Vec<_> = renditions.iter().map(Stored::path).collect();
                if !self.owner.will_write(job, &written).await? {
                    tracing::info!(photo = %job.photo, event = %job.event, "deleted meanwhile; nothing is written");
                    return Ok(());
                }
                for (stored, rendition) in renditions.iter().zip(rendered) {
                    self.store(job, stored, rendition.bytes).await?;
                }
                (Outcome::Processed { width, height, renditions }, written)
            }
            Err(failure) => {
                tracing::info!(photo = %job.photo, event = %job.event, ?failure, "rejected");
                (Outcome::Rejected { reason: reason(failure) }, Vec::new())
            }
        };
        if self.owner.finish(job, &outcome).await? {
            return Ok(());
        }
        // Its owner has it removed once this event has ended; but if this took longer than anybody waited, that is over.
        tracing::info!(photo = %job.photo, event = %job.event, "deleted meanwhile; what was written is removed");
        self.remove(&Removal { photo: job.photo, paths: written }).await
    }

    /// Removes what was written of a photo that is gone, or may have been. Removing it again changes nothing.
    ///
    /// # Errors
    /// [`ProcessError`]: the event is to be delivered again.
    pub async fn remove(&self, removal: &Removal) -> Result<(), ProcessError> {
        for path in &removal.paths {
            self.derivatives.delete(&path.key(removal.photo)).await.map_err(ProcessError::Derivatives)?;
        }
        Ok(())
    }

    /// Whether the owner of an original that is not there waits for its photo no more.
    async fn is_over(&self, job: &Job) -> Result<bool, ProcessError> {
        match self.owner.begin_attempt(job).await? {
            Some(attempt) if attempt.verdict == Verdict::Go => {
                self.end_attempt(job, attempt.attempt).await;
                Ok(false)
            }
            _ => Ok(true),
        }
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

    /// Writes a rendition under a key that its content decides, so that writing again changes nothing.
    async fn store(&self, job: &Job, stored: &Stored, bytes: Vec<u8>) -> Result<(), ProcessError> {
        let key = stored.path().key(job.photo);
        if self.derivatives.head(&key).await.map_err(ProcessError::Derivatives)?.is_some() {
            return Ok(());
        }
        let source = stream::iter([Ok::<_, Infallible>(Bytes::from(bytes))]);
        self.derivatives.put(&key, source, stored.bytes).await?;
        Ok(())
    }
}

/// What will be reported of a rendition.
fn described(it: &Rendition) -> Stored {
    Stored {
        name: it.name.clone(),
        width: it.width,
        height: it.height,
        media_type: it.media.media_type(),
        bytes: it.bytes.len() as u64,
        sha256: hex(&Sha256::digest(&it.bytes)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
