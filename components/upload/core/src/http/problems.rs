//! What each error says outside.
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use vitrine_blob::BlobError;
use vitrine_edge::Problem;

use crate::error::UploadError;

/// When a busy database is worth another try.
const BUSY: Duration = Duration::from_secs(1);

/// When a store that failed is worth another try.
const FAILED: Duration = Duration::from_secs(5);

/// How an account gets room.
const ROOM: &str = "Delete some permanently, or ask the operator for more room.";

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Invalid { field, why } => {
                Self::unprocessable(&format!("The {field} is not accepted: {why}.")).with_field(field, &format!("{why}."))
            }
            UploadError::Unreadable(problem) => problem,
            UploadError::InvalidOutcome(why) => Self::unprocessable(&format!("The outcome is not accepted: {why}.")),
            UploadError::Empty => {
                Self::bad_request("The body is empty. Send the bytes of a picture, with a Content-Length.")
            }
            UploadError::TooLarge { limit } => Self::too_large(&format!("Send a picture of at most {limit} bytes.")),
            UploadError::TooManyPhotos { most } => Self::conflict(&format!(
                "You have {most} photos, deleted ones among them, and may have no more. {ROOM}"
            ))
            .with_member("reason", "quota_photos"),
            UploadError::TooManyBytes { most, used } => Self::conflict(&format!(
                "Your photos have {used} bytes, deleted ones among them, and may have {most}: this one does not fit. {ROOM}"
            ))
            .with_member("reason", "quota_bytes"),
            UploadError::UnsupportedType(found) => Self::unsupported_media_type(&format!(
                "{found}. Send the bytes of a picture as they are, with Content-Type: application/octet-stream or image/….",
            )),
            UploadError::Truncated(why) => Self::bad_request(&format!(
                "The body ended before it was whole ({why}). Nothing was kept; send it again."
            )),
            UploadError::NotFound => Self::not_found("There is no such photo, or none that you may see."),
            UploadError::NotYours => Self::forbidden("The photo is somebody else's. Only its owner may do that."),
            UploadError::Deleted => Self::conflict("The photo is deleted. Restore it first."),
            UploadError::Changed => Self::precondition_failed(
                "The photo is not, or not any more, what If-Match names. Read it again, and use its new ETag.",
            ),
            UploadError::ForeignEvent => Self::conflict("That event is not about this photo."),
            UploadError::Key(error) => error.into(),
            UploadError::Db(error) if error.is_transient() => Self::unavailable(BUSY, &error),
            UploadError::Db(error) => Self::internal(&error),
            UploadError::Blob(error @ BlobError::InvalidKey(_)) => Self::internal(&error),
            UploadError::Blob(error) => Self::unavailable(FAILED, &error),
        }
    }
}

impl IntoResponse for UploadError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
