//! One connection: HTTP/1.1 or HTTP/2, with limits on how long either side may keep the other waiting.

use super::flows::Flows;
use super::service::Frontend;
use crate::route::client_value;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take nothing of an answer. (A component's own idle limit, if it is shorter, ends it first.)
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a connection is looked over for answers that stand still.
const LOOK: Duration = Duration::from_secs(1);
/// The receive buffer of HTTP/1. A head that is larger is refused by the library, without a body; one that is too
/// large for us, but fits in here, gets a problem.
const BUFFER: usize = 128 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;

/// What every connection needs.
#[derive(Clone)]
pub struct Edge {
    /// The app.
    pub frontend: Arc<Frontend>,
    /// Becomes true when the process ends: answers under way are finished, and no more are begun.
    pub ending: watch::Receiver<bool>,
}

/// Serves one connection until the client leaves or the process ends.
pub async fn serve(stream: std::net::TcpStream, peer: SocketAddr, mut edge: Edge) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!(%error, "a connection could not be taken over"),
    };
    _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let client = client_value(peer);
    let frontend = edge.frontend.clone();
    let flows = Flows::default();
    let answers = flows.clone();
    let service = service_fn(move |request| {
        let (frontend, client, answers) = (frontend.clone(), client.clone(), answers.clone());
        async move { Ok::<_, Infallible>(frontend.respond(request, client, &answers).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(WRITE_TIMEOUT))
        .max_header_list_size(64 * 1024)
        .max_concurrent_streams(STREAMS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Box::pin(stream)), service));
    let ends = async {
        tokio::select! {
            result = connection.as_mut() => result,
            () = until(&mut edge.ending) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    let result = tokio::select! {
        result = ends => result,
        () = flows.stalled(LOOK) => {
            return tracing::warn!(%peer, "a connection was closed: its client takes nothing of an answer");
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection ended in an error");
    }
}

/// Waits until the process begins to end.
async fn until(ending: &mut watch::Receiver<bool>) {
    // The sender lives as long as the process; without it, the process has ended already.
    _ = ending.wait_for(|ending| *ending).await;
}
