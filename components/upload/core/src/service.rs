//! The use cases. No SQL text, no HTTP.
mod owning;
mod quota;
mod receiving;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use vitrine_blob::Blobs;
use vitrine_clock::Clock;
use vitrine_db::Db;
use vitrine_events::Ring;
use vitrine_idempotency::Idempotency;
use vitrine_random::{Ids, Random};

use crate::error::UploadError;
use crate::events::photo_of;
use crate::model::{Outcome, RenditionPath, Verdict};
use crate::store;

pub use owning::Listed;
pub use receiving::{Keyed, Sent};

/// Tries at decoding that may die before a photo is given up. Each death costs the worker its instance.
const DEADLY_TRIES: u32 = 2;

/// An upload that takes longer than this was cut off.
const LONGEST_UPLOAD: Duration = Duration::from_secs(3600);

/// Unfinished uploads that one sweep clears away.
const SWEEP: u32 = 100;

/// How long it is known that an account is gone: longer than an upload takes that began with one of its tokens.
const GONE_KNOWN: Duration = Duration::from_secs(24 * 3600);

/// What the deployment decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest original, in bytes.
    pub max_bytes: u64,
    /// The most bytes of all originals of an account, those of deleted photos among them.
    pub quota_bytes: u64,
    /// The most photos of an account, deleted ones among them.
    pub quota_photos: u64,
}

/// The service, on its ports. Clones are the same service.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Photos, renditions and the outbox; migrated.
    pub db: Db,
    /// Where originals are kept, each under its photo's id.
    pub originals: Blobs,
    /// Tells the relay of events.
    pub ring: Arc<dyn Ring>,
    /// Of everything that is stored.
    pub clock: Arc<dyn Clock>,
    /// Spreads what is tried again.
    pub random: Arc<dyn Random>,
    /// Of photos and events.
    pub ids: Ids,
    /// What the deployment decides.
    pub settings: Arc<Settings>,
}

impl Upload {
    /// The keys of requests that may be sent twice.
    #[must_use]
    pub fn keys(&self) -> Idempotency {
        Idempotency::new(self.db.clone(), Arc::clone(&self.clock), self.ids.clone())
    }

    /// Takes away what was deleted long ago, and clears away uploads that were cut off by the end of a process.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn sweep(&self) -> Result<(), UploadError> {
        store::gone::forget_owners(&self.db, self.clock.now() - GONE_KNOWN).await?;
        self.purge().await?;
        for id in store::unfinished(&self.db, self.clock.now() - LONGEST_UPLOAD, SWEEP).await? {
            if self.discard(id).await? {
                tracing::info!(photo = %id, "cleared away an upload that did not end in time");
            }
        }
        Ok(())
    }

    /// Records that the worker begins to decode a photo, and says whether it may. The third try after two that never
    /// ended is refused and the photo rejected: whatever it is, it kills what touches it.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::ForeignEvent`], or a failure of the database.
    pub async fn begin_attempt(&self, id: Uuid, event: Uuid) -> Result<(u32, Verdict), UploadError> {
        self.db
            .transaction(|tx| async move {
                let (status, attempts) = store::progress(&tx, id).await?.ok_or(UploadError::NotFound)?;
                if photo_of(&tx, event).await? != Some(id) {
                    return Err(UploadError::ForeignEvent);
                }
                let verdict = store::verdict(status, attempts, DEADLY_TRIES);
                match verdict {
                    Verdict::Go => store::count_attempt(&tx, id).await?,
                    Verdict::Stop => {
                        let reason = "The picture could not be processed: it stopped the decoder twice.".to_owned();
                        store::finish(&tx, id, &Outcome::Rejected { reason }).await?;
                    }
                }
                Ok((attempts + 1, verdict))
            })
            .await
    }

    /// Notes what the worker is about to write below a photo, such as `small/` and a digest: by this it is removed when the
    /// photo is deleted. Noting it again changes nothing.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], also for a photo that was deleted: then nothing must be written;
    /// [`UploadError::ForeignEvent`], [`UploadError::InvalidOutcome`], or a failure of the database.
    pub async fn will_write(&self, id: Uuid, event: Uuid, paths: &[RenditionPath]) -> Result<(), UploadError> {
        let paths = &paths.iter().map(RenditionPath::to_string).collect::<Vec<_>>();
        self.db
            .transaction(|tx| async move {
                store::progress(&tx, id).await?.ok_or(UploadError::NotFound)?;
                if photo_of(&tx, event).await? != Some(id) {
                    return Err(UploadError::ForeignEvent);
                }
                Ok(store::gone::note_written(&tx, id, paths).await?)
            })
            .await
    }

    /// Records that the decoder has come back from a try, whatever it found. So only tries that never came back count.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn end_attempt(&self, id: Uuid, attempt: u32) -> Result<(), UploadError> {
        Ok(store::end_attempt(&self.db, id, attempt).await?)
    }

    /// Ends a photo with what the worker found. The first end counts; reporting again changes nothing.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::ForeignEvent`], [`UploadError::InvalidOutcome`], or a failure of the
    /// database.
    pub async fn finish(&self, id: Uuid, event: Uuid, outcome: Outcome) -> Result<(), UploadError> {
        outcome.check()?;
        self.db
            .transaction(|tx| {
                let outcome = outcome.clone();
                async move {
                    store::progress(&tx, id).await?.ok_or(UploadError::NotFound)?;
                    if photo_of(&tx, event).await? != Some(id) {
                        return Err(UploadError::ForeignEvent);
                    }
                    Ok(store::finish(&tx, id, &outcome).await?)
                }
            })
            .await
    }
}
