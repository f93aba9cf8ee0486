//! A gateway, the services behind it, and what came to them.

use axum::{
    Json, Router,
    body::Body,
    extract::{Request as Incoming, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use gateway_core::{LIMITS, Ports, Settings, VARIABLES, router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use uuid::Uuid;
use vitrine_clock::{Clock as _, FixedClock, Timestamp, TokioTimer};
use vitrine_db_rusqlite::Sqlite;
use vitrine_http_out::{Limits, NativeHttpOut, StreamLimits};
use vitrine_identity::{AUDIENCE, Claims, ServiceToken, Signer};
use vitrine_kv::{Kv, MIGRATIONS, SqlKv};
use vitrine_random::{Ids, SeededRandom};
use vitrine_session::LiveSessions;

pub(crate) const AUTH_TOKEN: &str = "auth-auth-auth-auth-auth-auth-auth-auth-auth";
/// The API key that auth knows, and the account and session of its token.
pub(crate) const KEY: &str = "vk_1_secret";
const SEED: [u8; 32] = [7; 32];
pub(crate) const UPLOAD_BYTES: u64 = 100_000;
/// The peer of every connection, unless a test says otherwise.
pub(crate) const PEER: &str = "203.0.113.5:4711";
/// How long the services of these tests may take to answer.
const HEAD: Duration = Duration::from_millis(400);

/// A request as a service got it.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) service: &'static str,
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

type Log = Arc<Mutex<Vec<Came>>>;

/// What all gateways of one deployment share.
pub(crate) struct Deployment {
    pub(crate) clock: FixedClock,
    pub(crate) sessions: LiveSessions,
    pub(crate) values: BTreeMap<String, String>,
    session_kv: Kv,
    limits_kv: Kv,
    log: Log,
    _folder: TempDir,
}

/// One instance of the gateway.
pub(crate) struct Gateway {
    router: Router,
    log: Log,
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed(&URL_SAFE_NO_PAD.encode(SEED)).unwrap()
}

pub(crate) fn claims(now: i64, account: u128) -> Claims {
    Claims {
        iss: "vitrine".to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: Uuid::from_u128(account),
        handle: "ada".to_owned(),
        roles: vec!["user".to_owned()],
        iat: now,
        nbf: now,
        exp: now + 900,
        jti: Uuid::from_u128(9),
        sid: Uuid::from_u128(account + 1000),
        scopes: None,
    }
}

async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A keyspace in a file of its own. Without its table, it is one that fails.
fn keyspace(folder: &TempDir, name: &str, clock: &FixedClock) -> (vitrine_db::Db, Kv) {
    let db = vitrine_db::Db::new(Sqlite::open(folder.path().join(name)).unwrap());
    (db.clone(), SqlKv::new(db, Arc::new(clock.clone())).into())
}

impl Deployment {
    pub(crate) async fn new() -> Self {
        Self::with_stores(true, true).await
    }

    /// A deployment whose stores are there, or away.
    pub(crate) async fn with_stores(sessions: bool, limits: bool) -> Self {
        // The beginning of a minute, so that windows begin and end where a test says.
        let clock = FixedClock::at(Timestamp::from_seconds(1_769_860_800));
        let folder = tempfile::tempdir().unwrap();
        let (sessions_db, session_kv) = keyspace(&folder, "sessions.db", &clock);
        let (limits_db, limits_kv) = keyspace(&folder, LIMITS, &clock);
        for (db, there) in [(sessions_db, sessions), (limits_db, limits)] {
            if there {
                db.migrate(MIGRATIONS).await.unwrap();
            }
        }
        let log = Log::default();
        let mut values: BTreeMap<String, String> = VARIABLES.map(|name| (name.to_owned(), String::new())).into();
        let mut set = |name: &str, value: String| _ = values.insert(name.to_owned(), value);
        for (name, variable) in [("auth", "auth_url"), ("relay", "relay_url"), ("upload", "upload_url")] {
            set(variable, listen(service(name, log.clone(), clock.clone())).await);
        }
        set("auth_public_keys", signer().public_key().to_string());
        set("token_issuer", "vitrine".to_owned());
        set("public_url", "https://own.example".to_owned());
        set("cors_origins", "https://friend.example".to_owned());
        set("upload_max_bytes", UPLOAD_BYTES.to_string());
        for name in ["limit_account", "limit_address", "limit_login", "limit_registration"] {
            set(name, "off".to_owned());
        }
        let sessions = LiveSessions::new(session_kv.clone());
        Self { clock, sessions, values, session_kv, limits_kv, log, _folder: folder }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn gateway(&self) -> Gateway {
        let out = |limits: StreamLimits| -> Arc<dyn vitrine_http_out::HttpOut> {
            let limits = StreamLimits { head: limits.head.min(HEAD), ..limits };
            Arc::new(NativeHttpOut::new(Limits::default(), limits).unwrap())
        };
        let ports = Ports {
            out: Box::new(out),
            sessions: LiveSessions::new(self.session_kv.clone()),
            limits: self.limits_kv.clone(),
            auth_token: ServiceToken::new(AUTH_TOKEN).unwrap(),
            clock: Arc::new(self.clock.clone()),
            timer: Arc::new(TokioTimer),
            ids: Ids::new(Arc::new(self.clock.clone()), Arc::new(SeededRandom::new(1))),
        };
        let router = router(Settings::parse(&self.values).unwrap(), ports).unwrap();
        Gateway { router, log: self.log.clone() }
    }

    /// A token of that account whose session is live.
    pub(crate) async fn token(&self, account: u128) -> String {
        self.open(claims(self.clock.now().as_seconds(), account)).await
    }

    pub(crate) async fn open(&self, claims: Claims) -> String {
        self.sessions.open(claims.sid, claims.sub, Duration::from_secs(86_400)).await.unwrap();
        signer().sign(&claims)
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

impl Gateway {
    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        let mut request = request;
        // As a runtime does it: beside whatever the client claims.
        let peer = request.headers_mut().remove("test-peer").unwrap_or(HeaderValue::from_static(PEER));
        request.headers_mut().append("spin-client-addr", peer);
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request without a body, and reads the whole answer.
    pub(crate) async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask_with(method, target, headers, Body::empty()).await
    }

    pub(crate) async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, target, headers).await
    }

    pub(crate) async fn ask_with(&self, method: Method, target: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(target).body(body).unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let (parts, body) = self.send(request).await.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    /// How many requests came to services since it was asked last.
    pub(crate) fn came(&self) -> Vec<Came> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    /// The one request that came.
    pub(crate) fn one(&self) -> Came {
        let mut came = self.came();
        assert_eq!(came.len(), 1, "{came:?}");
        came.remove(0)
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether it is a problem of this status, told as RFC 9457 has it.
    pub(crate) fn is_problem(&self, status: u16) -> bool {
        self.status == status
            && self.header("content-type") == "application/problem+json"
            && self.json()["status"] == status
            && self.json()["instance"] == format!("urn:request:{}", self.header("x-request-id"))
    }
}

/// A service that tells what came to it; the last segment of the path says how it answers.
fn service(name: &'static str, log: Log, clock: FixedClock) -> Router {
    Router::new().fallback(answer).with_state((name, log, clock))
}

async fn answer(
    State((name, log, clock)): State<(&'static str, Log, FixedClock)>,
    request: Incoming,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().to_string();
    let came = Came { service: name, method: parts.method, target: target.clone(), headers: parts.headers };
    log.lock().unwrap().push(came.clone());
    if target == "/_token" {
        return token(&came, body, &clock).await;
    }
    match parts.uri.path().rsplit('/').next().unwrap() {
        "never" => std::future::pending().await,
        "created" => {
            (StatusCode::CREATED, [("location", parts.uri.query().unwrap_or_default())], "made").into_response()
        }
        "nothing" => StatusCode::NO_CONTENT.into_response(),
        "known" => (StatusCode::NOT_MODIFIED, [("etag", "\"v1\"")]).into_response(),
        "broken" => {
            let pieces = [Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))];
            Body::from_stream(stream::iter(pieces).then(async |piece| {
                tokio::task::yield_now().await;
                piece
            }))
            .into_response()
        }
        "talkative" => [
            ("server", "secret/1.0"),
            ("x-powered-by", "secret"),
            ("set-cookie", "__Host-vitrine_access=x; Secure"),
            ("access-control-allow-origin", "*"),
            ("connection", "x-private"),
            ("x-private", "1"),
            ("x-public", "1"),
            ("refresh", "0;url=https://evil.example"),
            ("content-security-policy", "default-src 'self'"),
            ("cache-control", "max-age=60"),
            ("vary", "Accept"),
            ("etag", "\"v7\""),
        ]
        .into_response(),
        // What it got so far, with the answer's head sent before the request's body is over.
        "echo" => Body::from_stream(body.into_data_stream()).into_response(),
        _ => match body.collect().await {
            Ok(body) => Json(json!({ "service": name, "bytes": body.to_bytes().len() })).into_response(),
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        },
    }
}

/// As auth answers for an API key.
async fn token(came: &Came, body: Body, clock: &FixedClock) -> Response<Body> {
    assert_eq!(came.header(header::AUTHORIZATION.as_str()), Some(format!("Bearer {AUTH_TOKEN}").as_str()));
    let body: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    if body["apiKey"] != KEY {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let claims = Claims { scopes: Some(vec!["photos:read".to_owned()]), ..claims(clock.now().as_seconds(), 5) };
    Json(json!({ "accessToken": signer().sign(&claims), "expiresIn": 900 })).into_response()
}
