//! Problems as the document describes them.

use super::header;
use crate::Kind;
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

/// An error, `application/problem+json` (RFC 9457).
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands for what `vitrine_edge::Problem` writes")]
pub struct Problem {
    /// The kind of problem, a URI reference such as `/problems/not-found`; docs/problems.md lists them.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// Names the kind to a person.
    title: String,
    /// The status of the response.
    status: u16,
    /// What was wrong with this request, and what to do about it.
    detail: String,
    /// The request, `urn:request:<id>`, by the id in the header `x-request-id`.
    #[schema(format = "uri", nullable = false)]
    instance: Option<String>,
    /// Which of several refusals of its kind it is, in one word for programs, where they have to tell them apart.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// What is wrong with single fields, if that is what is wrong.
    #[schema(nullable = false)]
    errors: Option<Vec<FieldProblem>>,
}

/// What is wrong with one field of the body, the query or the headers.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands for what `vitrine_edge::Problem` writes")]
pub(super) struct FieldProblem {
    /// Its path, such as `cover.text` or `pages[1]`.
    field: String,
    /// What is wrong with it.
    detail: String,
}

/// Makes types that stand for sets of problems in the `responses(…)` of `utoipa::path`, beside the problems that every
/// route has: `Name: Kind, Kind;`, as [`Kind`] calls them.
#[macro_export]
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $($kind:ident),*;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl $crate::openapi::IntoResponses for $name {
            fn responses() -> $crate::openapi::Responses {
                $crate::openapi::problems(&[$($crate::Kind::$kind),*])
            }
        }
    )*};
}

/// Responses by status.
pub type Responses = BTreeMap<String, RefOr<Response>>;

/// What any route may answer: the service behind it, or the gateway before it.
const EVERYWHERE: [Kind; 9] = [
    Kind::BadRequest,
    Kind::Unauthorized,
    Kind::Forbidden,
    Kind::RateLimited,
    Kind::HeadersTooLarge,
    Kind::Internal,
    Kind::BadGateway,
    Kind::Unavailable,
    Kind::Timeout,
];

/// The responses of these kinds, one for each status, beside those that every route has.
#[must_use]
pub fn problems(kinds: &[Kind]) -> Responses {
    let mut by_status = BTreeMap::<u16, Vec<Kind>>::new();
    for kind in Kind::ALL {
        if kinds.contains(kind) || EVERYWHERE.contains(kind) {
            by_status.entry(kind.status().as_u16()).or_default().push(*kind);
        }
    }
    by_status.into_iter().map(|(status, kinds)| (status.to_string(), RefOr::T(response(&kinds)))).collect()
}

fn response(kinds: &[Kind]) -> Response {
    let lines: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}", kind.uri(), kind.meaning())).collect();
    let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let response = ResponseBuilder::new().description(lines.join("\n\n")).content("application/problem+json", content);
    let has = |wanted: &[Kind]| kinds.iter().any(|kind| wanted.contains(kind));
    if has(&[Kind::Unavailable, Kind::InProgress, Kind::RateLimited]) {
        return response.header("Retry-After", header("Whole seconds until another try is worth it.")).build();
    }
    if has(&[Kind::Unauthorized]) {
        return response.header("WWW-Authenticate", header("The challenge `Bearer` (RFC 6750).")).build();
    }
    response.build()
}
