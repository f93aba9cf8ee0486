//! Refusals for clients that speak tRPC: they read errors in its shape only.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use vitrine_edge::Problem;

/// The problem in the error shape of tRPC. One error stands for every call of a batch.
pub(crate) fn response(problem: Problem) -> Response {
    let (code, number) = code(problem.status());
    let body = serde_json::json!({ "error": {
        "message": problem.detail(),
        "code": number,
        "data": { "code": code, "httpStatus": problem.status().as_u16() },
    }});
    let mut response = problem.into_response();
    // Else the layer of the request id would write the other shape again.
    response.extensions_mut().clear();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = Body::from(body.to_string());
    response
}

/// The name and the number of a status in tRPC (JSON-RPC 2.0 and its own below -32000).
fn code(status: StatusCode) -> (&'static str, i32) {
    match status {
        StatusCode::BAD_REQUEST | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ("BAD_REQUEST", -32600),
        StatusCode::UNAUTHORIZED => ("UNAUTHORIZED", -32001),
        StatusCode::FORBIDDEN => ("FORBIDDEN", -32003),
        StatusCode::NOT_FOUND => ("NOT_FOUND", -32004),
        StatusCode::METHOD_NOT_ALLOWED => ("METHOD_NOT_SUPPORTED", -32005),
        StatusCode::PAYLOAD_TOO_LARGE => ("PAYLOAD_TOO_LARGE", -32013),
        StatusCode::TOO_MANY_REQUESTS => ("TOO_MANY_REQUESTS", -32029),
        StatusCode::BAD_GATEWAY => ("BAD_GATEWAY", -32603),
        StatusCode::SERVICE_UNAVAILABLE => ("SERVICE_UNAVAILABLE", -32603),
        StatusCode::GATEWAY_TIMEOUT => ("GATEWAY_TIMEOUT", -32603),
        _ => ("INTERNAL_SERVER_ERROR", -32603),
    }
}
