//! Answers of procedures, and the responses of HTTP that carry them.

use crate::{TrpcError, batch::repeated};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use std::any::TypeId;

/// What a procedure answers, with headers of the response beside it, such as cookies.
///
/// A response has the headers of all its calls. `Cache-Control` is `no-store` unless all of them say the same other thing.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    value: T,
    headers: HeaderMap,
}

impl<T> Answer<T> {
    /// An answer without headers of its own.
    pub fn new(value: T) -> Self {
        Self { value, headers: HeaderMap::new() }
    }

    /// Adds a header to the response. What describes the body (`Content-Type`, `Content-Length`) stays as it is.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        // Cookies are secrets, and `Debug` does not show what is sensitive.
        value.set_sensitive(name == header::SET_COOKIE);
        self.headers.append(name, value);
        self
    }
}

/// What a procedure may answer: anything that is written as JSON, or an [`Answer`] of it. `()` is what JavaScript calls
/// `undefined`.
pub trait IntoAnswer {
    /// What is written as JSON.
    type Value: Serialize + 'static;

    /// The answer.
    fn into_answer(self) -> Answer<Self::Value>;
}

impl<T: Serialize + 'static> IntoAnswer for T {
    type Value = T;

    fn into_answer(self) -> Answer<T> {
        Answer::new(self)
    }
}

impl<T: Serialize + 'static> IntoAnswer for Answer<T> {
    type Value = T;

    fn into_answer(self) -> Self {
        self
    }
}

/// An answer that is written.
pub(crate) struct Written {
    /// None for `undefined`.
    json: Option<String>,
    headers: HeaderMap,
}

/// What became of a call.
pub(crate) type Outcome = Result<Written, TrpcError>;

/// Writes what a procedure answered.
pub(crate) fn write<T: IntoAnswer>(answer: T) -> Outcome {
    let Answer { value, headers } = answer.into_answer();
    let undefined = TypeId::of::<T::Value>() == TypeId::of::<()>();
    let json = if undefined { None } else { Some(line(&value)?) };
    Ok(Written { json, headers })
}

/// A value as JSON in one line, since the streams of tRPC end a value with the line.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<String, TrpcError> {
    let json = serde_json::to_string(value).map_err(|error| TrpcError::internal(&error))?;
    // In a text they are escaped: what is left stands between values, where a space means the same.
    Ok(if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json })
}

/// What a client reads of one call.
pub(crate) fn envelope(path: &str, outcome: &Outcome) -> String {
    match outcome {
        Ok(Written { json: Some(json), .. }) => format!(r#"{{"result":{{"data":{json}}}}}"#),
        Ok(Written { json: None, .. }) => r#"{"result":{}}"#.to_owned(),
        Err(error) => format!(r#"{{"error":{}}}"#, error.shape(Some(path))),
    }
}

/// The response to one call.
pub(crate) fn single(path: &str, outcome: &Outcome) -> Response {
    let body = envelope(path, outcome);
    respond(status(outcome), headers(std::slice::from_ref(outcome), true), body)
}

/// The response to a batch, whose answers are written in `body`: the status of all calls if it is the same, else 207.
pub(crate) fn batch(outcomes: &[Outcome], body: Body) -> Response {
    let first = outcomes.first().map_or(StatusCode::OK, status);
    let alike = outcomes.iter().all(|outcome| status(outcome) == first);
    let status = if alike { first } else { StatusCode::MULTI_STATUS };
    respond(status, headers(outcomes, alike), body)
}

/// The response to a request that is refused as a whole: one object, or one for each of so many calls.
pub(crate) fn whole(error: &TrpcError, calls: Option<usize>) -> Response {
    let one = format!(r#"{{"error":{}}}"#, error.shape(None));
    let body = calls.map_or_else(|| one.clone(), |calls| repeated(calls, &one));
    let outcome = Err(error.clone());
    respond(error.code().status(), headers(std::slice::from_ref(&outcome), true), body)
}

/// The response to a batch whose outcomes come one after another: the status says nothing of them.
pub(crate) fn stream(outcomes: &[Outcome], body: Body) -> Response {
    let mut response = respond(StatusCode::OK, headers(outcomes, false), body);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// The answer is another one for those who ask for a stream.
pub(crate) const VARY: HeaderValue = HeaderValue::from_static("trpc-accept, accept");

fn status(outcome: &Outcome) -> StatusCode {
    outcome.as_ref().map_or_else(|error| error.code().status(), |_| StatusCode::OK)
}

fn respond(status: StatusCode, headers: HeaderMap, body: impl Into<Body>) -> Response {
    (status, headers, body.into()).into_response()
}

/// The headers of all calls. Those of errors only if all calls ended alike: `Retry-After` beside a success would mislead.
fn headers(outcomes: &[Outcome], alike: bool) -> HeaderMap {
    let mut all = HeaderMap::new();
    all.insert(header::VARY, VARY);
    for outcome in outcomes {
        match outcome {
            Ok(written) => {
                for (name, value) in &written.headers {
                    all.append(name, value.clone());
                }
            }
            Err(error) if alike => all.extend(error.headers().iter().cloned()),
            Err(_) => {}
        }
    }
    let caching = caching(outcomes).cloned();
    if caching.is_some() {
        // The streams of the client 10 are asked for by this header, and such an answer might be kept for them.
        all.append(header::VARY, HeaderValue::from_static("trpc-batch-mode"));
    }
    all.insert(header::CACHE_CONTROL, caching.unwrap_or(NO_STORE));
    all.insert(header::CONTENT_TYPE, JSON);
    all.remove(header::CONTENT_LENGTH);
    all
}

/// What all answers say about caching, if they say the same.
fn caching(outcomes: &[Outcome]) -> Option<&HeaderValue> {
    let mut all = outcomes.iter().map(|outcome| outcome.as_ref().ok()?.headers.get(header::CACHE_CONTROL));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json, value::RawValue};

    #[test]
    fn a_value_is_one_line_whatever_it_was_before() {
        let raw = RawValue::from_string("{\"a\":\n[1,\r\n\"\\n\"]}".to_owned()).unwrap();
        let line = line(&raw).unwrap();
        assert!(!line.contains(['\n', '\r']), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), json!({ "a": [1, "\n"] }));
    }
}
