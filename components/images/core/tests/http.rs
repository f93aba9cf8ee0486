//! The route of images, as a browser or a cache meets it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt as _;
use images_core::{Images, router};
use sha2::{Digest, Sha256};
use std::{convert::Infallible, sync::Arc};
use tower::ServiceExt as _;
use vitrine_blob::{Blobs, Keys as _, MemoryKeys};
use vitrine_random::{Ids, SeededRandom};

const PHOTO: &str = "0198c0de-0000-7000-8000-000000000001";

/// A service with one rendition, `small`, and its address.
struct Fixture {
    router: Router,
    keys: MemoryKeys,
    picture: Bytes,
    path: String,
    hash: String,
}

async fn fixture() -> Fixture {
    fixture_of(b"\xFF\xD8\xFF\xE0").await
}

/// The rendition begins with `head`.
async fn fixture_of(head: &[u8]) -> Fixture {
    // Larger than two chunks, so that it takes more than one step to stream.
    let rest = (head.len() as u32..600_000).map(|n| (n % 251) as u8);
    let picture: Bytes = head.iter().copied().chain(rest).collect();
    let sha256 = Sha256::digest(&picture);
    let keys = MemoryKeys::default();
    let blobs = Blobs::new(Arc::new(keys.clone()), Arc::new(SeededRandom::new(1)));
    let source = stream::iter([Ok::<_, Infallible>(picture.clone())]);
    blobs.put(&format!("{PHOTO}/small/{sha256:x}"), source, u64::MAX).await.unwrap();
    let hash = URL_SAFE_NO_PAD.encode(sha256);
    let path = format!("/static/image/{PHOTO}/small.{hash}");
    Fixture { router: router(Images::new(blobs), Ids::system()), keys, picture, path, hash }
}

impl Fixture {
    async fn send(&self, method: Method, path: &str, if_none_match: Option<&str>) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(tags) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, tags);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }
}

fn header_of(response: &Response<Body>, name: header::HeaderName) -> &str {
    response.headers().get(&name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn a_rendition_comes_whole_and_may_be_kept_for_ever() {
    let fixture = fixture().await;
    let response = fixture.send(Method::GET, &fixture.path, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header_of(&response, header::CONTENT_TYPE), "image/jpeg");
    assert_eq!(header_of(&response, header::CONTENT_LENGTH), "600000");
    assert_eq!(header_of(&response, header::ETAG), format!("\"{}\"", fixture.hash));
    assert_eq!(header_of(&response, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(!header_of(&response, header::HeaderName::from_static("x-request-id")).is_empty());
    assert_eq!(body(response).await, fixture.picture);
}

#[tokio::test]
async fn the_type_is_that_of_the_bytes() {
    for (head, media) in [(&b"\xFF\xD8\xFF\xDB"[..], "image/jpeg"), (b"RIFF\0\0\0\0WEBP", "image/webp")] {
        let fixture = fixture_of(head).await;
        for method in [Method::GET, Method::HEAD] {
            let response = fixture.send(method, &fixture.path, None).await;
            assert_eq!(header_of(&response, header::CONTENT_TYPE), media);
        }
        let response = fixture.send(Method::GET, &fixture.path, None).await;
        assert_eq!(body(response).await, fixture.picture, "no byte is lost by looking");
    }
}

#[tokio::test]
async fn what_is_no_picture_is_not_served() {
    for head in [&b"<html>  "[..], b"GIF89a  ", b"RIFF\0\0\0\0WAVE"] {
        let fixture = fixture_of(head).await;
        let response = fixture.send(Method::GET, &fixture.path, None).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[tokio::test]
async fn head_says_the_same_without_the_bytes() {
    let fixture = fixture().await;
    let response = fixture.send(Method::HEAD, &fixture.path, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header_of(&response, header::CONTENT_LENGTH), "600000");
    assert_eq!(header_of(&response, header::ETAG), format!("\"{}\"", fixture.hash));
    assert!(body(response).await.is_empty());
}

#[tokio::test]
async fn what_the_cache_has_is_not_sent_again() {
    let fixture = fixture().await;
    let (strong, weak) = (format!("\"{}\"", fixture.hash), format!("\"other\", W/\"{}\"", fixture.hash));
    for tags in [strong.as_str(), weak.as_str(), "*"] {
        for method in [Method::GET, Method::HEAD] {
            let response = fixture.send(method, &fixture.path, Some(tags)).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tags}");
            assert_eq!(header_of(&response, header::ETAG), strong);
            assert!(header_of(&response, header::CACHE_CONTROL).contains("immutable"));
            assert!(body(response).await.is_empty());
        }
    }
    let response = fixture.send(Method::GET, &fixture.path, Some("\"other\"")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = fixture.send(Method::GET, &fixture.path, Some(&fixture.hash)).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "without its quotes it is no tag");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let fixture = fixture().await;
    let hash = &fixture.hash;
    let paths = [
        format!("/static/image/{PHOTO}/large.{hash}"),
        format!("/static/image/0198c0de-0000-7000-8000-000000000002/small.{hash}"),
        format!("/static/image/{PHOTO}/small.{}", URL_SAFE_NO_PAD.encode([7; 32])),
        format!("/static/image/{PHOTO}/small.{hash}.jpg"),
        format!("/static/image/{PHOTO}/small"),
        format!("/static/image/{PHOTO}/%2e%2e%2fsmall.{hash}"),
        format!("/static/image/%ff/small.{hash}"),
        format!("/static/image/{PHOTO}"),
        "/static/image/".to_owned(),
        "/".to_owned(),
    ];
    for path in paths {
        for tags in [None, Some("*")] {
            let response = fixture.send(Method::GET, &path, tags).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(header_of(&response, header::CONTENT_TYPE), "application/problem+json");
            assert!(!header_of(&response, header::CACHE_CONTROL).contains("immutable"));
        }
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let fixture = fixture().await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let response = fixture.send(method, &fixture.path, None).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header_of(&response, header::ALLOW), "GET,HEAD");
        assert_eq!(header_of(&response, header::CONTENT_TYPE), "application/problem+json");
    }
}

#[tokio::test]
async fn a_damaged_rendition_never_looks_whole() {
    let fixture = fixture().await;
    let chunks: Vec<_> = fixture.keys.keys().into_iter().filter(|key| key.ends_with("/1")).collect();
    for chunk in &chunks {
        fixture.keys.delete(chunk).await.unwrap();
    }
    assert_eq!(chunks.len(), 1);
    let response = fixture.send(Method::GET, &fixture.path, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.into_body().collect().await.is_err());
}
