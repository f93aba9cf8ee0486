//! The use cases. No SQL text, no HTTP.
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use uuid::Uuid;
use vitrine_blob::{Blobs, PutError};
use vitrine_clock::Clock;
use vitrine_db::{Db, DbError};
use vitrine_events::{Event, Outbox, Ring, committed};
use vitrine_idempotency::{Answer, Answered, Held, Idempotency, Recorded, Unreadable, sha256_of};
use vitrine_random::{Ids, Random};

use crate::error::UploadError;
use crate::events::{PHOTO_UPLOADED, PhotoUploaded, SOURCE, photo_of};
use crate::model::{Outcome, Photo, PhotoStatus, RenditionPath, Title, Verdict};
use crate::store;

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
}

/// The key of an upload, and the answer that it keeps.
#[derive(Debug)]
pub struct Keyed {
    /// The key, which no other request has meanwhile.
    pub held: Held,
    /// What a photo that was received is answered with.
    pub answer: fn(&Photo) -> Result<Answer, vitrine_idempotency::Error>,
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
    /// Takes a photo in: a row that nobody sees, then the bytes, then, in one transaction, the photo, its event, and the
    /// answer of its key if it has one. `declared` is the length that the sender announced. After an error nothing of it
    /// is left; if this is dropped half-way, the sweep clears it away.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn receive<E: fmt::Display + Send>(
        &self,
        owner: &str,
        title: Title,
        declared: Option<u64>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
        keyed: Option<Keyed>,
    ) -> Result<Photo, UploadError> {
        let result = self.take_in(owner, title, declared, body, keyed.as_ref()).await;
        if let (Err(_), Some(keyed)) = (&result, keyed) {
            keyed.held.release().await;
        }
        result
    }

    async fn take_in<E: fmt::Display + Send>(
        &self,
        owner: &str,
        title: Title,
        declared: Option<u64>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
        keyed: Option<&Keyed>,
    ) -> Result<Photo, UploadError> {
        let limit = self.settings.max_bytes;
        match declared {
            Some(0) => return Err(UploadError::Empty),
            Some(length) if length > limit => return Err(UploadError::TooLarge { limit }),
            _ => {}
        }
        let photo = Photo {
            id: self.ids.next(),
            owner_id: owner.to_owned(),
            title,
            status: PhotoStatus::Received,
            rejection: None,
            size: None,
            renditions: Vec::new(),
            created_at: self.clock.now(),
        };
        let id = photo.id;
        store::insert(&self.db, id, owner, &photo.title, photo.created_at).await?;
        match self.take(&photo, declared, body, keyed).await {
            Ok(()) => Ok(photo),
            // Whether the database kept it is not known then; if not, the sweep finds its row.
            Err(error @ UploadError::Db(_)) => Err(error),
            Err(error) => {
                // The sender learns of the first error; what cannot be cleared now, the sweep finds by its row.
                if let Err(second) = self.discard(id).await {
                    tracing::warn!(photo = %id, error = %second, "an upload that failed could not be cleared away");
                }
                Err(error)
            }
        }
    }

    async fn take<E: fmt::Display + Send>(
        &self,
        photo: &Photo,
        declared: Option<u64>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
        keyed: Option<&Keyed>,
    ) -> Result<(), UploadError> {
        let (id, limit) = (photo.id, self.settings.max_bytes);
        let stored = self.originals.put(&id.to_string(), body, limit).await.map_err(|error| match error {
            PutError::TooLarge { limit } => UploadError::TooLarge { limit },
            PutError::Source(error) => UploadError::Truncated(error.to_string()),
            PutError::Store(error) => UploadError::Blob(error),
        })?;
        match declared {
            Some(length) if length != stored.bytes => {
                return Err(UploadError::Truncated(format!("{} of {length} bytes came", stored.bytes)));
            }
            _ if stored.bytes == 0 => return Err(UploadError::Empty),
            _ => {}
        }
        let uploaded = PhotoUploaded { photo_id: id, bytes: stored.bytes, sha256: &stored.sha256 };
        let subject = id.to_string();
        let event =
            &Event::new(&self.ids, &*self.clock, SOURCE, PHOTO_UPLOADED, &subject, &uploaded).map_err(DbError::from)?;
        let kept = keyed.map(|keyed| Ok::<_, UploadError>((keyed.held.clone(), (keyed.answer)(photo)?))).transpose()?;
        let received = self
            .db
            .transaction(|tx| {
                let (sha256, kept) = (stored.sha256.clone(), kept.clone());
                async move {
                    let received = store::receive(&tx, id, stored.bytes, &sha256).await?;
                    if received {
                        Outbox::append(&tx, event).await?;
                        if let Some((held, answer)) = kept {
                            held.complete(&tx, &sha256, &answer).await?;
                        }
                    }
                    Ok::<_, UploadError>(received)
                }
            })
            .await?;
        // A sweep discards it, where an upload took longer than any is allowed to; or its account is gone.
        if !received {
            return Err(UploadError::Truncated("it took too long, or the account is gone".to_owned()));
        }
        committed(&*self.ring, [event]);
        Ok(())
    }

    /// The first answer again, for an upload whose key has one: the bytes are read, to see that they are the same, and
    /// dropped.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn again<E: fmt::Display + Send>(
        &self,
        first: Recorded,
        declared: Option<u64>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Answered, UploadError> {
        let read = sha256_of(body, self.settings.max_bytes).await;
        let (bytes, sha256) = read.map_err(|error| match error {
            Unreadable::TooLarge(limit) => UploadError::TooLarge { limit },
            Unreadable::Source(error) => UploadError::Truncated(error.to_string()),
        })?;
        match declared {
            Some(length) if length != bytes => Err(UploadError::Truncated(format!("{bytes} of {length} bytes came"))),
            _ => Ok(first.replay(&sha256)?),
        }
    }

    /// The keys of requests that may be sent twice.
    #[must_use]
    pub fn keys(&self) -> Idempotency {
        Idempotency::new(self.db.clone(), Arc::clone(&self.clock), self.ids.clone())
    }

    /// First nobody can receive it any more, so that no photo loses its bytes. Then the bytes go: without its row nobody would
    /// know of them. If this is cut off, the sweep does it again.
    /// False if it was received before.
    async fn discard(&self, id: Uuid) -> Result<bool, UploadError> {
        if !store::discard(&self.db, id).await? {
            return Ok(false);
        }
        self.originals.delete(&id.to_string()).await?;
        store::forget(&self.db, id).await?;
        Ok(true)
    }

    /// Clears away uploads that were cut off by the end of a process.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn sweep(&self) -> Result<(), UploadError> {
        store::gone::forget_owners(&self.db, self.clock.now() - GONE_KNOWN).await?;
        for id in store::unfinished(&self.db, self.clock.now() - LONGEST_UPLOAD, SWEEP).await? {
            if self.discard(id).await? {
                tracing::info!(photo = %id, "cleared away an upload that did not end in time");
            }
        }
        Ok(())
    }

    /// One photo of `owner`.
    ///
    /// # Errors
    /// [`UploadError::NotFound`] also for a photo of somebody else: whether it exists is not theirs to know.
    pub async fn photo(&self, owner: &str, id: Uuid) -> Result<Photo, UploadError> {
        store::find(&self.db, owner, id).await?.ok_or(UploadError::NotFound)
    }

    /// At most `limit` photos of `owner` that are older than `before`, newest first, and whether there are more.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn photos(
        &self,
        owner: &str,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<Photo>, bool), UploadError> {
        let mut photos = store::list(&self.db, owner, before, limit + 1).await?;
        let more = photos.len() > limit as usize;
        photos.truncate(limit as usize);
        Ok((photos, more))
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
