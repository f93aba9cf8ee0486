//! What tests send, and what comes back.

use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use serde_json::Value;
use tower::ServiceExt;

/// A request by who has `token`.
pub(crate) fn request(method: &str, path: &str, token: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/octet-stream")
}

/// The status and the JSON of the answer, which is null where there is none.
pub(crate) async fn send(router: &Router, request: Builder, body: Vec<u8>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// A picture of that size in pixels.
pub(crate) fn jpeg(width: usize, height: usize) -> Vec<u8> {
    let pixels: Vec<u8> = (0..width * height * 3).map(|at| (at / 7 % 251) as u8).collect();
    Encoder::new(&pixels, width, height, PixelFormat::Rgb).quality(85).encode().unwrap()
}
