//! What becomes of the port while the server, or the way to it, does not work.

use crate::support::{PATIENCE, blobs, settings};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use std::convert::Infallible;
use std::time::Instant;
use vitrine_blob::{BlobError, Blobs, PutError};
use vitrine_fault_proxy::{Fault, HttpProxy, Rule, Seen};
use vitrine_servers::{Alone, S3, Url};

/// Large enough for three parts.
const LARGE: usize = (17 << 20) + 5;

struct Broken {
    proxy: HttpProxy,
    blobs: Blobs,
    _server: Alone<S3>,
}

async fn broken() -> Option<Broken> {
    let server = S3::alone().unwrap()?;
    server.bucket("photos").unwrap();
    let port = Url::parse(&server.url()).unwrap().port;
    let proxy = HttpProxy::start(&format!("127.0.0.1:{port}")).await.unwrap();
    let mut settings = settings(&server.url(), "photos").unwrap();
    settings.endpoint = proxy.url();
    Some(Broken { proxy, blobs: blobs(&settings).unwrap(), _server: server })
}

fn bytes(size: usize) -> Bytes {
    (0..size).map(|n| (n % 251) as u8).collect()
}

fn source(bytes: &Bytes) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(bytes.slice_ref(piece))).collect();
    stream::iter(pieces)
}

async fn put(blobs: &Blobs, key: &str, bytes: &Bytes) -> Result<(), PutError<Infallible>> {
    blobs.put(key, source(bytes), u64::MAX).await.map(drop)
}

async fn get(blobs: &Blobs, key: &str) -> Result<Bytes, BlobError> {
    blobs.get(key).await?.unwrap().1.collect().await
}

fn parts(seen: &Seen) -> bool {
    seen.query.contains("partNumber=")
}

#[tokio::test]
async fn a_server_that_is_busy_for_a_while_is_asked_again() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let hello = Bytes::from_static(b"hello");
    for fault in [Fault::Status(500), Fault::Status(503), Fault::HangUp, Fault::LoseAnswer] {
        let twice = || proxy.set(Rule::every(fault).times(2));
        twice();
        put(&blobs, "a", &hello).await.unwrap();
        twice();
        assert_eq!(get(&blobs, "a").await.unwrap(), hello);
        twice();
        assert_eq!(blobs.range("a", 1, 2).await.unwrap().unwrap().1.collect().await.unwrap(), "el");
        twice();
        assert_eq!(blobs.head("a").await.unwrap().unwrap().bytes, 5);
        twice();
        blobs.delete("a").await.unwrap();
        assert_eq!(blobs.head("a").await.unwrap(), None, "{fault:?}");
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_is_unavailable() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let hello = Bytes::from_static(b"hello");
    for status in [500, 503] {
        proxy.set(Rule::every(Fault::Status(status)));
        let error = put(&blobs, "a", &hello).await.unwrap_err();
        assert!(matches!(&error, PutError::Store(BlobError::Unavailable { .. })), "{error}");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        assert_eq!(proxy.seen().len(), 4);
        assert!(matches!(get(&blobs, "a").await, Err(BlobError::Unavailable { .. })));
        assert_eq!(proxy.seen().len(), 4);
    }
    proxy.heal();
    put(&blobs, "a", &hello).await.unwrap();
    assert_eq!(get(&blobs, "a").await.unwrap(), hello);
}

#[tokio::test]
async fn a_server_that_stands_still_is_given_up() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let some = bytes(300_000);
    put(&blobs, "a", &some).await.unwrap();
    let begin = Instant::now();
    proxy.set(Rule::every(Fault::Stall));
    assert!(matches!(put(&blobs, "b", &some).await, Err(PutError::Store(BlobError::Timeout { .. }))));
    assert!(matches!(blobs.head("a").await, Err(BlobError::Timeout { .. })));
    proxy.set(Rule::every(Fault::StallAnswer(1000)));
    let (_, mut stream) = blobs.get("a").await.unwrap().unwrap();
    let mut got = 0;
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(piece) => got += piece.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, BlobError::Timeout { .. }), "{error}");
    assert_eq!(got, 1000);
    // Three times it was given up; much more than that is no patience but a hang.
    assert!(begin.elapsed() < PATIENCE * 20, "{:?}", begin.elapsed());
    proxy.heal();
    assert_eq!(get(&blobs, "a").await.unwrap(), some);
}

#[tokio::test]
async fn bytes_that_end_early_are_told() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let some = bytes(300_000);
    put(&blobs, "a", &some).await.unwrap();
    proxy.set(Rule::every(Fault::TruncateAnswer(1000)));
    let told = |read: Result<Bytes, BlobError>, all: u64| match read.unwrap_err() {
        BlobError::Truncated { expected, got, .. } => expected == all && got <= 1000,
        other => panic!("{other}"),
    };
    assert!(told(get(&blobs, "a").await, 300_000));
    let (_, range) = blobs.range("a", 10, 2000).await.unwrap().unwrap();
    assert!(told(range.collect().await, 2000));
    proxy.set(Rule::every(Fault::TruncateAnswer(0)).times(1));
    blobs.delete("a").await.unwrap();
}

#[tokio::test]
async fn a_large_blob_is_put_in_parts_and_each_may_be_sent_again() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let large = bytes(LARGE);
    proxy.add(Rule::when(Fault::Status(503), parts).times(1));
    proxy.add(Rule::when(Fault::LoseAnswer, |seen| seen.query.contains("partNumber=2")).times(1));
    // The upload is completed, and nobody hears of it.
    proxy.add(Rule::when(Fault::LoseAnswer, |seen| seen.method == "POST" && seen.query.contains("uploadId=")).times(1));
    put(&blobs, "large", &large).await.unwrap();
    let seen = proxy.seen();
    assert_eq!(seen.iter().filter(|seen| parts(seen) && seen.fault.is_none()).count(), 3);
    assert_eq!(seen.iter().filter(|seen| parts(seen)).filter_map(|seen| seen.length).max(), Some(8 << 20));
    assert_eq!(get(&blobs, "large").await.unwrap(), large);
    // What is not larger than 16 MiB is one request.
    let single = large.slice(..16 << 20);
    proxy.seen().clear();
    put(&blobs, "single", &single).await.unwrap();
    let seen = proxy.seen();
    assert_eq!(
        seen.iter().map(|seen| (seen.method.as_str(), seen.length)).collect::<Vec<_>>(),
        [("PUT", Some(16 << 20))]
    );
}

#[tokio::test]
async fn an_upload_that_fails_is_aborted() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let (large, small) = (bytes(LARGE), bytes(10));
    put(&blobs, "a", &small).await.unwrap();
    let failures: [fn(&Seen) -> bool; 3] = [
        |seen| seen.query.contains("partNumber=2"),
        |seen| seen.path.ends_with(".sha256") && seen.method == "PUT",
        |seen| seen.method == "POST" && seen.query.contains("uploadId="),
    ];
    for fails in failures {
        proxy.set(Rule::when(Fault::Status(503), fails));
        let error = put(&blobs, "a", &large).await.unwrap_err();
        assert!(matches!(error, PutError::Store(BlobError::Unavailable { .. })), "{error}");
        let aborted = |seen: &Seen| seen.method == "DELETE" && seen.query.contains("uploadId=") && seen.fault.is_none();
        assert_eq!(proxy.seen().iter().filter(|seen| aborted(seen)).count(), 1);
        proxy.heal();
        assert_eq!(get(&blobs, "a").await.unwrap(), small);
    }
    proxy.heal();
    put(&blobs, "a", &large).await.unwrap();
    proxy.seen().clear();
    put(&blobs, "a", &large).await.unwrap();
    let seen = proxy.seen();
    let erased: Vec<_> = seen.iter().filter(|seen| seen.method == "DELETE").collect();
    assert!(matches!(erased.as_slice(), [one] if one.path.ends_with(".sha256")), "{erased:?}");
}

fn completes(seen: &Seen) -> bool {
    seen.method == "POST" && seen.query.contains("uploadId=")
}

/// The server completes the upload, and no answer of it ever comes back.
#[tokio::test]
async fn an_upload_that_was_completed_unheard_is_whole() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let large = bytes(LARGE);
    for before in [None, Some(bytes(10)), Some(bytes(LARGE + 1))] {
        if let Some(before) = before {
            put(&blobs, "a", &before).await.unwrap();
        }
        proxy.set(Rule::when(Fault::LoseAnswer, completes));
        put(&blobs, "a", &large).await.unwrap();
        proxy.heal();
        assert_eq!(get(&blobs, "a").await.unwrap(), large);
        blobs.delete("a").await.unwrap();
    }
}

/// The same, and it cannot be asked for either: whether it was stored is not known, but it is not half.
#[tokio::test]
async fn an_upload_of_which_nothing_is_known_is_whole_or_not_there() {
    let Some(Broken { proxy, blobs, _server }) = broken().await else { return };
    let (large, small) = (bytes(LARGE), bytes(10));
    for fault in [Fault::LoseAnswer, Fault::Status(503), Fault::Stall] {
        put(&blobs, "a", &small).await.unwrap();
        // The first `HEAD` is before the upload.
        proxy.set(Rule::when(Fault::Delay(std::time::Duration::ZERO), |seen| seen.method == "HEAD").times(1));
        proxy.add(Rule::when(fault, |seen| completes(seen) || seen.method == "HEAD"));
        let error = put(&blobs, "a", &large).await.unwrap_err();
        let unknown = matches!(&error, PutError::Store(BlobError::Unavailable { .. } | BlobError::Timeout { .. }));
        assert!(unknown, "{error}");
        proxy.heal();
        let now = get(&blobs, "a").await.unwrap();
        assert_eq!(now, if fault == Fault::LoseAnswer { &large } else { &small }, "{fault:?}");
        assert_eq!(blobs.head("a").await.unwrap().unwrap().bytes, now.len() as u64);
    }
}
