//! The answer that is kept.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use vitrine_edge::Problem;

use crate::Error;

/// Says, as `true`, that the answer is the first one again.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A small answer, as it is kept: its status, the headers that belong to it, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status: status.as_u16(), headers: Vec::new(), body: String::new() }
    }

    /// An answer whose body is the JSON of `value`.
    ///
    /// # Errors
    /// [`Error::Answer`] if `value` has no JSON form.
    pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Self, Error> {
        let body = serde_json::to_string(value).map_err(|error| Error::Answer(error.to_string()))?;
        Ok(Self { body, ..Self::empty(status) }.with_header(header::CONTENT_TYPE, "application/json"))
    }

    /// Adds a header, such as `Location`. One that is not made of printable ASCII characters makes the answer a 500
    /// problem.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.as_str().to_owned(), value.into()));
        self
    }

    pub(crate) fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::Answer(error.to_string()))
    }

    pub(crate) fn from_text(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::Answer(error.to_string()))
    }

    fn response(self) -> Option<Response> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        for (name, value) in &self.headers {
            response.headers_mut().append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?);
        }
        Some(response)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let response = self.response();
        response.unwrap_or_else(|| Problem::internal(&"an answer has no valid status or headers").into_response())
    }
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Whether it is the one of an earlier request.
    pub replayed: bool,
}

impl Answered {
    /// The answer of this request.
    #[must_use]
    pub fn now(answer: Answer) -> Self {
        Self { answer, replayed: false }
    }

    /// The answer of an earlier request.
    pub(crate) fn again(answer: Answer) -> Self {
        Self { answer, replayed: true }
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
