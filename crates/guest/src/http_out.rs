//! Outbound HTTP and chained calls.

use crate::time::{SpinTimer, timeout};
use bytes::Bytes;
use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::{self, BoxFuture},
};
use http::{HeaderValue, Method, Request, Response, header::CONTENT_LENGTH};
use http_body_util::{BodyStream, StreamBody};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::http::types::ErrorCode;
use std::sync::Arc;
use vitrine_clock::Timer;
use vitrine_http_out::{Body, HttpOut, HttpOutError, Limits, StreamLimits, hold};

/// Sends requests through Spin: to other components by `http://<name>.spin.internal`, and to hosts, each only where
/// `allowed_outbound_hosts` of the manifest lets it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpinHttpOut {
    limits: Limits,
    stream_limits: StreamLimits,
}

impl SpinHttpOut {
    /// Holds every exchange with whole bodies to `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, stream_limits: StreamLimits::default() }
    }

    /// Holds every exchange that streams to `limits`.
    #[must_use]
    pub fn streaming(self, limits: StreamLimits) -> Self {
        Self { stream_limits: limits, ..self }
    }
}

impl HttpOut for SpinHttpOut {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        let whole = async move {
            let (parts, body) = exchange(request.map(Body::from)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect(self.limits.response_bytes).await?))
        };
        SendWrapper::new(async move { timeout(self.limits.timeout, whole).await.unwrap_or(Err(HttpOutError::Timeout)) })
            .boxed()
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        let limits = self.stream_limits;
        SendWrapper::new(async move {
            let timer: Arc<dyn Timer> = Arc::new(SpinTimer);
            hold(&timer, limits, request, exchange).await
        })
        .boxed()
    }
}

async fn exchange(request: Request<Body>) -> Result<Response<Body>, HttpOutError> {
    if request.uri().authority().is_none() {
        return Err(HttpOutError::Invalid(format!("`{}` is no absolute URI", request.uri())));
    }
    let (mut parts, body) = request.into_parts();
    let asked_for_body = parts.method != Method::HEAD;
    if let Some(length) = body.length() {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let body = StreamBody::new(body.map_ok(http_body::Frame::data));
    let response = spin_sdk::http::send(Request::from_parts(parts, body)).await.map_err(error)?;
    let (parts, body) = response.into_parts();
    let length = parts.headers.get(CONTENT_LENGTH).filter(|_| asked_for_body);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let frames = BodyStream::new(body).filter_map(|frame| {
        // Trailers are of no use to anybody here.
        let piece = frame.map_err(error).map(|frame| frame.into_data().ok()).transpose();
        future::ready(piece)
    });
    Ok(Response::from_parts(parts, Body::stream(SendWrapper::new(frames), length)))
}

fn error(code: ErrorCode) -> HttpOutError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => HttpOutError::Denied,
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => HttpOutError::Timeout,
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestMethodInvalid => {
            HttpOutError::Invalid(code.to_string())
        }
        code => HttpOutError::Failed(code.to_string()),
    }
}
