//! An adapter on the network of the machine, for tests and native programs.

use crate::{Body, HttpOut, HttpOutError, Limits, StreamLimits, hold};
use bytes::Bytes;
use futures::{
    FutureExt, TryStreamExt,
    future::{self, BoxFuture},
};
use http::{HeaderValue, Request, Response, header::CONTENT_LENGTH};
use std::sync::Arc;
use vitrine_clock::{Timer, TokioTimer, timeout};

/// Sends requests from this process. Needs tokio; has no grants to check.
#[derive(Debug, Clone)]
pub struct NativeHttpOut {
    client: reqwest::Client,
    timer: Arc<dyn Timer>,
    limits: Limits,
    stream_limits: StreamLimits,
}

impl NativeHttpOut {
    /// Holds every exchange to these limits.
    ///
    /// # Errors
    /// If the machine has no random bytes or no certificates.
    pub fn new(limits: Limits, stream_limits: StreamLimits) -> Result<Self, HttpOutError> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(error)?;
        Ok(Self { client, timer: Arc::new(TokioTimer), limits, stream_limits })
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Response<Body>, HttpOutError> {
        let (mut parts, body) = request.into_parts();
        if let Some(length) = body.length() {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let body = match body.length() {
            Some(0) => reqwest::Body::from(Bytes::new()),
            _ => reqwest::Body::wrap_stream(body),
        };
        let request = reqwest::Request::try_from(Request::from_parts(parts, body)).map_err(error)?;
        let response = self.client.execute(request).await.map_err(error)?;
        let length = response.content_length();
        let (parts, ()) = {
            let mut parts = Response::new(());
            *parts.status_mut() = response.status();
            *parts.headers_mut() = response.headers().clone();
            parts.into_parts()
        };
        Ok(Response::from_parts(parts, Body::stream(response.bytes_stream().map_err(error), length)))
    }
}

impl HttpOut for NativeHttpOut {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        let whole = async move {
            let (parts, body) = self.exchange(request.map(Body::from)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect(self.limits.response_bytes).await?))
        };
        timeout(&self.timer, self.limits.timeout, whole).map(|done| done.unwrap_or(Err(HttpOutError::Timeout))).boxed()
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        if request.uri().authority().is_none() {
            let reason = format!("`{}` is no absolute URI", request.uri());
            return future::ready(Err(HttpOutError::Invalid(reason))).boxed();
        }
        hold(&self.timer, self.stream_limits, request, |request| self.exchange(request)).boxed()
    }
}

/// Without the address: its query may be a signature.
fn error(error: reqwest::Error) -> HttpOutError {
    let error = error.without_url();
    if error.is_builder() {
        return HttpOutError::Invalid(error.to_string());
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    HttpOutError::Failed(text)
}
