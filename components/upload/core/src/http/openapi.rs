//! The document of the routes that are open to clients.

use utoipa::{OpenApi, ToSchema};

vitrine_edge::refusals! {
    /// Of an upload.
    Uploading: BadRequest, Unauthorized, Forbidden, InProgress, TooLarge, UnsupportedMediaType, KeyReused;
    /// Of reading a photo.
    Reading: BadRequest, Unauthorized, Forbidden, NotFound, PreconditionFailed;
    /// Of a list.
    Listing: BadRequest, Unauthorized, Forbidden;
}

/// What `upload` says of a photo's way.
#[derive(ToSchema)]
#[schema(as = PhotoStatus, rename_all = "lowercase")]
#[allow(dead_code, reason = "it stands for the words of `PhotoStatus` that are seen outside")]
pub(super) enum Status {
    /// It is whole and will be processed or rejected.
    Received,
    /// It has renditions.
    Processed,
    /// It has none; `rejection` says why.
    Rejected,
}

#[derive(OpenApi)]
#[openapi(
    paths(super::photos::create, super::photos::by_id, super::photos::list),
    tags((name = "photos", description = "Photos and their renditions.")),
)]
struct Document;

/// The routes of upload as an OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PhotoStatus;

    #[test]
    fn the_words_are_those_of_the_model() {
        let schema = serde_json::to_value(<Status as utoipa::PartialSchema>::schema()).unwrap().to_string();
        for status in [PhotoStatus::Received, PhotoStatus::Processed, PhotoStatus::Rejected] {
            assert!(schema.contains(&format!("\"{}\"", status.as_str())), "{schema}");
        }
        assert!(!schema.contains(PhotoStatus::Uploading.as_str()), "it is seen by nobody");
    }
}
