//! JSON bodies.

use crate::{Kind, Problem, field::wrong_field, named::Named};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

/// The most bytes that a JSON body may have, unless the handler says otherwise.
pub const JSON_BODY_BYTES: usize = 64 * 1024;

/// A JSON body of at most `LIMIT` bytes, in or out.
///
/// Going in it refuses what is not `application/json` (415), too large (413), no JSON (400), or JSON of another shape
/// than `T` (422, with the field).
#[derive(Debug, Clone, Copy)]
pub struct Json<T, const LIMIT: usize = JSON_BODY_BYTES>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = json_bytes(request, LIMIT).await?;
        parse_json(&body).map(Self)
    }
}

/// The bytes of a JSON body of at most `limit` bytes, as they came: for extractors that need them beside their meaning.
///
/// # Errors
/// A 415 problem for another `Content-Type`, 413 for a longer body, 400 for one that breaks off.
pub async fn json_bytes(request: Request, limit: usize) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        let detail = "Send a JSON body, with the header Content-Type: application/json.";
        return Err(Problem::unsupported_media_type(detail));
    }
    body_bytes(request.into_body(), limit).await
}

/// What those bytes of JSON say. A struct is an object, never a list of its values.
///
/// # Errors
/// A 400 problem for what is no JSON, and 422 for JSON of another shape, with the field that is wrong.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    parse_json_in("body", body)
}

/// What those bytes of JSON say, which came in `place` (such as `body`, or `input`), for the words of a refusal.
///
/// # Errors
/// A 400 problem for what is no JSON or is nested deeper than 128 levels, and 422 for JSON of another shape, with the field
/// that is wrong.
pub fn parse_json_in<T: DeserializeOwned>(place: &str, json: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(Named(&mut json)).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data => wrong_field(Kind::Unprocessable, place, &path, &error),
            Category::Io | Category::Syntax | Category::Eof => no_json(place, &error),
        }
    })?;
    json.end().map_err(|error| no_json(place, &error))?;
    Ok(value)
}

fn no_json(place: &str, error: &serde_json::Error) -> Problem {
    Problem::bad_request(&format!("The {place} is no JSON: {error}."))
}

impl<T: Serialize, const LIMIT: usize> IntoResponse for Json<T, LIMIT> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => json_response(json),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

/// An answer whose body is that JSON.
pub(crate) fn json_response(json: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// A body of at most `limit` bytes, whole.
///
/// # Errors
/// A 413 problem for a longer body, 400 for one that breaks off.
pub async fn body_bytes(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(broken_body(&*error, limit)),
    }
}

/// The problem of a body that could not be read to its end, of which at most `limit` bytes are taken: 413 if it is longer than
/// that or than a limit further out, else 400.
#[must_use]
pub fn broken_body(error: &(dyn std::error::Error + 'static), limit: usize) -> Problem {
    if is_caused_by_limit(error) {
        Problem::too_large(&format!("Send at most {limit} bytes."))
    } else {
        Problem::bad_request("The body ended before it was whole; send it again.")
    }
}

fn is_caused_by_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>())
}
