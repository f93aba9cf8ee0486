//! Outbound HTTP and chained calls.

use crate::time::timeout;
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::http::types::ErrorCode;
use vitrine_http_out::{HttpOut, HttpOutError, Limits};

/// Sends requests through Spin: to other components by `http://<name>.spin.internal`, and to hosts, each only where
/// `allowed_outbound_hosts` of the manifest lets it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpinHttpOut {
    limits: Limits,
}

impl SpinHttpOut {
    /// Holds every exchange to `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpOutError> {
        let response = spin_sdk::http::send(request.map(Full::new)).await.map_err(error)?;
        let (parts, body) = response.into_parts();
        let limit = self.limits.response_bytes;
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(cause) if cause.is::<LengthLimitError>() => Err(HttpOutError::TooLarge { limit }),
            Err(cause) => Err(HttpOutError::Failed(cause.to_string())),
        }
    }
}

impl HttpOut for SpinHttpOut {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        SendWrapper::new(async move {
            if request.uri().authority().is_none() {
                return Err(HttpOutError::Invalid(format!("`{}` is no absolute URI", request.uri())));
            }
            let exchange = self.exchange(request);
            timeout(self.limits.timeout, exchange).await.unwrap_or(Err(HttpOutError::Timeout))
        })
        .boxed()
    }
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
