//! How much an account may have.
use super::Upload;
use crate::error::UploadError;
use crate::store::{self, At};

impl Upload {
    /// Refuses a photo of so many bytes for which there is no room beside what the account has.
    ///
    /// # Errors
    /// [`UploadError::TooManyPhotos`], [`UploadError::TooManyBytes`], or a failure of the database.
    pub(super) async fn has_room(&self, at: At<'_>, owner: &str, bytes: u64) -> Result<(), UploadError> {
        let (photos, used) = store::usage(at, owner).await?;
        let (most_photos, most_bytes) = (self.settings.quota_photos, self.settings.quota_bytes);
        if photos >= most_photos {
            return Err(UploadError::TooManyPhotos { most: most_photos });
        }
        if used.saturating_add(bytes) > most_bytes {
            return Err(UploadError::TooManyBytes { most: most_bytes, used });
        }
        Ok(())
    }
}
