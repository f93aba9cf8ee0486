//! A server built on the kit that has a procedure for everything that clients can do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Result;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use vitrine_clock::{Timer as _, TokioTimer};
use vitrine_trpc::{Answer, Code, ConnectionParams, Event, FormData, Input, Octets, Router, Streams, TrpcError};

/// A server on a free loopback port, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    /// Starts it. A subscription pings after 100 ms of silence, and ends after a second.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let streams = Streams::new(Arc::new(TokioTimer))
            .ping(Duration::from_millis(100))
            .longest(Duration::from_secs(1))
            .reconnect_after_inactivity(Duration::from_millis(600));
        let trpc = procedures().method_override().streams(streams).into_axum(Counters::default());
        let hung = trpc.clone().layer(middleware::from_fn_with_state(Arc::<AtomicU32>::default(), hang_once));
        let router = axum::Router::new().nest("/api/demo", trpc).nest("/api/hung", hung);
        let serving = tokio::spawn(async move {
            // It ends with the task.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { address, serving })
    }

    /// The address that the procedures are below.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api/demo", self.address)
    }

    /// An address of the same procedures, where the first stream hangs after three events (one of them says that the client is
    /// connected), as if the network were gone: nothing comes any more, and the connection stays open.
    #[must_use]
    pub fn hung_url(&self) -> String {
        format!("http://{}/api/hung", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn hang_once(State(requests): State<Arc<AtomicU32>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if requests.fetch_add(1, Ordering::SeqCst) > 0 {
        return response;
    }
    response.map(|body| Body::from_stream(body.into_data_stream().take(3).chain(stream::pending())))
}

/// What the procedures change.
#[derive(Clone, Default)]
struct Counters {
    count: Arc<AtomicU32>,
    tries: Arc<AtomicU32>,
    connections: Arc<AtomicU32>,
}

#[derive(Serialize, Deserialize)]
struct Post {
    title: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Since {
    last_event_id: Option<String>,
}

fn procedures() -> Router<Counters> {
    let posts = Router::new()
        .query("byId", async |Input(id): Input<String>| Ok::<_, TrpcError>(json!({ "id": id })))
        .mutation("add", async |Input(post): Input<Post>| Ok::<_, TrpcError>(post));
    let router = Router::new()
        .nest("post", posts)
        .query("echo", async |Input(value): Input<Value>| Ok::<_, TrpcError>(value))
        .query("nothing", async || Ok::<_, TrpcError>(()))
        .query("slow", async |Input(millis): Input<u64>| {
            TokioTimer.sleep(Duration::from_millis(millis)).await;
            Ok::<_, TrpcError>(millis)
        })
        .query("fails", async |Input(key): Input<String>| {
            let code = Code::ALL.iter().find(|code| code.key() == key).copied().unwrap_or(Code::NotFound);
            Err::<(), _>(TrpcError::new(code, "as asked").with_data("reason", "asked"))
        })
        .query("whoami", async |headers: HeaderMap| {
            let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let token = token.ok_or_else(|| TrpcError::new(Code::Unauthorized, "Send a token."))?;
            Ok::<_, TrpcError>(token.to_owned())
        })
        .query("recovers", async |State(counters): State<Counters>| {
            match counters.tries.fetch_add(1, Ordering::SeqCst) {
                tries @ 0..2 => Err(TrpcError::new(Code::ServiceUnavailable, format!("try {tries}"))),
                tries => Ok(tries),
            }
        })
        .mutation("count", async |State(counters): State<Counters>| {
            Ok::<_, TrpcError>(counters.count.fetch_add(1, Ordering::SeqCst) + 1)
        })
        .mutation("login", async |Input(name): Input<String>| {
            let cookie = HeaderValue::from_static("session=x; HttpOnly");
            Ok::<_, TrpcError>(Answer::new(name).with_header(header::SET_COOKIE, cookie))
        })
        .mutation("upload.form", form)
        .mutation("upload.octets", async |octets: Octets<1000>| {
            let bytes = octets.bytes().await?;
            Ok::<_, TrpcError>(json!({ "bytes": bytes.len(), "first": bytes.first() }))
        });
    subscriptions(router)
}

async fn form(mut form: FormData) -> Result<Value, TrpcError> {
    let mut parts = Vec::new();
    while let Some(part) = form.next().await? {
        let (name, file) = (part.name().to_owned(), part.file_name().map(str::to_owned));
        let media = part.content_type().map(str::to_owned);
        parts.push(json!({ "name": name, "file": file, "type": media, "text": part.text(1 << 20).await? }));
    }
    Ok(json!(parts))
}

/// Numbers from the one after the last that the client has seen.
fn numbers(since: Since) -> impl Stream<Item = Result<Event<u32>, TrpcError>> + Send + 'static {
    let last = since.last_event_id.and_then(|id| id.parse().ok()).unwrap_or(0_u32);
    stream::iter(last.saturating_add(1)..).map(|n| Ok(Event::tracked(n.to_string(), n)))
}

fn subscriptions(router: Router<Counters>) -> Router<Counters> {
    router
        .subscription("plain", async || {
            Ok::<_, TrpcError>(stream::iter((1..=3).map(|n| Ok::<_, TrpcError>(Event::new(n)))))
        })
        .subscription("tracked", async |Input(since): Input<Since>| Ok::<_, TrpcError>(numbers(since).take(3)))
        .subscription("refused", async || {
            let refused: Result<stream::Empty<Result<Event<u8>, TrpcError>>, _> =
                Err(TrpcError::new(Code::Forbidden, "Not you.").with_data("reason", "asked"));
            refused
        })
        // Two events, then an error that a client is to come back after.
        .subscription("stumbles", async |Input(since): Input<Since>| {
            let stumble = stream::once(async { Err(TrpcError::new(Code::ServiceUnavailable, "Come back.")) });
            Ok::<_, TrpcError>(numbers(since).take(2).chain(stumble))
        })
        // Two events, then silence until the longest time is over.
        .subscription("lingers", async |Input(since): Input<Since>| {
            Ok::<_, TrpcError>(numbers(since).take(2).chain(stream::pending()))
        })
        // Silence for longer than a client bears without pings, then the number of the connection.
        .subscription("quiet", async |State(counters): State<Counters>| {
            let connection = counters.connections.fetch_add(1, Ordering::SeqCst) + 1;
            let late = TokioTimer.sleep(Duration::from_millis(900));
            Ok::<_, TrpcError>(stream::once(async move {
                late.await;
                Ok::<_, TrpcError>(Event::new(connection))
            }))
        })
        .subscription("token", async |params: ConnectionParams, headers: HeaderMap| {
            let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let told = json!({ "parameter": params.get("token"), "header": header });
            Ok::<_, TrpcError>(stream::iter([Ok::<_, TrpcError>(Event::new(told))]))
        })
}
