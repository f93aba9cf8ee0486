//! JSON bodies.

use crate::Problem;
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
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
/// than `T` (422).
#[derive(Debug, Clone, Copy)]
pub struct Json<T, const LIMIT: usize = JSON_BODY_BYTES>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send a JSON body, with the header Content-Type: application/json.";
            return Err(Problem::unsupported_media_type(detail));
        }
        let body = read(request.into_body(), LIMIT).await?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let detail = format!("The body is not what is expected here: {error}.");
            match error.classify() {
                Category::Data => Problem::unprocessable(&detail),
                Category::Io | Category::Syntax | Category::Eof => Problem::bad_request(&detail),
            }
        })
    }
}

impl<T: Serialize, const LIMIT: usize> IntoResponse for Json<T, LIMIT> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() || is_caused_by_limit(&*error) => {
            Err(Problem::too_large(&format!("Send at most {limit} bytes.")))
        }
        Err(_) => Err(Problem::bad_request("The body ended before it was whole; send it again.")),
    }
}

fn is_caused_by_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>())
}
