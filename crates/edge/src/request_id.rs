//! One id for each request, through every service that it touches.

use crate::Problem;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::{fmt, str};
use vitrine_random::Ids;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: 1 to 64 of the characters `A-Z a-z 0-9 . _ -`. Handlers find it among the extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The id that a header carries, if it is one.
    fn from_header(value: &HeaderValue) -> Option<Self> {
        let text = str::from_utf8(value.as_bytes()).ok()?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        ((1..=64).contains(&text.len()) && text.chars().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The id as a header value, to be passed on to the next service as `x-request-id`.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        // Only characters that a header value may hold are in it.
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Finds or makes the id, logs the request under it, and answers it.
pub(crate) async fn layer(State(ids): State<Ids>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(RequestId::from_header);
    let id = given.unwrap_or_else(|| RequestId(ids.next().to_string()));
    request.extensions_mut().insert(id.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = problem.body(Some(&id));
        response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    }
    response.headers_mut().insert(HEADER, id.to_header());
    let status = response.status().as_u16();
    tracing::info!(%method, path, status, request_id = %id, "request");
    response
}
