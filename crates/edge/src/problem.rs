//! Errors as RFC 9457 tells them.

use crate::RequestId;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{fmt, time::Duration};

/// An error response, `application/problem+json` (RFC 9457).
///
/// The title names the kind and is the same for every problem of that kind; the detail says what was wrong with this
/// request and what to do about it. Neither says anything about the inside of the service.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    fields: Vec<Field>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong with one field of the body, the query or the headers.
#[derive(Debug, Clone, Serialize)]
struct Field {
    field: String,
    detail: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Field],
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $status:ident, $kind:literal, $title:literal;)*) => {
        impl Problem {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(detail: &str) -> Self {
                Self::new(StatusCode::$status, $kind, $title, detail)
            }
        )*}
    };
}

kinds! {
    /// 400: the request cannot be understood.
    bad_request: BAD_REQUEST, "bad-request", "The request cannot be understood";
    /// 403: the caller is known and may not do this.
    forbidden: FORBIDDEN, "forbidden", "Not allowed";
    /// 404: there is no such thing, or the caller may not know that there is.
    not_found: NOT_FOUND, "not-found", "Not found";
    /// 409: the state of things stands against it.
    conflict: CONFLICT, "conflict", "In conflict with what is there";
    /// 413: the body is too large.
    too_large: PAYLOAD_TOO_LARGE, "too-large", "The body is too large";
    /// 415: the body is of a kind that is not taken here.
    unsupported_media_type: UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of the wrong kind";
    /// 422: the request is understood, but its values are not acceptable.
    unprocessable: UNPROCESSABLE_ENTITY, "unprocessable", "The values are not acceptable";
    /// 502: another service did not do its part.
    bad_gateway: BAD_GATEWAY, "bad-gateway", "Another service failed";
}

impl Problem {
    /// A problem of a kind of its own. `kind` is the last part of the type URI, in kebab-case.
    #[must_use]
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: &str) -> Self {
        Self { status, kind, title, detail: detail.to_owned(), fields: Vec::new(), headers: Vec::new() }
    }

    /// 401: who is calling is not known. The challenge is `Bearer` (RFC 6750).
    #[must_use]
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Not signed in", detail)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 405: what is here does not know the method. axum adds the `Allow` header.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let detail = "This resource does not know that method; the Allow header lists those it knows.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", detail)
    }

    /// 500: something is wrong inside. `cause` goes to the log and not into the response.
    #[must_use]
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        let detail = "Something went wrong on our side. Try again; if it stays, report the request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// 503: what is needed is busy or away; try again after `retry_after`, in whole seconds of at least one. `cause`
    /// goes to the log and not into the response.
    #[must_use]
    pub fn unavailable(retry_after: Duration, cause: &dyn fmt::Display) -> Self {
        tracing::warn!(%cause, "request put off");
        let detail = "The service is busy. Try again after the time in the Retry-After header.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Busy", detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)))
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_field(mut self, field: &str, detail: &str) -> Self {
        self.fields.push(Field { field: field.to_owned(), detail: detail.to_owned() });
        self
    }

    /// Sets a header of the response.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(present, _)| *present != name);
        self.headers.push((name, value));
        self
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong with this request.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The body, for a request of this id.
    pub(crate) fn body(&self, id: Option<&RequestId>) -> Body {
        let wire = Wire {
            r#type: &format!("https://vitrine.invalid/problems/{}", self.kind),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: id.map(|id| format!("urn:request:{id}")),
            errors: &self.fields,
        };
        serde_json::to_vec(&wire).map_or_else(|_| Body::empty(), Body::from)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.title, self.detail)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body(None)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.clone());
        // The layer of the request id writes the body again, with the instance, since only it knows the id.
        response.extensions_mut().insert(self);
        response
    }
}
