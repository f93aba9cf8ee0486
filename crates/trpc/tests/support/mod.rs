//! A service that shows every rule, and how tests call it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each test uses a part of it; a test that cannot go on has failed"
)]

use axum::{
    body::{Body, Bytes},
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use futures::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt as _;
use vitrine_clock::{Timer as _, TokioTimer};
use vitrine_edge::Problem;
use vitrine_trpc::{Answer, Code, ConnectionParams, Event, FormData, Input, Octets, Router, TrpcError, Unread};

/// The state: how often something was changed.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<AtomicU32>);

impl Changes {
    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Something that handlers take of the state.
#[derive(Clone)]
pub(crate) struct Greeting(&'static str);

impl FromRef<Changes> for Greeting {
    fn from_ref(_: &Changes) -> Self {
        Self("hello")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Post {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Since {
    #[serde(default)]
    pub(crate) from: u32,
    pub(crate) last_event_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Page {
    limit: Option<u8>,
}

fn code(key: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.key() == key)
}

async fn fails(Input(key): Input<String>) -> Result<(), TrpcError> {
    let code = code(&key).ok_or_else(|| TrpcError::new(Code::BadRequest, "no such code"))?;
    Err(TrpcError::new(code, format!("as asked: {key}")).with_data("reason", "asked"))
}

async fn form(mut form: FormData<1000>) -> Result<Value, TrpcError> {
    let mut parts = Vec::new();
    while let Some(part) = form.next().await? {
        let (name, file) = (part.name().to_owned(), part.file_name().map(str::to_owned));
        let media = part.content_type().map(str::to_owned);
        parts.push(json!({ "name": name, "file": file, "media": media, "text": part.text(1000).await? }));
    }
    Ok(json!(parts))
}

/// The procedures.
pub(crate) fn procedures() -> Router<Changes> {
    let posts = Router::new()
        .query("byId", async |Input(id): Input<String>| Ok::<_, TrpcError>(json!({ "id": id })))
        .mutation("add", async |State(changes): State<Changes>, Input(post): Input<Post>| {
            changes.0.fetch_add(1, Ordering::SeqCst);
            Ok::<_, TrpcError>(post)
        });
    Router::new()
        .nest("post", posts)
        .query("greeting", async |State(greeting): State<Greeting>| Ok::<_, TrpcError>(greeting.0))
        .query("nothing", async || Ok::<_, TrpcError>(()))
        .query("null", async || Ok::<_, TrpcError>(None::<u8>))
        .query("fails", fails)
        .query("maybe", async |Input(text): Input<Option<String>>| Ok::<_, TrpcError>(text))
        .query("echo", async |Input(value): Input<Value>| Ok::<_, TrpcError>(value))
        .query("slow", async |Input(millis): Input<u64>| {
            TokioTimer.sleep(Duration::from_millis(millis)).await;
            Ok::<_, TrpcError>(millis)
        })
        .query("page", async |Input(page): Input<Page>| Ok::<_, TrpcError>(page.limit.unwrap_or(20)))
        .query("headers", async |headers: HeaderMap| Ok::<_, TrpcError>(headers.len()))
        .query("cached", async || {
            let control = HeaderValue::from_static("max-age=60");
            Ok::<_, TrpcError>(Answer::new("kept").with_header(header::CACHE_CONTROL, control))
        })
        .query("busy", async || Err::<(), _>(Problem::unavailable(Duration::from_secs(7), &"the secret cause")))
        .query("totp", async || {
            let problem = Problem::unauthorized("Send the code of your second factor.");
            Err::<(), _>(problem.with_member("reason", "totp_required").with_field("totp", "It is missing."))
        })
        .query("params", async |params: ConnectionParams| Ok::<_, TrpcError>(params.get("token").map(str::to_owned)))
        .mutation("count", async |State(changes): State<Changes>| {
            Ok::<_, TrpcError>(changes.0.fetch_add(1, Ordering::SeqCst) + 1)
        })
        .mutation("login", async |Input(name): Input<String>| {
            let cookie =
                HeaderValue::from_str(&format!("who={name}")).map_err(|_| Problem::bad_request("a bad name"))?;
            Ok::<_, TrpcError>(Answer::new(name).with_header(header::SET_COOKIE, cookie))
        })
        .mutation("form", form)
        .mutation("either", async |Unread { headers, body }: Unread| {
            let bytes = vitrine_edge::body_bytes(body, 1000).await?.len();
            Ok::<_, TrpcError>(json!({ "form": vitrine_edge::Form::is_one(&headers), "bytes": bytes }))
        })
        .mutation("octets", async |octets: Octets<1000>| Ok::<_, TrpcError>(octets.bytes().await?.len()))
        .subscription("numbers", async |Input(since): Input<Since>| {
            let last = since.last_event_id.map(|id| id.parse::<u32>()).transpose();
            let last = last.map_err(|_| TrpcError::new(Code::BadRequest, "no event has that id"))?;
            let first = last.map_or(since.from, |last| last + 1);
            Ok::<_, TrpcError>(
                stream::iter(first..5).map(|n| Ok::<_, TrpcError>(Event::tracked(n.to_string(), json!({ "n": n })))),
            )
        })
        .subscription("breaks", async || {
            let events = [Ok(Event::new(1)), Err(Problem::internal(&"the secret cause")), Ok(Event::new(2))];
            Ok::<_, TrpcError>(stream::iter(events))
        })
        .subscription("silent", async || Ok::<_, TrpcError>(stream::pending::<Result<Event<u8>, TrpcError>>()))
        .subscription("badIds", async |Input(id): Input<String>| {
            Ok::<_, TrpcError>(stream::iter([Ok::<_, TrpcError>(Event::tracked(id, 1))]))
        })
        .subscription("told", async |params: ConnectionParams| {
            let token = params.get("token").map(str::to_owned);
            Ok::<_, TrpcError>(stream::iter([Ok::<_, TrpcError>(Event::new(token))]))
        })
}

/// The service, nested as it would be in a component.
pub(crate) fn service() -> axum::Router {
    nested(procedures().into_axum(Changes::default()))
}

pub(crate) fn nested(router: axum::Router) -> axum::Router {
    axum::Router::new().nest("/api/posts", router)
}

/// A response that is read to its end.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The error of a single call or of the whole request: it must have all that clients ask for.
    pub(crate) fn error(&self) -> Value {
        let error = self.json()["error"].clone();
        assert!(error["code"].is_i64() && error["message"].is_string(), "{error}");
        assert_eq!(error["data"]["httpStatus"], self.status.as_u16(), "{error}");
        assert!(error["data"].get("stack").is_none());
        error
    }
}

/// Sends a request to a router, and sees what every answer must have.
pub(crate) async fn send_to(router: axum::Router, request: Request<Body>) -> Reply {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let reply = Reply { status: parts.status, headers: parts.headers, body };
    assert_eq!(reply.header("vary"), "trpc-accept, accept");
    reply
}

pub(crate) async fn send(request: Request<Body>) -> Reply {
    send_to(service(), request).await
}

/// `path` is what follows `/api/posts/`.
pub(crate) fn get(path: &str) -> Request<Body> {
    request(Method::GET, path, Body::empty())
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    with(request(Method::POST, path, body), "content-type", "application/json")
}

pub(crate) fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(format!("/api/posts/{path}")).body(body.into()).unwrap()
}

pub(crate) fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    request
}

/// The path of a query with that input.
pub(crate) fn with_input(path: &str, input: &Value) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}input={}", encode(&input.to_string()))
}

/// As `encodeURIComponent` does it.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
