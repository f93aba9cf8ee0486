//! A whole service in process: real SQLite, a store in memory, a clock that stands still, and rings that are counted.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use upload_core::{MIGRATIONS, Settings, State, Tokens, Upload, router};
use uuid::Uuid;
use vitrine_blob::{Blobs, Chunks, MemoryKeys};
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::{Db, Value as Sql};
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::{Ring, Spawn};
use vitrine_identity::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims, ServiceToken, Signer, Verifier};
use vitrine_random::{Ids, SeededRandom};

pub(crate) const REPORT: &str = "report-report-report-report-report-report-re";
pub(crate) const SERVICE: &str = "service-service-service-service-service-serv";
const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
pub(crate) const MAX_BYTES: u64 = 600_000;
pub(crate) const QUOTA_BYTES: u64 = 2_000_000;
pub(crate) const QUOTA_PHOTOS: u64 = 12;

/// Work that was started after responses and waits for the test to run it.
type Queue = Arc<Mutex<Vec<BoxFuture<'static, ()>>>>;

pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) upload: Upload,
    pub(crate) keys: MemoryKeys,
    pub(crate) clock: FixedClock,
    rings: Rings,
    queue: Queue,
    signer: Signer,
    _folder: TempDir,
}

/// Counts how often it was rung.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rings(Arc<AtomicUsize>);

impl Ring for Rings {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::with(Blobs::on).await
    }

    /// With another store of originals, which `originals` makes of the one in memory.
    pub(crate) async fn with(originals: impl FnOnce(Chunks) -> Blobs) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::new(Sqlite::open(folder.path().join("upload.db")).unwrap());
        db.migrate(MIGRATIONS).await.unwrap();
        let (keys, random, rings) = (MemoryKeys::default(), Arc::new(SeededRandom::new(1)), Rings::default());
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        let upload = Upload {
            db,
            originals: originals(Chunks::new(Arc::new(keys.clone()), random.clone())),
            ring: Arc::new(rings.clone()),
            clock: Arc::new(clock.clone()),
            random: random.clone(),
            ids: Ids::new(Arc::new(clock.clone()), random),
            settings: Arc::new(Settings { max_bytes: MAX_BYTES, quota_bytes: QUOTA_BYTES, quota_photos: QUOTA_PHOTOS }),
        };
        let signer = Signer::from_seed(SEED).unwrap();
        let verifier = Verifier::new(vec![signer.public_key().clone()], "vitrine", Arc::new(clock.clone()));
        let queue = Queue::default();
        let spawn: Spawn = {
            let queue = queue.clone();
            Arc::new(move |work| queue.lock().unwrap().push(work))
        };
        let token = |secret| ServiceToken::new(secret).unwrap();
        let tokens = Tokens { report: token(REPORT), service: token(SERVICE) };
        let router = router(State::new(upload.clone(), verifier, tokens, spawn));
        Self { router, upload, keys, clock, rings, queue, signer, _folder: folder }
    }

    /// An access token of that account.
    pub(crate) fn token(&self, account: u128) -> String {
        self.token_of_key(account, None)
    }

    /// An access token that was made from an API key, if `scopes` says so.
    pub(crate) fn token_of_key(&self, account: u128, scopes: Option<&[&str]>) -> String {
        let now = vitrine_clock::Clock::now(&self.clock).as_seconds();
        self.signer.sign(&Claims {
            iss: "vitrine".to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::from_u128(account),
            handle: "anna".to_owned(),
            roles: Vec::new(),
            iat: now,
            nbf: now,
            exp: now + i64::from(ACCESS_TOKEN_SECONDS),
            jti: Uuid::from_u128(1),
            sid: Uuid::from_u128(3),
            scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        })
    }

    /// How often the relay was rung.
    pub(crate) fn rung(&self) -> usize {
        self.rings.0.load(Ordering::SeqCst)
    }

    /// Runs all work that was started, also what that starts.
    pub(crate) async fn run_spawned(&self) {
        loop {
            let work = std::mem::take(&mut *self.queue.lock().unwrap());
            if work.is_empty() {
                return;
            }
            futures::future::join_all(work).await;
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Bytes> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }

    pub(crate) async fn get(&self, account: u128, path: &str) -> (StatusCode, Value) {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token(account)));
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        (response.status(), json_of(&response))
    }

    /// Uploads a body of unknown length.
    pub(crate) async fn upload(&self, account: u128, query: &str, body: impl Into<Body>) -> Response<Bytes> {
        let request = Request::post(format!("/api/v1/photos{query}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token(account)))
            .header(header::CONTENT_TYPE, "application/octet-stream");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Uploads something and gives its id.
    pub(crate) async fn photo(&self, account: u128, query: &str) -> Uuid {
        let response = self.upload(account, query, "picture").await;
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{response:?}");
        json_of(&response)["photo"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// A request of an account, or of nobody.
    pub(crate) async fn ask(
        &self,
        account: Option<u128>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(account) = account {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token(account)));
        }
        if !body.is_null() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    /// Uploads something and gives its id and its event's.
    pub(crate) async fn received(&self, account: u128) -> (Uuid, Uuid) {
        let response = self.upload(account, "", "picture").await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let photo: Uuid = json_of(&response)["photo"]["id"].as_str().unwrap().parse().unwrap();
        let row = self.upload.db.query_one("SELECT id FROM outbox_events WHERE subject = $1", [photo.into()]).await;
        (photo, row.unwrap().unwrap().get("id").unwrap())
    }

    /// A call of the worker, or of the relay.
    pub(crate) async fn private(&self, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let token = if path.starts_with("/_photos/") { REPORT } else { SERVICE };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let response = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        (response.status(), json_of(&response))
    }

    pub(crate) async fn begin_attempt(&self, photo: Uuid, event: Uuid) -> (StatusCode, Value) {
        self.private("POST", &format!("/_photos/{photo}/attempts"), &json!({ "eventId": event })).await
    }

    pub(crate) async fn finish(&self, photo: Uuid, event: Uuid, outcome: Value) -> StatusCode {
        let body = json!({ "eventId": event, "outcome": outcome });
        self.private("PUT", &format!("/_photos/{photo}/result"), &body).await.0
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.upload.db.query_one(sql, Vec::<Sql>::new()).await.unwrap().unwrap().get("n").unwrap()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(crate) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or(Value::Null)
}

/// An outcome with one rendition.
pub(crate) fn processed() -> Value {
    json!({
        "status": "processed", "width": 4000, "height": 3000,
        "renditions": [{
            "name": "small", "width": 320, "height": 240, "type": "image/jpeg", "bytes": 1234, "sha256": "0f".repeat(32),
        }],
    })
}

/// A text field of a form.
pub(crate) fn part(name: &str, value: &str) -> String {
    format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// The picture of a form.
pub(crate) fn picture(bytes: &str) -> String {
    format!(
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\"\r\ncontent-type: image/png\r\n\r\n{bytes}\r\n"
    )
}

/// A form with these parts, whose boundary is `edge`.
pub(crate) fn form(parts: &[String]) -> String {
    format!("{}--edge--\r\n", parts.concat())
}
