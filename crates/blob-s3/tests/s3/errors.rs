//! Each way to fail is told apart, and says what to do.

use crate::support::{blobs, blobs_over, settings};
use bytes::Bytes;
use futures::stream;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use std::{convert::Infallible, sync::Arc, time::Duration};
use vitrine_blob::{BlobError, Blobs, PutError};
use vitrine_blob_s3::{Addressing, SINGLE_BYTES, Settings};
use vitrine_fault_proxy::{Fault, HttpProxy, Rule};
use vitrine_http_out::{Limits, RouterHttpOut};
use vitrine_servers::{Alone, S3, Url};

fn server() -> Option<Alone<S3>> {
    let server = S3::alone().unwrap();
    if let Some(server) = &server {
        server.bucket("photos").unwrap();
    }
    server
}

async fn put(blobs: &Blobs, key: &str) -> Result<(), BlobError> {
    match blobs.put(key, stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"hello"))]), 5).await {
        Ok(_) => Ok(()),
        Err(PutError::Store(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

/// What each function of the port fails with.
async fn all(blobs: &Blobs) -> [BlobError; 5] {
    [
        put(blobs, "a").await.unwrap_err(),
        blobs.get("a").await.unwrap_err(),
        blobs.range("a", 0, 1).await.unwrap_err(),
        blobs.head("a").await.unwrap_err(),
        blobs.delete("a").await.unwrap_err(),
    ]
}

#[tokio::test]
async fn a_wrong_key_is_denied() {
    let Some(server) = server() else { return };
    let right = settings(&server.url(), "photos").unwrap();
    for wrong in [
        Settings { secret_key: "wrong".to_owned(), ..right.clone() },
        Settings { access_key: "nobody".to_owned(), ..right.clone() },
    ] {
        let blobs = blobs(&wrong).unwrap();
        // A wrong key is as wrong for what erasing asks first, and for what it does then.
        for error in all(&blobs).await {
            assert!(matches!(&error, BlobError::Denied { .. }), "{error}");
            assert!(error.to_string().contains("`s3_secret_key`") && !error.to_string().contains("wrong"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_missing_bucket_is_named() {
    let Some(server) = server() else { return };
    let blobs = blobs(&settings(&server.url(), "elsewhere").unwrap()).unwrap();
    let no_bucket = BlobError::NoBucket { bucket: "elsewhere".to_owned() };
    // A put is not tried: s3s-fs would make the bucket.
    assert_eq!(blobs.get("a").await.unwrap_err(), no_bucket);
    assert_eq!(blobs.range("a", 0, 1).await.unwrap_err(), no_bucket);
    assert_eq!(blobs.head("a").await.unwrap_err(), no_bucket);
    assert_eq!(blobs.delete("a").await.unwrap_err(), no_bucket);
}

/// As real servers answer; s3s-fs itself makes a bucket of the folder that is missing.
#[tokio::test]
async fn a_missing_bucket_is_named_by_a_put() {
    const ANSWER: &str = "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>No.</Message></Error>";
    let router = axum::Router::new().fallback(|| async { (axum::http::StatusCode::NOT_FOUND, ANSWER) });
    let out =
        RouterHttpOut::new(Limits::default()).with("http://s3.test:80", router.clone()).with("http://s3.test", router);
    let blobs = blobs_over(&settings("http://a:b@s3.test:80", "elsewhere").unwrap(), Arc::new(out)).unwrap();
    for error in all(&blobs).await {
        assert_eq!(error, BlobError::NoBucket { bucket: "elsewhere".to_owned() });
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let nobody = format!("http://a:b@127.0.0.1:{}", vitrine_servers::free_port().unwrap());
    let blobs = blobs(&settings(&nobody, "photos").unwrap()).unwrap();
    for error in all(&blobs).await {
        assert!(matches!(&error, BlobError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("`s3_endpoint`"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_may_not_be_called_is_denied() {
    let out = Arc::new(RouterHttpOut::new(Limits::default()));
    let blobs = blobs_over(&settings("http://a:b@s3.test:80", "photos").unwrap(), out).unwrap();
    for error in all(&blobs).await {
        assert!(matches!(&error, BlobError::Denied { .. }) && error.to_string().contains("`s3_host`"), "{error}");
    }
}

/// The message names what is called, and the one grant that allows it for all buckets.
#[tokio::test]
async fn what_may_not_be_called_is_named_as_it_is_called() {
    let path = settings("http://a:b@s3.test:9000", "photos").unwrap();
    let by_name = Settings { addressing: Addressing::VirtualHost, ..path.clone() };
    for (settings, origin, grant) in [
        (path, "http://s3.test:9000", "http://s3.test:9000"),
        (by_name, "http://photos.s3.test:9000", "http://*.s3.test:9000"),
    ] {
        let blobs = blobs_over(&settings, Arc::new(RouterHttpOut::new(Limits::default()))).unwrap();
        for error in all(&blobs).await {
            let BlobError::Denied { reason } = error else { panic!("{error}") };
            assert_eq!(reason, format!("this component may not call {origin}; set `s3_host` to {grant}"));
        }
    }
}

/// As AWS answers to a key without `s3:ListBucket`: what is not there is forbidden. Everything else is allowed.
#[tokio::test]
async fn a_key_that_may_not_list_can_put_large_blobs_and_erase() {
    let Some(server) = server() else { return };
    let (right, large) = (settings(&server.url(), "photos").unwrap(), vec![7; SINGLE_BYTES as usize + 1]);
    let url = Url::parse(&server.url()).unwrap();
    let proxy = HttpProxy::start(&format!("127.0.0.1:{}", url.port)).await.unwrap();
    let forbidden = || proxy.set(Rule::when(Fault::Status(403), |seen| seen.method == "HEAD").times(1));
    let blobs = blobs(&Settings { endpoint: proxy.url(), ..right }).unwrap();
    forbidden();
    let source = stream::iter([Ok::<_, Infallible>(Bytes::from(large))]);
    let put = blobs.put("large", source, u64::MAX).await.unwrap();
    assert_eq!(blobs.head("large").await.unwrap(), Some(put));
    forbidden();
    let error = blobs.head("absent").await.unwrap_err();
    assert!(matches!(&error, BlobError::Denied { .. }) && error.to_string().contains("s3:ListBucket"), "{error}");
    forbidden();
    blobs.delete("absent").await.unwrap();
}

#[tokio::test]
async fn an_object_that_others_put_has_no_manifest() {
    let Some(server) = server() else { return };
    let settings = settings(&server.url(), "photos").unwrap();
    let blobs = blobs(&settings).unwrap();
    put_plain(&settings, "theirs").await;
    for error in [blobs.head("theirs").await.unwrap_err(), blobs.get("theirs").await.unwrap_err()] {
        assert!(matches!(&error, BlobError::Damaged { .. }) && error.to_string().contains("SHA-256"), "{error}");
    }
}

/// Puts an object as another program does.
async fn put_plain(settings: &Settings, key: &str) {
    let endpoint = settings.endpoint.parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::Path, settings.bucket.clone(), settings.region.clone()).unwrap();
    let credentials = Credentials::new(&settings.access_key, &settings.secret_key);
    let url = bucket.put_object(Some(&credentials), key).sign(Duration::from_secs(60));
    let request = http::Request::put(url.as_str()).body(Bytes::from_static(b"hello")).unwrap();
    assert_eq!(crate::support::out().unwrap().send(request).await.unwrap().status(), 200);
}
