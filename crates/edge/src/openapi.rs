//! What the OpenAPI documents of all services share. Only tests and the chore that writes the document use it: a
//! component is built without this feature.

mod problems;
mod routes;

pub use problems::{Problem, Responses, problems};
pub use routes::{Route, documented, private_routes, routes};
pub use utoipa::IntoResponses;

use utoipa::openapi::{
    OpenApi, Response, ResponseBuilder,
    header::HeaderBuilder,
    schema::{ObjectBuilder, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Adds what the operations of every service refer to.
pub fn complete(api: &mut OpenApi) {
    let components = api.components.get_or_insert_default();
    let access = HttpBuilder::new().bearer_format("JWT");
    let access = access.description(Some("An access token, as `POST /api/v1/auth/login` gives it."));
    let ring = HttpBuilder::new().description(Some("The secret `ring_token` of the deployment."));
    let admin = HttpBuilder::new().description(Some("The secret `admin_token` of the deployment."));
    for (name, scheme) in [("accessToken", access), ("adminToken", admin), ("ringToken", ring)] {
        let scheme = scheme.scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    components.schemas.insert("Problem".to_owned(), <Problem as utoipa::PartialSchema>::schema());
    components.schemas.insert("FieldProblem".to_owned(), <problems::FieldProblem as utoipa::PartialSchema>::schema());
}

/// A response of a header that is a text.
fn header(description: &str) -> utoipa::openapi::Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

/// 304: the client has it already.
#[must_use]
pub fn not_modified() -> Response {
    ResponseBuilder::new()
        .description("It is what `If-None-Match` names; there is no body.")
        .header("ETag", header("The strong entity tag of the representation (RFC 9110, section 8.8.3)."))
        .build()
}
