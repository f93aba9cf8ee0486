//! URLs for others, and buckets that are named by the host.

use crate::support::{blobs, blobs_over, out, settings};
use bytes::Bytes;
use futures::{future::BoxFuture, stream};
use http::{HeaderValue, Request, Response, Uri, header::HOST};
use std::{convert::Infallible, sync::Arc, time::Duration};
use vitrine_blob::{Blobs, Manifest, PresignedPut};
use vitrine_blob_s3::{Addressing, Settings};
use vitrine_http_out::{Body, HttpOut, HttpOutError};
use vitrine_servers::{Alone, S3};

const MINUTE: Duration = Duration::from_secs(60);
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn server(change: fn(S3) -> S3) -> Option<Alone<S3>> {
    let server = S3::alone_as(change).unwrap();
    if let Some(server) = &server {
        server.bucket("photos").unwrap();
    }
    server
}

async fn put(blobs: &Blobs, key: &str) -> Manifest {
    blobs.put(key, stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"hello"))]), 5).await.unwrap()
}

async fn send(method: &str, url: &str, headers: &[(String, String)], body: &'static str) -> Response<Bytes> {
    let request = headers.iter().filter(|(name, _)| name != "content-length");
    let request =
        request.fold(Request::builder().method(method).uri(url), |request, (name, value)| request.header(name, value));
    out().unwrap().send(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await.unwrap()
}

#[tokio::test]
async fn whoever_has_the_url_can_get() {
    let Some(server) = server(|server| server) else { return };
    let blobs = blobs(&settings(&server.url(), "photos").unwrap()).unwrap();
    put(&blobs, "some/a b").await;
    let url = blobs.presign_get("some/a b", MINUTE).unwrap();
    let response = send("GET", &url, &[], "").await;
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, b"hello".as_slice()));
    for other in [url.replace("a%20b", "other"), url.replace("Expires=60", "Expires=600")] {
        assert_eq!(send("GET", &other, &[], "").await.status(), 403, "{other}");
    }
    assert_eq!(send("DELETE", &url, &[], "").await.status(), 403);
}

#[tokio::test]
async fn whoever_has_the_url_can_put_these_bytes_only() {
    let Some(server) = server(|server| server) else { return };
    let blobs = blobs(&settings(&server.url(), "photos").unwrap()).unwrap();
    let manifest = Manifest { bytes: 5, sha256: HELLO.to_owned() };
    let PresignedPut { url, headers } = blobs.presign_put("a", &manifest, MINUTE).unwrap();
    let refused = async |headers: &[(String, String)], body: &'static str| {
        let status = send("PUT", &url, headers, body).await.status();
        assert!(status.is_client_error(), "{body}: {status}");
    };
    refused(&headers, "other").await;
    refused(&headers, "hello, and more").await;
    refused(&[], "hello").await;
    let mut changed = headers.clone();
    changed.iter_mut().filter(|(name, _)| name == "x-amz-meta-sha256").for_each(|(_, value)| *value = "0".repeat(64));
    refused(&changed, "hello").await;
    assert_eq!(send("PUT", &url, &headers, "hello").await.status(), 200);
    assert_eq!(blobs.head("a").await.unwrap(), Some(manifest));
    let none = Manifest { bytes: 5, sha256: "2CF24D".to_owned() };
    assert!(blobs.presign_put("a", &none, MINUTE).is_err());
}

#[tokio::test]
async fn urls_are_for_the_address_that_others_know() {
    let mut settings = settings("http://a:b@10.0.0.1:9000", "photos").unwrap();
    settings.public_url = "https://images.example.org".to_owned();
    let blobs = blobs(&settings).unwrap();
    let url = blobs.presign_get("a", MINUTE).unwrap();
    assert!(
        url.starts_with("https://images.example.org/photos/a?") && url.contains("X-Amz-SignedHeaders=host"),
        "{url}"
    );
    let put = blobs.presign_put("a", &Manifest { bytes: 5, sha256: HELLO.to_owned() }, MINUTE).unwrap();
    let signed = "SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256%3Bx-amz-meta-sha256";
    assert!(put.url.starts_with("https://images.example.org/photos/a?") && put.url.contains(signed), "{}", put.url);
}

/// Finds the hosts below `localhost`, which not every machine knows.
#[derive(Debug)]
struct Below(Arc<dyn HttpOut>);

impl HttpOut for Below {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        self.0.send(request)
    }

    fn stream(&self, mut request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        let authority = request.uri().authority().unwrap().to_string();
        request.headers_mut().insert(HOST, HeaderValue::from_str(&authority).unwrap());
        let mut parts = request.uri().clone().into_parts();
        let port = authority.rsplit_once(':').unwrap().1;
        parts.authority = Some(format!("127.0.0.1:{port}").parse().unwrap());
        *request.uri_mut() = Uri::from_parts(parts).unwrap();
        self.0.stream(request)
    }
}

#[tokio::test]
async fn a_bucket_can_be_named_by_the_host() {
    let Some(server) = server(S3::by_name) else { return };
    let path = settings(&server.url().replace("127.0.0.1", "localhost"), "photos").unwrap();
    let settings = Settings { addressing: Addressing::VirtualHost, ..path };
    let blobs = blobs_over(&settings, Arc::new(Below(out().unwrap()))).unwrap();
    let manifest = put(&blobs, "some/a b").await;
    assert_eq!(blobs.head("some/a b").await.unwrap(), Some(manifest));
    assert_eq!(blobs.head("other").await.unwrap(), None);
    assert!(blobs.presign_get("a", MINUTE).unwrap().starts_with("http://photos.localhost:"));
    blobs.delete("some/a b").await.unwrap();
    assert_eq!(blobs.head("some/a b").await.unwrap(), None);
}
