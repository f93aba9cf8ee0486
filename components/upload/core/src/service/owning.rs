//! What owners do with their photos, and what others see of them.
use std::time::Duration;

use uuid::Uuid;
use vitrine_blob::{BlobStream, Manifest};
use vitrine_clock::Timestamp;
use vitrine_db::Transaction;

use super::Upload;
use crate::error::UploadError;
use crate::events::Herald;
use crate::model::{Change, Photo};
use crate::store;

/// How long a photo that was deleted can be restored.
const RESTORABLE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Deleted photos that one sweep takes away for good.
const PURGED: u32 = 100;

/// Which photos of an account are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that are there.
    There,
    /// Those that are deleted and can be restored.
    Deleted,
}

impl Upload {
    /// What was deleted before cannot be restored any more.
    fn restorable_since(&self) -> Timestamp {
        self.clock.now() - RESTORABLE
    }

    /// Tells of photos that are gone.
    pub(crate) fn herald(&self) -> Herald {
        Herald { ids: self.ids.clone(), clock: self.clock.clone() }
    }

    /// One photo, for the account that looks, if any does: everybody sees one that is not private. One that was deleted is seen by
    /// its owner, who can restore it.
    ///
    /// # Errors
    /// [`UploadError::NotFound`] also for a photo that is not to be seen: whether it exists is not theirs to know.
    pub async fn photo(&self, viewer: Option<&str>, id: Uuid) -> Result<Photo, UploadError> {
        let photo = store::find(&self.db, id).await?;
        let seen = photo.filter(|photo| photo.is_seen_by(viewer, self.restorable_since()));
        seen.ok_or(UploadError::NotFound)
    }

    /// At most `limit` photos of `owner` that are older than `before`, newest first, and whether there are more.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn photos(
        &self,
        owner: &str,
        listed: Listed,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<Photo>, bool), UploadError> {
        let deleted_since = (listed == Listed::Deleted).then(|| self.restorable_since());
        let mut photos = store::list(&self.db, owner, deleted_since, before, limit + 1).await?;
        let more = photos.len() > limit as usize;
        photos.truncate(limit as usize);
        Ok((photos, more))
    }

    /// Changes what `owner` says about a photo, if `expected` is true of the photo as it is: the state that the caller knows.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::NotYours`], [`UploadError::Deleted`], [`UploadError::Changed`], or a failure of
    /// the database.
    pub async fn update(
        &self,
        owner: &str,
        id: Uuid,
        change: Change,
        expected: impl Fn(&Photo) -> bool + Send + Sync,
    ) -> Result<Photo, UploadError> {
        let (change, expected) = (&change, &expected);
        self.db
            .transaction(|tx| async move {
                let mut photo = self.own(&tx, owner, id, expected).await?;
                if photo.deleted_at.is_some() {
                    return Err(UploadError::Deleted);
                }
                photo.details = change.clone().of(photo.details);
                store::set_details(&tx, &photo).await?;
                Ok(photo)
            })
            .await
    }

    /// Takes a photo of `owner` away, if `expected` is true of it: nobody else sees it, and the owner can restore it for 30 days.
    /// One that was deleted before stays as it is.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::NotYours`], [`UploadError::Changed`], or a failure of the database.
    pub async fn delete(
        &self,
        owner: &str,
        id: Uuid,
        expected: impl Fn(&Photo) -> bool + Send + Sync,
    ) -> Result<Photo, UploadError> {
        let (now, expected) = (self.clock.now(), &expected);
        self.db
            .transaction(|tx| async move {
                let mut photo = self.own(&tx, owner, id, expected).await?;
                if photo.deleted_at.is_none() {
                    photo.deleted_at = Some(now);
                    store::set_deleted(&tx, &photo).await?;
                }
                Ok(photo)
            })
            .await
    }

    /// Takes a photo of `owner` away for good, if `expected` is true of it, whether it was deleted before or not.
    ///
    /// # Errors
    /// As [`Upload::delete`].
    pub async fn delete_for_good(
        &self,
        owner: &str,
        id: Uuid,
        expected: impl Fn(&Photo) -> bool + Send + Sync,
    ) -> Result<(), UploadError> {
        let (herald, expected) = (&self.herald(), &expected);
        self.db
            .transaction(|tx| async move {
                self.own(&tx, owner, id, expected).await?;
                let gone = store::gone::withdraw(&tx, id).await?;
                Ok::<_, UploadError>(herald.withdrawn(&tx, &gone).await?)
            })
            .await?;
        self.ring.ring();
        // Its row leads the sweep to its bytes, if they cannot be erased now.
        if let Err(error) = self.discard(id).await {
            tracing::warn!(photo = %id, %error, "the original of a photo is left to the sweep");
        }
        Ok(())
    }

    /// Gives a photo that was deleted back to `owner`, if `expected` is true of it. One that was not stays as it is.
    ///
    /// # Errors
    /// As [`Upload::delete`].
    pub async fn restore(
        &self,
        owner: &str,
        id: Uuid,
        expected: impl Fn(&Photo) -> bool + Send + Sync,
    ) -> Result<Photo, UploadError> {
        let expected = &expected;
        self.db
            .transaction(|tx| async move {
                let mut photo = self.own(&tx, owner, id, expected).await?;
                if photo.deleted_at.take().is_some() {
                    store::set_deleted(&tx, &photo).await?;
                }
                Ok(photo)
            })
            .await
    }

    /// The bytes of a photo as `owner` has sent them.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::NotYours`], [`UploadError::Deleted`], or a failure below.
    pub async fn original(&self, owner: &str, id: Uuid) -> Result<(Manifest, BlobStream), UploadError> {
        self.downloadable(owner, id).await?;
        self.originals.get(&id.to_string()).await?.ok_or(UploadError::NotFound)
    }

    /// What is known of the bytes of a photo that `owner` may have.
    ///
    /// # Errors
    /// As [`Upload::original`].
    pub async fn original_head(&self, owner: &str, id: Uuid) -> Result<Manifest, UploadError> {
        self.downloadable(owner, id).await?;
        self.originals.head(&id.to_string()).await?.ok_or(UploadError::NotFound)
    }

    async fn downloadable(&self, owner: &str, id: Uuid) -> Result<(), UploadError> {
        let photo = self.photo(Some(owner), id).await?;
        if photo.owner.id != owner {
            return Err(UploadError::NotYours);
        }
        if photo.deleted_at.is_some() { Err(UploadError::Deleted) } else { Ok(()) }
    }

    /// A photo that `owner` may change, as it is in the transaction that changes it.
    async fn own(
        &self,
        tx: &Transaction,
        owner: &str,
        id: Uuid,
        expected: &(impl Fn(&Photo) -> bool + Send + Sync),
    ) -> Result<Photo, UploadError> {
        let photo = store::find_in(tx, id).await?;
        let seen = photo.filter(|photo| photo.is_seen_by(Some(owner), self.restorable_since()));
        let photo = seen.ok_or(UploadError::NotFound)?;
        if photo.owner.id != owner {
            return Err(UploadError::NotYours);
        }
        if expected(&photo) { Ok(photo) } else { Err(UploadError::Changed) }
    }

    /// Takes away for good what was deleted too long ago to be restored. The bytes go as those of uploads that were cut off.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub(super) async fn purge(&self) -> Result<(), UploadError> {
        let (herald, before) = (&self.herald(), self.restorable_since());
        let purged = self
            .db
            .transaction(|tx| async move {
                let mut purged = 0;
                for id in store::gone::expired(&tx, before, PURGED).await? {
                    let gone = store::gone::withdraw(&tx, id).await?;
                    herald.withdrawn(&tx, &gone).await?;
                    purged += gone.len();
                }
                Ok::<_, UploadError>(purged)
            })
            .await?;
        if purged > 0 {
            tracing::info!(photos = purged, "deleted photos are purged");
            self.ring.ring();
        }
        Ok(())
    }
}
