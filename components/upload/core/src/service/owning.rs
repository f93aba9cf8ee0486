//! What owners do with their photos, and what others see of them.
use uuid::Uuid;

use super::Upload;
use crate::error::UploadError;
use crate::model::Photo;
use crate::store;

impl Upload {
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
}
