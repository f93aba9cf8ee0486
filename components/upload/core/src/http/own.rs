//! What owners, and nobody else, do with a photo.
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Deserialize;
use uuid::Uuid;
use vitrine_edge::{ETag, IfMatch, Json, Path, Preconditions, Problem, Query};

use super::State;
use super::callers::{Reader, Writer};
use super::wire::{ChangeBody, PhotoBody};
use crate::error::UploadError;
use crate::model::Photo;

/// The entity tag of a photo, as it is read.
fn tag(photo: &Photo) -> Option<ETag> {
    serde_json::to_vec(&PhotoBody::from(photo.clone())).ok().map(|body| ETag::of_bytes(&body))
}

/// The answer that a photo has changed to this.
fn changed(photo: Photo) -> Response {
    let tag = tag(&photo);
    let mut response = Json::<PhotoBody>(photo.into()).into_response();
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag.to_header());
    }
    response
}

/// Changes what is said about a photo.
///
/// `If-Match` names the state that the change is meant for.
#[cfg_attr(feature = "openapi", utoipa::path(
    patch, path = "/api/v1/photos/{id}", operation_id = "updatePhoto", tag = "photos", security(("accessToken" = [])),
    request_body = ChangeBody,
    params(
        ("id" = Uuid, Path, description = "The photo."),
        ("If-Match" = String, Header, description = "The `ETag` of the photo as it was read."),
    ),
    responses(
        (status = 200, description = "The photo as it is now.", body = PhotoBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        super::openapi::Changing,
    ),
))]
pub(super) async fn update(
    Shared(state): Shared<State>,
    writer: Writer,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Json(body): Json<ChangeBody>,
) -> Result<Response, Problem> {
    let known = |photo: &Photo| if_match.check(tag(photo).as_ref()).is_ok();
    let photo = state.upload.update(&writer.account(), id, body.into_change()?, known).await?;
    Ok(changed(photo))
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteQuery {
    #[serde(default)]
    permanently: bool,
}

/// Deletes a photo.
///
/// Nobody but its owner sees it then, who can restore it for 30 days; after that it is gone for good. With `permanently` it is gone
/// at once.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/api/v1/photos/{id}", operation_id = "deletePhoto", tag = "photos", security(("accessToken" = [])),
    params(
        ("id" = Uuid, Path, description = "The photo."),
        ("permanently" = Option<bool>, Query, description = "`true`: it cannot be restored."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must not have."),
    ),
    responses(
        (status = 204, description = "It is deleted, or was already."),
        super::openapi::Moving,
    ),
))]
pub(super) async fn delete(
    Shared(state): Shared<State>,
    writer: Writer,
    Path(id): Path<Uuid>,
    Query(query): Query<DeleteQuery>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let known = |photo: &Photo| preconditions.check(tag(photo).as_ref()).is_ok();
    let owner = writer.account();
    if query.permanently {
        state.upload.delete_for_good(&owner, id, known).await?;
    } else {
        state.upload.delete(&owner, id, known).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives a photo back that was deleted in the last 30 days.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/photos/{id}/restore", operation_id = "restorePhoto", tag = "photos", security(("accessToken" = [])),
    params(
        ("id" = Uuid, Path, description = "The photo."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must not have."),
    ),
    responses(
        (status = 200, description = "The photo as it is now, also if it was not deleted.", body = PhotoBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        super::openapi::Moving,
    ),
))]
pub(super) async fn restore(
    Shared(state): Shared<State>,
    writer: Writer,
    Path(id): Path<Uuid>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let known = |photo: &Photo| preconditions.check(tag(photo).as_ref()).is_ok();
    Ok(changed(state.upload.restore(&writer.account(), id, known).await?))
}

/// The bytes of a photo as its owner has sent them.
///
/// They are a download and nothing to be shown: nobody has looked into them but to tell what kind of picture they begin as.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/photos/{id}/original", operation_id = "readOriginal", tag = "photos", security(("accessToken" = [])),
    params(("id" = Uuid, Path, description = "The photo.")),
    responses(
        (status = 200, description = "The bytes.",
            content((String = "image/*"), (String = "application/octet-stream")),
            headers(("Content-Disposition" = String, description = "`attachment`, with a name for the file."))),
        super::openapi::Downloading,
    ),
))]
pub(super) async fn original(
    Shared(state): Shared<State>,
    reader: Reader,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let (manifest, mut bytes) = state.upload.original(&reader.account(), id).await?;
    let first = bytes.next().await.transpose().map_err(UploadError::from)?.unwrap_or_default();
    let (media_type, ending) = kind(&first);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{id}{ending}\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_LENGTH, HeaderValue::from(manifest.bytes)),
        (header::CONTENT_DISPOSITION, disposition.map_err(|error| Problem::internal(&error))?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("content-security-policy"), HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    let body = futures::stream::once(async { Ok(first) }).chain(bytes);
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The media type and the ending of a file that begins so. What its sender has called it is not known any more, and would not count.
fn kind(begin: &Bytes) -> (&'static str, String) {
    match infer::get(begin).filter(|kind| kind.matcher_type() == infer::MatcherType::Image) {
        Some(kind) => (kind.mime_type(), format!(".{}", kind.extension())),
        None => ("application/octet-stream", String::new()),
    }
}
