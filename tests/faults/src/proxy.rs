//! A reverse proxy that fails as it is told: it stands between two components of an app that is split over processes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The longest body that is passed on, in bytes.
const LONGEST_BODY: usize = 32 << 20;

/// A call that arrived.
#[derive(Debug)]
pub struct Call {
    /// Counts from 1, over all calls since the rule was set.
    pub number: u64,
    /// Such as `/_events`.
    pub path: String,
    /// The whole body.
    pub body: Bytes,
}

/// What the proxy does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Passes it on, and the answer back.
    Pass,
    /// Answers it with this status and passes nothing on.
    Answer(u16),
    /// Answers never, and passes nothing on.
    Hold,
    /// Passes it on when another rule is set, and the answer back.
    UntilRuled,
    /// Passes it on, and never gives the answer back.
    PassAndHold,
    /// Passes it on twice, and gives the second answer back.
    Twice,
    /// Answers 202 at once, and passes it on after a while: so calls overtake each other.
    Later(Duration),
    /// Passes it on after a while.
    Slowly(Duration),
}

type Rule = Box<dyn FnMut(&Call) -> Act + Send>;

struct Inner {
    http: reqwest::Client,
    upstream: Mutex<String>,
    rule: Mutex<(Rule, u64)>,
    ruled: Notify,
    held: AtomicU64,
    now: AtomicU64,
    most: AtomicU64,
}

/// A proxy on a port of its own. It ends when this is dropped, and with it all calls that it holds.
pub struct Proxy {
    base: String,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy before `upstream`, an origin such as `http://127.0.0.1:3000`. It passes everything on.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn before(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for a proxy")?;
        let base = format!("http://{}", listener.local_addr()?);
        let inner = Arc::new(Inner {
            http: reqwest::Client::builder().no_proxy().build()?,
            upstream: Mutex::new(upstream.to_owned()),
            rule: Mutex::new((Box::new(|_| Act::Pass), 0)),
            ruled: Notify::new(),
            held: AtomicU64::new(0),
            now: AtomicU64::new(0),
            most: AtomicU64::new(0),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("a proxy ended: {error}");
            }
        });
        Ok(Self { base, inner, task })
    }

    /// Where it answers.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Passes on to another origin from now on.
    pub fn lead_to(&self, upstream: &str) {
        upstream.clone_into(&mut self.inner.upstream.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Decides by this rule from now on.
    pub fn rule(&self, rule: impl FnMut(&Call) -> Act + Send + 'static) {
        *self.inner.rule.lock().unwrap_or_else(PoisonError::into_inner) = (Box::new(rule), 0);
        self.inner.ruled.notify_waiters();
    }

    /// How many calls arrived since the rule was set.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.inner.rule.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// How many calls it has held so far.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.inner.held.load(Ordering::SeqCst)
    }

    /// The most calls that were under way at once.
    #[must_use]
    pub fn most_at_once(&self) -> u64 {
        self.inner.most.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else { return StatusCode::BAD_REQUEST.into_response() };
    let now = inner.now.fetch_add(1, Ordering::SeqCst) + 1;
    inner.most.fetch_max(now, Ordering::SeqCst);
    // Whoever asked may hang up, which drops this future.
    let _under_way = UnderWay(&inner);
    let path = parts.uri.path().to_owned();
    // From here on it hears of another rule.
    let ruled = inner.ruled.notified();
    let act = {
        let (rule, calls) = &mut *inner.rule.lock().unwrap_or_else(PoisonError::into_inner);
        *calls += 1;
        rule(&Call { number: *calls, path, body: body.clone() })
    };
    match act {
        Act::Pass => inner.pass(&parts, body).await,
        Act::Answer(status) => StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY).into_response(),
        Act::Hold => inner.hold().await,
        Act::UntilRuled => {
            ruled.await;
            inner.pass(&parts, body).await
        }
        Act::PassAndHold => {
            inner.pass(&parts, body).await;
            inner.hold().await
        }
        Act::Twice => {
            inner.pass(&parts, body.clone()).await;
            inner.pass(&parts, body).await
        }
        Act::Later(pause) => {
            let inner = Arc::clone(&inner);
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                inner.pass(&parts, body).await
            });
            StatusCode::ACCEPTED.into_response()
        }
        Act::Slowly(pause) => {
            tokio::time::sleep(pause).await;
            inner.pass(&parts, body).await
        }
    }
}

struct UnderWay<'a>(&'a Inner);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Inner {
    async fn pass(&self, parts: &Parts, body: Bytes) -> Response {
        let upstream = self.upstream.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let request = self.http.request(parts.method.clone(), format!("{upstream}{target}"));
        let answer = async {
            let answer = request.headers(end_to_end(&parts.headers)).body(body).send().await?;
            let (status, headers) = (answer.status(), end_to_end(answer.headers()));
            Ok::<_, reqwest::Error>((status, headers, Body::from(answer.bytes().await?)))
        };
        answer
            .await
            .map_or_else(|_| StatusCode::BAD_GATEWAY.into_response(), axum::response::IntoResponse::into_response)
    }

    async fn hold(&self) -> Response {
        self.held.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

/// What is not about one connection only (RFC 9110, section 7.6.1).
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    headers
}
