//! The route and its headers.

use crate::{Address, Error, Images};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use vitrine_edge::{Check, Path, Preconditions, Problem};
use vitrine_random::Ids;

/// The router of images.
pub fn router(images: Images, ids: Ids) -> Router {
    // A route of GET answers HEAD too, without the bytes.
    let routes = Router::new().route("/static/image/{photo}/{file}", get(rendition)).with_state(images);
    vitrine_edge::finish(routes, ids)
}

async fn rendition(
    State(images): State<Images>,
    Path((photo, file)): Path<(String, String)>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let address = Address::parse(&photo, &file).ok_or(Error::NotFound).map_err(problem)?;
    let (bytes, stream) = images.find(&address).await.map_err(problem)?;
    let etag = address.etag();
    let mut response = if preconditions.check(Some(&etag))? == Check::NotModified {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from_stream(stream).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
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
        Error::OtherContent(_) | Error::Blob(_) => Problem::internal(&error),
    }
}
