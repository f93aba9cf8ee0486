//! The service on a real database, with a clock that the test moves.

use auth_core::{Auth, Hashing, MIGRATIONS, Store, router};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;
use vitrine_identity::{Signer, Verifier};
use vitrine_random::SeededRandom;

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// A header as text, empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) struct Fixture {
    pub(crate) auth: Auth,
    pub(crate) clock: FixedClock,
    pub(crate) db: Db,
    /// What another service would check tokens with.
    pub(crate) verifier: Verifier,
    router: Router,
    _folder: tempfile::TempDir,
}

pub(crate) async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::from(Sqlite::open(folder.path().join("auth.db")).unwrap());
    db.migrate(MIGRATIONS).await.unwrap();
    let clock = FixedClock::at("2026-01-31T12:00:00Z".parse::<Timestamp>().unwrap());
    let random = SeededRandom::new(1);
    let hashing = Hashing::new(1024, 1, 1, &random).unwrap();
    let signer = Signer::from_seed(&URL_SAFE_NO_PAD.encode([7; 32])).unwrap();
    let verifier = Verifier::new(vec![signer.public_key().clone()], "vitrine", Arc::new(clock.clone()));
    let store = Store::new(db.clone());
    let auth = Auth::new(store, hashing, signer, "vitrine", Arc::new(clock.clone()), Arc::new(random));
    Fixture { router: router(auth.clone()), auth, clock, db, verifier, _folder: folder }
}

impl Fixture {
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn me(&self, authorization: Option<&str>) -> Answer {
        let mut request = Request::builder().method(Method::GET).uri("/api/v1/auth/me");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}
