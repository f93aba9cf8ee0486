//! Uploads that are swept while they still come.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, stream};
use support::App;
use tokio::sync::Semaphore;
use vitrine_blob::{Backend, BlobError, BlobStream, Blobs, Chunks, Manifest, PresignedPut, PutFailure, Source};

/// A put whose bytes are stored goes on once somebody has erased them, and who erased them first goes on once that put's
/// request is answered.
#[derive(Debug)]
struct Meeting {
    chunks: Chunks,
    steps: Arc<Steps>,
}

#[derive(Debug)]
struct Steps {
    stored: Semaphore,
    erased: Semaphore,
    answered: Semaphore,
    is_erased: AtomicBool,
}

async fn wait(step: &Semaphore) {
    step.acquire().await.unwrap().forget();
}

impl Backend for Meeting {
    fn put<'a>(&'a self, key: &'a str, source: Source<'a>) -> BoxFuture<'a, Result<Manifest, PutFailure>> {
        async move {
            let manifest = self.chunks.put(key, source).await?;
            self.steps.stored.add_permits(1);
            wait(&self.steps.erased).await;
            Ok(manifest)
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        async move {
            self.chunks.delete(key).await?;
            if !self.steps.is_erased.swap(true, Ordering::SeqCst) {
                self.steps.erased.add_permits(1);
                wait(&self.steps.answered).await;
            }
            Ok(())
        }
        .boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Manifest>, BlobError>> {
        self.chunks.head(key)
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.chunks.get(key)
    }

    fn range<'a>(
        &'a self,
        key: &'a str,
        start: u64,
        length: u64,
    ) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.chunks.range(key, start, length)
    }

    fn presign_get(&self, key: &str, valid: Duration) -> Result<String, BlobError> {
        self.chunks.presign_get(key, valid)
    }

    fn presign_put(&self, key: &str, manifest: &Manifest, valid: Duration) -> Result<PresignedPut, BlobError> {
        self.chunks.presign_put(key, manifest, valid)
    }
}

async fn assert_nothing_is_left(app: &App) {
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 0);
    assert_eq!(app.keys.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_swept_is_not_acknowledged() {
    let none = || Semaphore::new(0);
    let (stored, erased, answered) = (none(), none(), none());
    let steps = Arc::new(Steps { stored, erased, answered, is_erased: AtomicBool::new(false) });
    let app = App::with(|chunks| Blobs::on(Meeting { chunks, steps: Arc::clone(&steps) })).await;
    let upload = async {
        let response = app.upload(1, "", "picture").await;
        steps.answered.add_permits(1);
        response
    };
    let sweep = async {
        wait(&steps.stored).await;
        app.advance(3601);
        app.upload.sweep().await.unwrap();
    };
    let (response, ()) = tokio::join!(upload, sweep);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_nothing_is_left(&app).await;
}

#[tokio::test]
async fn what_a_sweep_that_died_has_left_is_swept() {
    let app = App::new().await;
    let endless = stream::iter([Ok::<_, std::io::Error>(Bytes::from(vec![1; 300_000]))]).chain(stream::pending());
    let upload = app.upload(1, "", Body::from_stream(endless));
    assert!(tokio::time::timeout(Duration::from_millis(200), upload).await.is_err());
    app.upload.db.execute("UPDATE photos SET discarded = 1", []).await.unwrap();
    app.advance(3601);
    app.upload.sweep().await.unwrap();
    assert_nothing_is_left(&app).await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_after_it_was_swept_leaves_nothing() {
    let app = App::new().await;
    let (upload, clock) = (app.upload.clone(), app.clock.clone());
    let swept = stream::once(async move {
        clock.advance(Duration::from_secs(3601));
        upload.sweep().await.unwrap();
        Err(std::io::Error::other("the sender went away"))
    });
    let body = stream::iter([Ok(Bytes::from(vec![1; 300_000]))]).chain(swept);
    let response = app.upload(1, "", Body::from_stream(body)).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_nothing_is_left(&app).await;
}

#[tokio::test]
async fn what_was_received_is_not_swept() {
    let app = App::new().await;
    let (photo, _) = app.received(1).await;
    app.advance(3601);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE status = 'received'").await, 1);
    assert!(app.upload.originals.head(&photo.to_string()).await.unwrap().is_some());
}
