//! Health and metrics, on an address of their own that is not for the outside.

use crate::metrics::Metrics;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the process is doing, for `/readyz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Components are being loaded.
    Starting,
    /// Requests are answered.
    Ready,
    /// Requests under way are finished, and no more are begun.
    Ending,
}

/// Serves `/healthz`, `/readyz` and `/metrics` for as long as the process lives.
pub async fn serve(listener: TcpListener, metrics: Arc<Metrics>, phase: watch::Receiver<Phase>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the admin address cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (metrics, phase) = (metrics.clone(), phase.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = respond(&request, &metrics, *phase.borrow());
                async move { Ok::<_, Infallible>(response) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
            if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%error, "an admin connection ended in an error");
            }
        });
    }
}

fn respond<B>(request: &Request<B>, metrics: &Metrics, phase: Phase) -> Response<Full<Bytes>> {
    let (status, text) = match (request.uri().path(), phase) {
        ("/healthz", _) | ("/readyz", Phase::Ready) => (StatusCode::OK, "ok\n".to_owned()),
        ("/readyz", Phase::Starting) => (StatusCode::SERVICE_UNAVAILABLE, "starting\n".to_owned()),
        ("/readyz", Phase::Ending) => (StatusCode::SERVICE_UNAVAILABLE, "ending\n".to_owned()),
        ("/metrics", _) => (StatusCode::OK, metrics.text()),
        _ => (StatusCode::NOT_FOUND, "try /healthz, /readyz or /metrics\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_only_while_it_answers() {
        let metrics = Metrics::new().unwrap();
        let status = |path: &str, phase| {
            let request = Request::get(path).body(()).unwrap();
            respond(&request, &metrics, phase).status()
        };
        assert_eq!(status("/readyz", Phase::Starting), 503);
        assert_eq!(status("/readyz", Phase::Ready), 200);
        assert_eq!(status("/readyz", Phase::Ending), 503);
        assert_eq!(status("/healthz", Phase::Starting), 200);
        assert_eq!(status("/metrics", Phase::Ready), 200);
        assert_eq!(status("/", Phase::Ready), 404);
    }
}
