//! The service on a real database, with a clock that the test moves.

use auth_core::{
    Auth, Client, Deployment, DeviceName, Doors, Email, Hashing, MIGRATIONS, Ports, Registration, RelyingParty,
    Settings, SignedIn, router,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;
use tower::ServiceExt as _;
use uuid::Uuid;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::NoRing;
use vitrine_identity::{ServiceToken, Signer, Verifier};
use vitrine_kv::{Backend, Kv, KvError, SqlKv};
use vitrine_mailer::{Mail, MailError, Mailbox, Mailer};
use vitrine_random::SeededRandom;
use vitrine_session::LiveSessions;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const EXCHANGE_TOKEN: &str = "exchange-exchange-exchange-exchange-exchange";
pub(crate) const SERVICE_TOKEN: &str = "service-service-service-service-service-serv";
pub(crate) const ADMIN_TOKEN: &str = "admin-admin-admin-admin-admin-admin-admin-ad";

/// Work that was started after responses and waits for the test to run it.
type Queue = Arc<Mutex<Vec<BoxFuture<'static, ()>>>>;

/// A mailbox in front of which a server can be made to fail.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) mailbox: Mailbox,
    /// What the next tries are answered with, until it is taken away.
    pub(crate) failure: Arc<Mutex<Option<MailError>>>,
}

impl Mailer for Post {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        match self.failure.lock().unwrap().clone() {
            Some(error) => Box::pin(async { Err(error) }),
            None => self.mailbox.send(mail),
        }
    }
}

/// The keyspace of sessions, and somebody who does something else while it is asked, or lets it fail.
#[derive(Clone)]
pub(crate) struct Meddler {
    kv: Kv,
    /// What is done once, at the `after`th time that something is counted or a session is made live.
    pub(crate) work: Arc<Mutex<Option<BoxFuture<'static, ()>>>>,
    pub(crate) after: Arc<AtomicUsize>,
    /// Whether nothing can be deleted.
    pub(crate) keeps: Arc<AtomicBool>,
}

impl std::fmt::Debug for Meddler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddler")
    }
}

impl Meddler {
    async fn meddle(&self) {
        let counted = self.after.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let work = if counted == Ok(1) { self.work.lock().unwrap().take() } else { None };
        if let Some(work) = work {
            work.await;
        }
    }
}

impl Backend for Meddler {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KvError>> {
        Box::pin(self.kv.get(key))
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, expiry: Option<Duration>) -> BoxFuture<'a, Result<(), KvError>> {
        Box::pin(async move {
            self.meddle().await;
            self.kv.set(key, value, expiry).await
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KvError>> {
        match self.keeps.load(Ordering::SeqCst) {
            true => Box::pin(async { Err(KvError::Unavailable("away".to_owned())) }),
            false => Box::pin(self.kv.delete(key)),
        }
    }

    fn increment<'a>(&'a self, key: &'a str, by: i64, expiry: Option<Duration>) -> BoxFuture<'a, Result<i64, KvError>> {
        Box::pin(async move {
            let sum = self.kv.increment(key, by, expiry).await?;
            self.meddle().await;
            Ok(sum)
        })
    }
}

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

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {self:?}")).to_owned()
    }

    /// The value that a cookie is set to.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.split(';').next());
        values.next().map(str::to_owned)
    }
}

/// That an answer is a problem, in every member.
pub(crate) fn is_problem(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.body["status"], status.as_u16());
    for member in ["type", "title", "detail", "instance"] {
        assert!(answer.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {answer:?}");
    }
    assert!(answer.body["instance"].as_str().unwrap().ends_with(answer.header("x-request-id")));
}

pub(crate) struct Fixture {
    pub(crate) auth: Auth,
    pub(crate) clock: FixedClock,
    pub(crate) db: Db,
    pub(crate) live: LiveSessions,
    /// What another service would check tokens with.
    pub(crate) verifier: Verifier,
    pub(crate) post: Post,
    pub(crate) meddler: Meddler,
    queue: Queue,
    ports: Ports,
    router: Router,
    #[allow(dead_code, reason = "the databases are in it as long as it is there")]
    folder: Arc<tempfile::TempDir>,
}

pub(crate) fn signer(seed: u8) -> Signer {
    Signer::from_seed(&URL_SAFE_NO_PAD.encode([seed; 32])).unwrap()
}

pub(crate) fn hashing(memory_kib: u32) -> Hashing {
    Hashing::new(memory_kib, 1, 1, Deployment::Test, &SeededRandom::new(1)).unwrap()
}

pub(crate) fn settings() -> Settings {
    Settings {
        hashing: hashing(1024),
        signer: signer(7),
        public_keys: vec![],
        issuer: "vitrine".to_owned(),
        public_url: "https://vitrine.example/".to_owned(),
        relying_party: RelyingParty::of("https://vitrine.example/").unwrap(),
        first_admin: Some(Email::parse("root@example.org").unwrap()),
    }
}

fn doors(post: &Post, queue: &Queue) -> Doors {
    let queue = Arc::clone(queue);
    Doors {
        admin: ServiceToken::new(ADMIN_TOKEN).unwrap(),
        exchange: ServiceToken::new(EXCHANGE_TOKEN).unwrap(),
        service: ServiceToken::new(SERVICE_TOKEN).unwrap(),
        mailbox: Some(post.mailbox.clone()),
        spawn: Arc::new(move |work| queue.lock().unwrap().push(work)),
    }
}

pub(crate) async fn fixture() -> Fixture {
    Fixture::with(settings()).await
}

impl Fixture {
    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Db::from(Sqlite::open(folder.path().join(name)).unwrap());
        let (db, kv) = (open("auth.db"), open("kv.db"));
        db.migrate(MIGRATIONS).await.unwrap();
        kv.migrate(vitrine_kv::MIGRATIONS).await.unwrap();
        let clock = FixedClock::at("2026-01-31T12:00:00Z".parse::<Timestamp>().unwrap());
        let sessions = Kv::from(SqlKv::new(kv, Arc::new(clock.clone())));
        let (work, after, keeps) = (Arc::default(), Arc::default(), Arc::default());
        let meddler = Meddler { kv: sessions, work, after, keeps };
        let sessions = Kv::new(meddler.clone());
        let verifier = Verifier::new(vec![settings.signer.public_key().clone()], "vitrine", Arc::new(clock.clone()));
        let mailbox = Mailbox::new(db.clone(), Arc::new(clock.clone()));
        let (post, queue) = (Post { mailbox, failure: Arc::default() }, Queue::default());
        let ports = Ports {
            db: db.clone(),
            sessions: sessions.clone(),
            ring: Arc::new(NoRing),
            mailer: Arc::new(post.clone()),
            clock: Arc::new(clock.clone()),
            random: Arc::new(SeededRandom::new(1)),
        };
        let auth = Auth::new(ports.clone(), settings);
        let live = LiveSessions::new(sessions);
        let router = router(auth.clone(), doors(&post, &queue));
        Self { meddler, router, post, queue, auth, clock, db, live, verifier, ports, folder: Arc::new(folder) }
    }

    /// The same service after a restart with other settings.
    pub(crate) fn restarted(&self, settings: Settings) -> Self {
        let auth = Auth::new(self.ports.clone(), settings);
        Self {
            router: router(auth.clone(), doors(&self.post, &self.queue)),
            meddler: self.meddler.clone(),
            post: self.post.clone(),
            queue: Arc::clone(&self.queue),
            auth,
            clock: self.clock.clone(),
            db: self.db.clone(),
            live: self.live.clone(),
            verifier: self.verifier.clone(),
            ports: self.ports.clone(),
            folder: Arc::clone(&self.folder),
        }
    }

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

    /// A request with these headers, and a body of JSON unless it is null.
    pub(crate) async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], body).await
    }

    /// A request of who has this access token.
    pub(crate) async fn act(&self, method: Method, token: &str, path: &str, body: &Value) -> Answer {
        self.call(method, path, &[("authorization", format!("Bearer {token}").as_str())], body).await
    }

    pub(crate) async fn me(&self, authorization: Option<&str>) -> Answer {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        self.call(Method::GET, "/api/v1/auth/me", &headers, &Value::Null).await
    }

    /// Registers `handle`.
    pub(crate) async fn register(&self, handle: &str) -> SignedIn {
        let email = format!("{handle}@example.org");
        let registration = Registration { email: &email, handle, password: PASSWORD, display_name: None };
        let client = Client { name: DeviceName::of("tests"), device_token: None };
        self.auth.register(registration, &client).await.unwrap()
    }

    /// Logs in over HTTP.
    pub(crate) async fn login(&self, login: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", &json!({ "login": login, "password": password })).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/api/v1/auth/refresh", &json!({ "refreshToken": token })).await
    }

    /// The session of an access token.
    pub(crate) fn session_of(&self, access_token: &str) -> Uuid {
        self.verifier.verify(access_token).unwrap().session_id
    }

    /// Runs the work that was started after responses.
    pub(crate) async fn run_spawned(&self) {
        loop {
            let work = std::mem::take(&mut *self.queue.lock().unwrap());
            if work.is_empty() {
                return;
            }
            futures::future::join_all(work).await;
        }
    }

    /// The subjects of the mail to an address, the last one first, once all is sent.
    pub(crate) async fn subjects(&self, to: &str) -> Vec<String> {
        self.auth.deliver_mail().await.unwrap();
        let mails = self.post.mailbox.latest(Some(to), 100).await.unwrap();
        mails.into_iter().map(|mail| mail.subject).collect()
    }

    /// The secret in the last mail to an address, once all is sent.
    pub(crate) async fn secret(&self, to: &str) -> String {
        self.auth.deliver_mail().await.unwrap();
        let mails = self.post.mailbox.latest(Some(to), 1).await.unwrap();
        let text = &mails.first().unwrap_or_else(|| panic!("no mail to {to}")).text;
        text.split("?token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    /// Registers `handle`, and verifies its address in the session of that.
    pub(crate) async fn verified(&self, handle: &str) -> SignedIn {
        let signed_in = self.register(handle).await;
        let secret = self.secret(&format!("{handle}@example.org")).await;
        let caller = self.verifier.verify(&signed_in.tokens.access_token).unwrap();
        let actor = self.auth.actor(&caller).await.unwrap();
        self.auth.verify_email(&secret, Some(actor)).await.unwrap();
        signed_in
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.db.query_one(sql, []).await.unwrap().unwrap().get("n").unwrap()
    }
}
