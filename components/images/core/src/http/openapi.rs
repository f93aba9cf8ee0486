//! The document of the route.

use utoipa::OpenApi;

vitrine_edge::refusals! {
    /// Of a rendition.
    Serving: BadRequest, NotFound, PreconditionFailed;
}

#[derive(OpenApi)]
#[openapi(paths(super::rendition), tags((name = "images", description = "Renditions, open to all.")))]
struct Document;

/// The route of images as an OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
