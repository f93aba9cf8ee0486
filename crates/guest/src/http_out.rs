//! Outbound HTTP and chained calls.

use crate::{
    answer::Theirs,
    time::{SpinTimer, timeout},
};
use bytes::Bytes;
use futures::{
    FutureExt, Stream, StreamExt, TryStreamExt,
    future::{self, BoxFuture},
    stream,
};
use http::{
    HeaderValue, Method, Request, Response,
    header::CONTENT_LENGTH,
    request::Parts,
    uri::{Authority, PathAndQuery},
};
use http_body_util::{BodyStream, StreamBody};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::{
    http::types::{self, ErrorCode},
    wit_future,
};
use std::sync::Arc;
use vitrine_clock::Timer;
use vitrine_http_out::{Body, HttpOut, HttpOutError, Limits, StreamLimits, Unread, hold};

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
    let response = match body.length() {
        Some(0) => spin_sdk::http::send(without_body(parts)?).await,
        _ => {
            let body = StreamBody::new(body.map_ok(http_body::Frame::data));
            spin_sdk::http::send(Request::from_parts(parts, body)).await
        }
    };
    let (parts, body) = response.map_err(error)?.into_parts();
    let length = parts.headers.get(CONTENT_LENGTH).filter(|_| asked_for_body);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let body = Arc::new(Theirs::new(body));
    let unread = Unread::new(body.clone());
    Ok(Response::from_parts(parts, Body::stream(SendWrapper::new(pieces(body)), length).or_unread(unread)))
}

/// The bytes of a body that is read here after all.
fn pieces(body: Arc<Theirs>) -> impl Stream<Item = Result<Bytes, HttpOutError>> {
    let frames = stream::once(async move { body.read().map(BodyStream::new) });
    frames.filter_map(future::ready).flatten().filter_map(|frame| {
        // Trailers are of no use to anybody here.
        future::ready(frame.map_err(error).map(|frame| frame.into_data().ok()).transpose())
    })
}

/// A request that has no body, which costs neither a stream nor a task that fills it.
fn without_body(parts: Parts) -> Result<types::Request, HttpOutError> {
    let invalid = |what: &str| HttpOutError::Invalid(format!("a request with {what}"));
    let headers = parts.headers.try_into().map_err(|_| invalid("headers that may not be sent"))?;
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (request, _) = types::Request::new(headers, None, trailers, None);
    let (scheme, uri) = (parts.uri.scheme().map(types::Scheme::from), &parts.uri);
    let set = request.set_method(&parts.method.into()).map_err(|()| "a method that is none");
    let set = set.and_then(|()| request.set_scheme(scheme.as_ref()).map_err(|()| "a scheme that is none"));
    let authority = uri.authority().map(Authority::as_str);
    let set = set.and_then(|()| request.set_authority(authority).map_err(|()| "an authority that is none"));
    let path = uri.path_and_query().map(PathAndQuery::as_str);
    set.and_then(|()| request.set_path_with_query(path).map_err(|()| "a path that is none")).map_err(invalid)?;
    Ok(request)
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
