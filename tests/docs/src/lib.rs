//! The documents that are written from the code. Its tests fail when one of those in `docs/` is stale; `cargo xtask openapi`
//! writes them anew.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use vitrine_edge::Kind;

/// The API of the app as OpenAPI 3.1: the routes of all its services that are open to clients.
#[must_use]
pub fn openapi() -> OpenApi {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Vitrine")
        .version("1")
        .description(Some(
            "Errors are `application/problem+json` (RFC 9457). Every response carries `x-request-id`. \
             Paths that start with `/_` are for services only, and not described here.",
        ))
        .license(Some(license));
    let mut api = OpenApiBuilder::new().info(info.build()).build();
    for service in [auth_core::document(), images_core::document(), relay_core::document(), upload_core::document()] {
        api.merge(service);
    }
    vitrine_edge::openapi::complete(&mut api);
    api
}

/// The kinds of problems, as Markdown.
#[must_use]
pub fn problems() -> String {
    let mut text = "# Problems\n\nWritten from `crates/edge/src/kind.rs` by `cargo xtask openapi`.\n\n\
        An error is `application/problem+json` (RFC 9457). Its `type` is one of those below, a reference without a host, \
        since the\ndeployment decides where the API is. The title is the same for every problem of a kind; `detail` says \
        what was wrong with\nthis request, `errors` names the fields, and `instance` the request by the id of its header \
        `x-request-id`.\n"
        .to_owned();
    for kind in Kind::ALL {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n## {}\n`{}`: {}. {}\n", kind.uri(), kind.status(), kind.title(), kind.meaning());
    }
    text
}
