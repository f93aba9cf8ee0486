//! Answers that the host itself gives, as problem details (RFC 9457).

use super::body::full;
use http::{HeaderValue, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

/// A problem answer. `detail` says what happened and what to do.
#[must_use]
pub fn problem(status: StatusCode, detail: &str, request_id: &str) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
        "requestId": request_id,
    });
    let mut response = Response::new(full(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
