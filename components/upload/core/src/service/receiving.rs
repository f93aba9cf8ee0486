//! Taking photos in.
use std::fmt;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use vitrine_blob::{PutError, hex};
use vitrine_db::DbError;
use vitrine_events::{Event, Outbox, committed};
use vitrine_idempotency::{Answer, Answered, Held, Recorded, Unreadable, sha256_of};

use super::Upload;
use crate::error::UploadError;
use crate::events::{PHOTO_UPLOADED, PhotoUploaded, SOURCE};
use crate::model::{Details, Owner, Photo, PhotoStatus};
use crate::store::{self, At};

/// The key of an upload, and the answer that it keeps.
#[derive(Debug)]
pub struct Keyed {
    /// The key, which no other request has meanwhile.
    pub held: Held,
    /// What a photo that was received is answered with.
    pub answer: fn(&Photo) -> Result<Answer, vitrine_idempotency::Error>,
}

/// What is sent of a photo: its bytes first, then what the owner says about it, which may come after them.
pub struct Sent {
    /// The length that the sender announced.
    pub declared: Option<u64>,
    /// The bytes, or why they do not go on.
    pub body: BoxStream<'static, Result<Bytes, String>>,
    /// What the owner says. It is asked for once the bytes have come.
    pub details: BoxFuture<'static, Result<Details, UploadError>>,
}

impl fmt::Debug for Sent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sent").field("declared", &self.declared).finish_non_exhaustive()
    }
}

/// Whether as many bytes came as were announced.
fn check(declared: Option<u64>, bytes: u64) -> Result<(), UploadError> {
    match declared {
        Some(length) if length != bytes => Err(UploadError::Truncated(format!("{bytes} of {length} bytes came"))),
        _ if bytes == 0 => Err(UploadError::Empty),
        _ => Ok(()),
    }
}

/// What tells one upload from another: the digest of the picture and of what is said about it.
fn fingerprint(sha256: &str, details: &Details) -> String {
    hex(&Sha256::digest(format!("{sha256}\n{}", details.canonical())))
}

impl Upload {
    /// Takes a photo in: a row that nobody sees, then the bytes, then, in one transaction, the photo, its event, and the
    /// answer of its key if it has one. After an error nothing of it is left; if this is dropped half-way, the sweep clears it
    /// away.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn receive(&self, owner: Owner, sent: Sent, keyed: Option<Keyed>) -> Result<Photo, UploadError> {
        let result = self.take_in(owner, sent, keyed.as_ref()).await;
        if let (Err(_), Some(keyed)) = (&result, keyed) {
            keyed.held.release().await;
        }
        result
    }

    async fn take_in(&self, owner: Owner, sent: Sent, keyed: Option<&Keyed>) -> Result<Photo, UploadError> {
        let limit = self.settings.max_bytes;
        match sent.declared {
            Some(0) => return Err(UploadError::Empty),
            Some(length) if length > limit => return Err(UploadError::TooLarge { limit }),
            _ => {}
        }
        // Counted again when it is received: what comes meanwhile counts too. This only saves who has no room from sending it all.
        self.has_room(At::Db(&self.db), &owner.id, sent.declared.unwrap_or(1)).await?;
        let mut photo = Photo {
            id: self.ids.next(),
            owner,
            details: Details::default(),
            status: PhotoStatus::Received,
            rejection: None,
            size: None,
            renditions: Vec::new(),
            created_at: self.clock.now(),
            deleted_at: None,
        };
        let id = photo.id;
        store::insert(&self.db, id, &photo.owner, photo.created_at).await?;
        match self.take(&mut photo, sent, keyed).await {
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

    async fn take(&self, photo: &mut Photo, sent: Sent, keyed: Option<&Keyed>) -> Result<(), UploadError> {
        let (id, limit, sent_as) = (photo.id.to_string(), self.settings.max_bytes, sent.declared);
        let stored = self.originals.put(&id, sent.body, limit).await.map_err(|error| match error {
            PutError::TooLarge { limit } => UploadError::TooLarge { limit },
            PutError::Source(why) => UploadError::Truncated(why),
            PutError::Store(error) => UploadError::Blob(error),
        })?;
        check(sent_as, stored.bytes)?;
        photo.details = sent.details.await?;
        let uploaded = PhotoUploaded { photo_id: photo.id, bytes: stored.bytes, sha256: &stored.sha256 };
        let event =
            &Event::new(&self.ids, &*self.clock, SOURCE, PHOTO_UPLOADED, &id, &uploaded).map_err(DbError::from)?;
        let kept = keyed.map(|keyed| Ok::<_, UploadError>((keyed.held.clone(), (keyed.answer)(photo)?))).transpose()?;
        let (photo, stored) = (&*photo, &stored);
        let received = self
            .db
            .transaction(|tx| {
                let kept = kept.clone();
                async move {
                    self.has_room(At::Transaction(&tx), &photo.owner.id, stored.bytes).await?;
                    let received = store::receive(&tx, photo, stored.bytes, &stored.sha256).await?;
                    if received {
                        Outbox::append(&tx, event).await?;
                        if let Some((held, answer)) = kept {
                            held.complete(&tx, &fingerprint(&stored.sha256, &photo.details), &answer).await?;
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
    pub async fn again(&self, first: Recorded, sent: Sent) -> Result<Answered, UploadError> {
        let read = sha256_of(sent.body, self.settings.max_bytes).await;
        let (bytes, sha256) = read.map_err(|error| match error {
            Unreadable::TooLarge(limit) => UploadError::TooLarge { limit },
            Unreadable::Source(why) => UploadError::Truncated(why),
        })?;
        check(sent.declared, bytes)?;
        let details = sent.details.await?;
        Ok(first.replay(&fingerprint(&sha256, &details))?)
    }

    /// First nobody can receive it any more, so that no photo loses its bytes. Then the bytes go: without its row nobody would
    /// know of them. If this is cut off, the sweep does it again.
    /// False if it was received before.
    pub(super) async fn discard(&self, id: Uuid) -> Result<bool, UploadError> {
        if !store::discard(&self.db, id).await? {
            return Ok(false);
        }
        self.originals.delete(&id.to_string()).await?;
        store::forget(&self.db, id).await?;
        Ok(true)
    }
}
