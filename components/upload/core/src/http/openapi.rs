//! The document of the routes that are open to clients.

use utoipa::{OpenApi, ToSchema};

vitrine_edge::refusals! {
    /// Of an upload.
    Uploading: BadRequest, Unauthorized, Forbidden, Conflict, InProgress, TooLarge, UnsupportedMediaType, Unprocessable, KeyReused;
    /// Of reading a photo.
    Reading: BadRequest, Unauthorized, Forbidden, NotFound, PreconditionFailed;
    /// Of a change of what is said about a photo.
    Changing: BadRequest, Unauthorized, Forbidden, NotFound, Conflict, PreconditionFailed, PreconditionRequired, TooLarge,
        UnsupportedMediaType, Unprocessable;
    /// Of taking a photo away, and of giving it back.
    Moving: BadRequest, Unauthorized, Forbidden, NotFound, PreconditionFailed;
    /// Of an original.
    Downloading: Unauthorized, Forbidden, NotFound, Conflict;
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

/// Who sees a photo.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it stands for the words of the model's `Visibility`")]
pub(super) enum Visibility {
    /// Everybody; it may be listed anywhere.
    Public,
    /// Everybody who knows its id; it is listed nowhere.
    Unlisted,
    /// Its owner.
    Private,
}

/// A picture in a form, and what there is to say about it. The parts may come in any order.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands for the form that `sent` reads")]
pub(super) struct NewPhoto {
    /// The picture, as a file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What the photo is called: no control characters.
    #[schema(max_length = 200, nullable = false)]
    title: Option<String>,
    /// What there is to say about it, in lines.
    #[schema(max_length = 2000, nullable = false)]
    description: Option<String>,
    /// Tags with commas between them; the field may be there more than once. At most 20 tags of at most 50 characters.
    #[schema(nullable = false)]
    tags: Option<String>,
    /// Who sees it: `public` unless it is said.
    #[schema(nullable = false)]
    visibility: Option<Visibility>,
}

#[derive(OpenApi)]
#[openapi(
    paths(
        super::photos::create, super::photos::by_id, super::photos::list,
        super::own::update, super::own::delete, super::own::restore, super::own::original,
    ),
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
        let schema = serde_json::to_value(<Visibility as utoipa::PartialSchema>::schema()).unwrap();
        for word in schema["enum"].as_array().unwrap() {
            assert!(crate::model::Visibility::parse(word.as_str().unwrap()).is_ok(), "{schema}");
        }
    }
}
