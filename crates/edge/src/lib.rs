//! What every HTTP edge shares: problems, JSON bodies, conditional requests, cursors and request ids.
//!
//! A service builds its router and hands it to [`finish`], which makes unknown routes and methods into problems and
//! gives every request an id.
#![forbid(unsafe_code)]

mod cursor;
mod etag;
mod field;
#[cfg(feature = "form")]
mod form;
mod json;
mod kind;
mod limit;
mod named;
#[cfg(feature = "openapi")]
pub mod openapi;
mod preconditions;
mod problem;
mod query;
mod request_id;
mod text;

pub use cursor::{Cursor, InvalidCursor};
pub use etag::ETag;
#[cfg(feature = "form")]
pub use form::{Form, Part};
pub use json::{JSON_BODY_BYTES, Json, body_bytes, broken_body, json_bytes, parse_json, parse_json_in};
pub use kind::Kind;
pub use limit::Limit;
pub use preconditions::{Check, IfMatch, Preconditions};
pub use problem::Problem;
pub use query::{Path, Query};
pub use request_id::RequestId;
pub use text::{climbs, misleads};

use axum::Router;
use vitrine_random::Ids;

/// Completes the router of a service: 404 and 405 as problems, and a request id (one of `ids` unless the request
/// brings its own) that is answered and logged.
pub fn finish(router: Router, ids: Ids) -> Router {
    router
        .fallback(async |uri: axum::http::Uri| Problem::not_found(&format!("There is nothing at {}.", uri.path())))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(axum::middleware::from_fn_with_state(ids, request_id::layer))
}
