//! A store that does not answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _, ready};
use std::sync::Arc;
use tower::ServiceExt as _;
use vitrine_blob::{Blobs, Keys, KeysError};
use vitrine_random::{Ids, SeededRandom};

#[derive(Debug)]
struct Away;

fn away<T: Send + 'static>() -> BoxFuture<'static, Result<T, KeysError>> {
    ready(Err(KeysError("connection refused by 10.0.0.7".to_owned()))).boxed()
}

impl Keys for Away {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        away()
    }

    fn set<'a>(&'a self, _: &'a str, _: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        away()
    }

    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        away()
    }

    fn exists<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        away()
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_told_with_when_to_come_back() {
    let images = images_core::Images::new(Blobs::new(Arc::new(Away), Arc::new(SeededRandom::new(1))));
    let path = format!("/static/image/0198c0de-0000-7000-8000-000000000001/small.{}", "A".repeat(43));
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = images_core::router(images, Ids::system()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "5");
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    assert!(!String::from_utf8_lossy(&body).contains("10.0.0.7"), "the inside is not told");
}
