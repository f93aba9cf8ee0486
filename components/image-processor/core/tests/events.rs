//! One event, from its delivery to the report, with an owner that is a router and an engine that the test decides.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::routing::any;
use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt;
use image_processor_core::{Defect, Engine, Failure, Format, Media, Owner, Processor, Rendered, Rendition, router};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use vitrine_blob::{Blobs, Keys, MemoryKeys};
use vitrine_http_out::{Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;
use vitrine_random::{Ids, SeededRandom};

const WORKER: &str = "worker-worker-worker-worker-worker-worker-wo";
const OWNER: &str = "owner-owner-owner-owner-owner-owner-owner-ow";
const PHOTO: &str = "018f3a3e-0000-7000-8000-000000000001";
const EVENT: &str = "018f3a3e-0000-7000-8000-000000000002";
const PICTURE: &[u8] = b"a picture";

/// Renders nothing but what the test says, and counts.
#[derive(Debug)]
struct Scripted {
    answer: Result<Rendered, Failure>,
    runs: AtomicUsize,
}

impl Engine for Scripted {
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure> {
        assert_eq!(picture, PICTURE);
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.answer.clone()
    }
}

/// What the owner was told: method, last part of the path, body.
type Told = Arc<Mutex<Vec<(String, String, Value)>>>;

struct App {
    router: Router,
    originals: Blobs,
    derivatives: MemoryKeys,
    engine: Arc<Scripted>,
    told: Told,
}

fn rendered() -> Rendered {
    let rendition = |name: &str, media| {
        let bytes = name.as_bytes().to_vec();
        Rendition { name: name.to_owned(), width: 4, height: 3, media, bytes }
    };
    let renditions = vec![rendition("small", Media::Jpeg), rendition("large", Media::Webp)];
    Rendered { width: 40, height: 30, renditions }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `verdict` and `result` are the owner's answers to an attempt and to a report.
async fn app(answer: Result<Rendered, Failure>, verdict: (StatusCode, &'static str), result: StatusCode) -> App {
    let told = Told::default();
    let record = told.clone();
    let owner = move |method: Method, headers: HeaderMap, Path((photo, rest)): Path<(String, String)>, body: String| async move {
        assert_eq!(headers["authorization"], format!("Bearer {OWNER}"));
        assert_eq!(photo, PHOTO);
        let body = serde_json::from_str(&body).unwrap_or(Value::Null);
        record.lock().unwrap().push((method.to_string(), rest.clone(), body));
        match (method, rest.as_str()) {
            (Method::POST, "attempts") => {
                (verdict.0, json!({ "attempt": 1, "verdict": verdict.1.replace("gone later", "go") }).to_string())
            }
            (Method::PUT, "result") => (result, String::new()),
            (Method::PUT, "written") if verdict.1 == "gone later" => (StatusCode::NOT_FOUND, String::new()),
            _ => (StatusCode::NO_CONTENT, String::new()),
        }
    };
    let owner = Router::new().route("/_photos/{id}/{*rest}", any(owner));
    let out = RouterHttpOut::new(Limits::default()).with("http://upload.spin.internal", owner);
    let random = Arc::new(SeededRandom::new(1));
    let (originals, derivatives) = (Blobs::new(Arc::new(MemoryKeys::default()), random.clone()), MemoryKeys::default());
    put(&originals, PICTURE).await;
    let engine = Arc::new(Scripted { answer, runs: AtomicUsize::new(0) });
    let owner = Owner::new(Arc::new(out), "http://upload.spin.internal".to_owned(), ServiceToken::new(OWNER).unwrap());
    let blobs = Blobs::new(Arc::new(derivatives.clone()), random);
    let processor = Processor::new(originals.clone(), blobs, engine.clone(), owner);
    let router = router(processor, &ServiceToken::new(WORKER).unwrap(), Ids::system());
    App { router, originals, derivatives, engine, told }
}

async fn put(originals: &Blobs, bytes: &'static [u8]) {
    let source = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(bytes))]);
    originals.put(PHOTO, source, 1000).await.unwrap();
}

fn event() -> Value {
    json!({
        "specversion": "1.0", "id": EVENT, "source": "/upload", "type": "vitrine.photo.uploaded.v1",
        "time": "2026-01-31T12:00:00.000Z", "subject": PHOTO, "datacontenttype": "application/json",
        "data": { "photoId": PHOTO, "bytes": PICTURE.len(), "sha256": hex(PICTURE) },
    })
}

impl App {
    async fn deliver_as(&self, token: &str, body: String) -> (StatusCode, Value) {
        let request = Request::post("/_events")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/cloudevents+json");
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn deliver(&self) -> StatusCode {
        self.deliver_as(WORKER, event().to_string()).await.0
    }

    fn told(&self) -> Vec<(String, String, Value)> {
        self.told.lock().unwrap().clone()
    }

    fn calls(&self) -> Vec<String> {
        self.told().iter().map(|(method, path, _)| format!("{method} {path}")).collect()
    }
}

const GO: (StatusCode, &str) = (StatusCode::OK, "go");

#[tokio::test]
async fn renditions_are_written_and_reported() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    let told = app.told();
    assert_eq!(told[0], ("POST".to_owned(), "attempts".to_owned(), json!({ "eventId": EVENT })));
    let rendition = |name: &str, media: &str| json!({ "name": name, "width": 4, "height": 3, "type": media, "bytes": 5, "sha256": hex(name.as_bytes()) });
    let renditions = [rendition("small", "image/jpeg"), rendition("large", "image/webp")];
    let outcome = json!({
        "status": "processed", "width": 40, "height": 30, "renditions": renditions,
    });
    assert_eq!(app.calls()[1], "DELETE attempts/1");
    let paths = json!([format!("small/{}", hex(b"small")), format!("large/{}", hex(b"large"))]);
    assert_eq!(told[2], ("PUT".to_owned(), "written".to_owned(), json!({ "eventId": EVENT, "paths": paths })));
    assert_eq!(told[3], ("PUT".to_owned(), "result".to_owned(), json!({ "eventId": EVENT, "outcome": outcome })));
    assert_eq!(told.len(), 4);
    assert!(app.derivatives.exists(&format!("{PHOTO}/small/{}", hex(b"small"))).await.unwrap());
}

#[tokio::test]
async fn the_same_event_again_changes_nothing() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    let keys = app.derivatives.keys();
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    assert_eq!(app.derivatives.keys(), keys);
    assert_eq!(app.told()[..4], app.told()[4..]);
}

#[tokio::test]
async fn a_picture_that_cannot_be_rendered_is_a_result() {
    let app = app(Err(Failure::Corrupt(Format::Png, Defect::Truncated)), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    let (_, _, report) = app.told()[2].clone();
    assert_eq!(report["outcome"]["status"], "rejected");
    let reason = report["outcome"]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("PNG is incomplete"), "{reason}");
    assert_eq!(app.derivatives.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn what_must_not_be_tried_is_not_and_needs_no_further_delivery() {
    for verdict in [(StatusCode::OK, "stop"), (StatusCode::NOT_FOUND, "")] {
        let app = app(Ok(rendered()), verdict, StatusCode::NO_CONTENT).await;
        assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
        assert_eq!(app.engine.runs.load(Ordering::SeqCst), 0);
        assert_eq!(app.calls(), ["POST attempts"]);
    }
}

#[tokio::test]
async fn an_attempt_ends_also_when_its_end_was_not_heard_at_first() {
    let app = app(Ok(rendered()), GO, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(app.deliver().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.calls(), ["POST attempts", "DELETE attempts/1", "PUT written", "PUT result", "DELETE attempts/1"]);
}

#[tokio::test]
async fn nothing_is_announced_when_the_owner_or_the_original_is_away() {
    let away = app(Ok(rendered()), (StatusCode::SERVICE_UNAVAILABLE, ""), StatusCode::NO_CONTENT).await;
    assert_eq!(away.deliver().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.engine.runs.load(Ordering::SeqCst), 0);

    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    put(&app.originals, b"a pigture").await;
    assert_eq!(app.deliver().await, StatusCode::SERVICE_UNAVAILABLE, "its digest is not the event's");
    put(&app.originals, b"shorter").await;
    assert_eq!(app.deliver().await, StatusCode::SERVICE_UNAVAILABLE, "its size is not the event's");
    assert_eq!(app.calls(), Vec::<String>::new());
    app.originals.delete(PHOTO).await.unwrap();
    assert_eq!(app.deliver().await, StatusCode::SERVICE_UNAVAILABLE, "it is gone, and its photo is not");
    assert_eq!(app.calls(), ["POST attempts", "DELETE attempts/1"], "no attempt stays counted");
}

#[tokio::test]
async fn an_original_that_is_gone_with_its_photo_is_waited_for_no_more() {
    let app = app(Ok(rendered()), (StatusCode::NOT_FOUND, ""), StatusCode::NO_CONTENT).await;
    app.originals.delete(PHOTO).await.unwrap();
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    assert_eq!(app.calls(), ["POST attempts"]);
}

#[tokio::test]
async fn nothing_of_a_photo_stays_that_is_deleted_meanwhile() {
    // Before anything is written, and after it.
    let gone = app(Ok(rendered()), (StatusCode::OK, "gone later"), StatusCode::NO_CONTENT).await;
    assert_eq!(gone.deliver().await, StatusCode::NO_CONTENT);
    assert_eq!(gone.calls(), ["POST attempts", "DELETE attempts/1", "PUT written"]);
    assert_eq!(gone.derivatives.keys(), Vec::<String>::new());

    let app = app(Ok(rendered()), GO, StatusCode::NOT_FOUND).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    assert_eq!(app.calls().last().unwrap(), "PUT result");
    assert_eq!(app.derivatives.keys(), Vec::<String>::new());
}

fn deleted(paths: &Value) -> String {
    let mut event = event();
    event["type"] = json!("vitrine.photo.deleted.v1");
    event["data"] = json!({ "photoId": PHOTO, "paths": paths });
    event.to_string()
}

#[tokio::test]
async fn what_was_written_of_a_photo_that_is_gone_is_removed() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    let told = app.calls().len();
    let paths = json!([format!("small/{}", hex(b"small")), format!("never/{}", hex(b"never"))]);
    for _ in 0..2 {
        assert_eq!(app.deliver_as(WORKER, deleted(&paths)).await.0, StatusCode::NO_CONTENT);
        assert!(!app.derivatives.exists(&format!("{PHOTO}/small/{}", hex(b"small"))).await.unwrap());
        assert!(app.derivatives.exists(&format!("{PHOTO}/large/{}", hex(b"large"))).await.unwrap());
    }
    assert_eq!(
        app.deliver_as(WORKER, deleted(&json!([format!("large/{}", hex(b"large"))]))).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(app.derivatives.keys(), Vec::<String>::new());
    assert_eq!(app.calls().len(), told, "the owner is told nothing");
}

#[tokio::test]
async fn nothing_is_removed_by_a_path_that_is_none() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver().await, StatusCode::NO_CONTENT);
    let keys = app.derivatives.keys();
    for path in [
        "",
        "small",
        "small/",
        "../small/x",
        "Small/0f",
        &format!("../{}", hex(b"small")),
        &format!("small/{}/", hex(b"small")),
    ] {
        let (status, _) = app.deliver_as(WORKER, deleted(&json!([format!("small/{}", hex(b"small")), path]))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    assert_eq!(app.derivatives.keys(), keys);
}

#[tokio::test]
async fn an_original_that_is_too_long_is_rejected_without_being_read() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    let mut event = event();
    event["data"]["bytes"] = json!(60_000_000);
    assert_eq!(app.deliver_as(WORKER, event.to_string()).await.0, StatusCode::NO_CONTENT);
    let (_, _, report) = app.told()[2].clone();
    assert!(report["outcome"]["reason"].as_str().unwrap().contains("60 MB"), "{report}");
    assert_eq!(app.engine.runs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    let with = |path: &str, value: Value| {
        let mut event = event();
        *event.pointer_mut(path).unwrap() = value;
        event.to_string()
    };
    for (body, status) in [
        (String::new(), StatusCode::BAD_REQUEST),
        ("[]".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (with("/id", json!("x")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("/data", json!({})), StatusCode::UNPROCESSABLE_ENTITY),
        (with("/specversion", json!("0.3")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("/type", json!("vitrine.photo.published.v1")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("/data/sha256", json!("00")), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("{}{}", event(), " ".repeat(17_000)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (found, problem) = app.deliver_as(WORKER, body.clone()).await;
        assert_eq!(found, status, "{body}");
        assert_eq!(problem["status"], status.as_u16(), "{body}");
    }
    assert_eq!(app.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn only_who_knows_the_token_may_deliver() {
    let app = app(Ok(rendered()), GO, StatusCode::NO_CONTENT).await;
    assert_eq!(app.deliver_as(OWNER, event().to_string()).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(app.calls(), Vec::<String>::new());
}
