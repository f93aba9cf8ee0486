//! The document of the routes that are open to operators.

use utoipa::OpenApi;

vitrine_edge::refusals! {
    /// Of what only needs a token.
    WithToken: Unauthorized;
    /// Of a list of dead letters.
    Listing: BadRequest, Unauthorized, NotFound, BadGateway;
    /// Of a replay.
    Replaying: BadRequest, Unauthorized, NotFound, TooLarge, UnsupportedMediaType, Unprocessable, BadGateway;
}

#[derive(OpenApi)]
#[openapi(
    paths(
        crate::http::ring,
        crate::admin::stats,
        crate::admin::metrics,
        crate::admin::dead,
        crate::admin::replay,
    ),
    tags((name = "operation", description = "For whoever runs the app.")),
)]
struct Document;

/// The routes of the relay as an OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
