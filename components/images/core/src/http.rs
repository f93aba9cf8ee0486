//! The route and its headers.

#[cfg(feature = "openapi")]
mod openapi;

#[cfg(feature = "openapi")]
pub use openapi::document;

use crate::{Address, Error, Images};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;
use vitrine_blob::BlobError;
use vitrine_edge::{Check, Path, Preconditions, Problem};
use vitrine_random::Ids;

/// When a store that is away is worth another try.
const STORE_AWAY: Duration = Duration::from_secs(5);

/// The router of images.
pub fn router(images: Images, ids: Ids) -> Router {
    // A route of GET answers HEAD too, without the bytes.
    let routes = Router::new().route("/static/image/{photo}/{file}", get(rendition)).with_state(images);
    vitrine_edge::finish(routes, ids)
}

/// One rendition of a photo.
///
/// Its address, which names its content, is in the photo. HEAD answers the same without the bytes.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/static/image/{photo}/{file}", operation_id = "readRendition", tag = "images",
    params(
        ("photo" = String, Path, format = Uuid, description = "The photo."),
        ("file" = String, Path, pattern = "^[a-z]{1,16}[.][A-Za-z0-9_-]{43}$",
            description = "The rendition, a dot, and the SHA-256 of its bytes as base64url."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that the client knows."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
    ),
    responses(
        (status = 200, description = "The bytes; they may be kept for ever.", content(("image/jpeg"), ("image/webp")), headers(
            ("ETag" = String, description = "The strong entity tag."),
            ("Cache-Control" = String, description = "`immutable`."),
        )),
        (status = 304, description = "It is what `If-None-Match` names.",
            headers(("ETag" = String, description = "The strong entity tag."))),
        openapi::Serving,
    ),
))]
async fn rendition(
    State(images): State<Images>,
    Path((photo, file)): Path<(String, String)>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let address = Address::parse(&photo, &file).ok_or(Error::NotFound).map_err(problem)?;
    let found = images.find(&address).await.map_err(problem)?;
    let etag = address.etag();
    let mut response = if preconditions.check(Some(&etag))? == Check::NotModified {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let bytes = found.bytes;
        let (media, stream) = found.open().await.map_err(problem)?;
        let mut response = Body::from_stream(stream).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.media_type()));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag.to_header());
    // Other bytes have another address, so this answer stays right for ever.
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, forever);
    Ok(response)
}

fn problem(error: Error) -> Problem {
    match error {
        Error::NotFound => Problem::not_found("There is no such rendition; take its address from the photo."),
        Error::Blob(BlobError::Keys(_) | BlobError::Timeout { .. } | BlobError::Unavailable { .. }) => {
            Problem::unavailable(STORE_AWAY, &error)
        }
        Error::OtherContent(_) | Error::UnknownType(_) | Error::Blob(_) => Problem::internal(&error),
    }
}
