//! A proxy that knows requests (HTTP/1.1, without TLS).

use crate::{
    Fault, Rule, Seen,
    body::{Answer, empty, stalled, truncated, whole},
};
use anyhow::{Context as _, Result};
use http::{Request, Response, StatusCode, header::CONTENT_LENGTH};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    future,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Passes requests on to one server, which sees the `Host` that the client sent.
#[derive(Debug)]
pub struct HttpProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Ends all connections when it is dropped.
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

impl HttpProxy {
    /// Passes requests on to `server`, which is `host:port`, and breaks none yet.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(server: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("the proxy has no port")?;
        let address = listener.local_addr()?;
        let (server, state) = (server.to_owned(), Arc::<Mutex<State>>::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, Arc::clone(&state)));
        Ok(Self { address, state, _tasks: tasks })
    }

    /// `http://` and where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks requests by this rule, unless one that was there before fits.
    pub fn add(&self, rule: Rule) {
        lock(&self.state).rules.push(rule);
    }

    /// Breaks requests by this rule only, from now on.
    pub fn set(&self, rule: Rule) {
        lock(&self.state).rules = vec![rule];
    }

    /// Breaks nothing any more.
    pub fn heal(&self) {
        lock(&self.state).rules.clear();
    }

    /// The requests that came since it was asked last.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut lock(&self.state).seen)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, server: String, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (server, state) = (server.clone(), Arc::clone(&state));
        connections.spawn(async move {
            let service = service_fn(|request| answer(&server, &state, request));
            // An error here is what a test wanted.
            drop(server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(server: &str, state: &Mutex<State>, request: Request<Incoming>) -> Result<Response<Answer>> {
    let fault = note(state, &request);
    match fault {
        Some(Fault::HangUp) => anyhow::bail!("the proxy hangs up"),
        Some(Fault::Stall) => future::pending().await,
        Some(Fault::Status(status)) => {
            // A client that still sends may not look for an answer.
            request.into_body().collect().await?;
            let mut response = Response::new(empty());
            *response.status_mut() = StatusCode::from_u16(status)?;
            return Ok(response);
        }
        Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    let response = forward(server, request).await?;
    Ok(match fault {
        Some(Fault::LoseAnswer) => anyhow::bail!("the proxy loses the answer"),
        Some(Fault::TruncateAnswer(bytes)) => response.map(|body| truncated(body, bytes)),
        Some(Fault::StallAnswer(bytes)) => response.map(|body| stalled(body, bytes)),
        _ => response.map(whole),
    })
}

fn note(state: &Mutex<State>, request: &Request<Incoming>) -> Option<Fault> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut seen = Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        length,
        fault: None,
    };
    let mut state = lock(state);
    seen.fault = state.rules.iter_mut().find_map(|rule| rule.apply(&seen));
    let fault = seen.fault;
    state.seen.push(seen);
    fault
}

/// One connection for each request: nothing is left of an exchange that was broken.
async fn forward(server: &str, request: Request<Incoming>) -> Result<Response<Incoming>> {
    let stream = TcpStream::connect(server).await.with_context(|| format!("the proxy cannot reach {server}"))?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the exchange; dropping the sender or the body ends it too.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}
