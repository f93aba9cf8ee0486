//! Errors as RFC 9457 tells them.

use crate::{Kind, RequestId};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{fmt, time::Duration};

/// An error response, `application/problem+json` (RFC 9457).
///
/// The title names the kind and is the same for every problem of that kind; the detail says what was wrong with this
/// request and what to do about it. Neither says anything about the inside of the service.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: String,
    fields: Vec<Field>,
    members: Map<String, Value>,
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
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// The members that every problem may have; an extension of the same name would say something else.
const OWN_MEMBERS: [&str; 6] = ["type", "title", "status", "detail", "instance", "errors"];

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident: $kind:ident;)*) => {
        impl Problem {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(detail: &str) -> Self {
                Self::new(Kind::$kind, detail)
            }
        )*}
    };
}

constructors! {
    /// 400: the request cannot be understood.
    bad_request: BadRequest;
    /// 403: the caller is known and may not do this.
    forbidden: Forbidden;
    /// 404: there is no such thing, or the caller may not know that there is.
    not_found: NotFound;
    /// 409: the state of things stands against it.
    conflict: Conflict;
    /// 412: the entity tags of the request do not allow it.
    precondition_failed: PreconditionFailed;
    /// 413: the body is too large.
    too_large: TooLarge;
    /// 415: the body is of a kind that is not taken here.
    unsupported_media_type: UnsupportedMediaType;
    /// 422: the request is understood, but its values are not acceptable.
    unprocessable: Unprocessable;
    /// 428: the change needs `If-Match`.
    precondition_required: PreconditionRequired;
    /// 502: another service did not do its part.
    bad_gateway: BadGateway;
}

impl Problem {
    /// A problem of that kind. `detail` says what was wrong with this request, and what to do about it.
    #[must_use]
    pub fn new(kind: Kind, detail: &str) -> Self {
        Self { kind, detail: detail.to_owned(), fields: Vec::new(), members: Map::new(), headers: Vec::new() }
    }

    /// 401: who is calling is not known. The challenge is `Bearer` (RFC 6750).
    #[must_use]
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(Kind::Unauthorized, detail).with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 405: what is here does not know the method. axum adds the `Allow` header.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let detail = "This resource does not know that method; the Allow header lists those it knows.";
        Self::new(Kind::MethodNotAllowed, detail)
    }

    /// 500: something is wrong inside. `cause` goes to the log and not into the response.
    #[must_use]
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        let detail = "Something went wrong on our side. Try again; if it stays, report the request id.";
        Self::new(Kind::Internal, detail)
    }

    /// 503: what is needed is busy or away; try again after `retry_after`, in whole seconds of at least one. `cause`
    /// goes to the log and not into the response.
    #[must_use]
    pub fn unavailable(retry_after: Duration, cause: &dyn fmt::Display) -> Self {
        tracing::warn!(%cause, "request put off");
        let detail = "The service is busy. Try again after the time in the Retry-After header.";
        Self::new(Kind::Unavailable, detail).with_retry_after(retry_after)
    }

    /// Says when another try is worth it, in whole seconds of at least one.
    #[must_use]
    pub fn with_retry_after(self, after: Duration) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)))
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_field(mut self, field: &str, detail: &str) -> Self {
        self.fields.push(Field { field: field.to_owned(), detail: detail.to_owned() });
        self
    }

    /// Adds a member of its own (RFC 9457, section 3.2), such as a `reason` that a program can tell apart. Those that every
    /// problem has are not changed.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !OWN_MEMBERS.contains(&name) {
            self.members.insert(name.to_owned(), value.into());
        }
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
        self.kind.status()
    }

    /// The kind of problem.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What is wrong with this request.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong with single fields: the path to each, and what is wrong with it.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (field.field.as_str(), field.detail.as_str()))
    }

    /// The members beside those that every problem has.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The headers that the response has because of it, such as `Retry-After`.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The body, for a request of this id.
    pub(crate) fn body(&self, id: Option<&RequestId>) -> Body {
        let wire = Wire {
            r#type: &self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            instance: id.map(|id| format!("urn:request:{id}")),
            errors: &self.fields,
            members: self.members.clone(),
        };
        serde_json::to_vec(&wire).map_or_else(|_| Body::empty(), Body::from)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.kind.status().as_u16(), self.kind.title(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.kind.status(), self.body(None)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.clone());
        // The layer of the request id writes the body again, with the instance, since only it knows the id.
        response.extensions_mut().insert(self);
        response
    }
}
