//! The outbound HTTP port: a request out, a bounded response back.
//!
//! Calls between services are small JSON messages, so bodies are whole here; what is large goes through the blob port.
#![forbid(unsafe_code)]

#[cfg(feature = "router")]
mod router;

#[cfg(feature = "router")]
pub use router::RouterHttpOut;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::{fmt, sync::Arc, time::Duration};

/// Sends requests.
pub trait HttpOut: fmt::Debug + Send + Sync + 'static {
    /// Sends `request`, whose URI is absolute, and gives back the response whatever its status is. Nothing is tried
    /// twice and no redirect is followed.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>>;
}

impl<H: HttpOut + ?Sized> HttpOut for Arc<H> {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        (**self).send(request)
    }
}

/// What an adapter holds every exchange to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of the request to the end of the response.
    pub timeout: Duration,
    /// The size of a response's body.
    pub response_bytes: usize,
}

impl Default for Limits {
    /// Ten seconds, one mebibyte.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), response_bytes: 1024 * 1024 }
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpOutError {
    /// This component has no grant for the host; see `allowed_outbound_hosts`.
    #[error("this component may not call that host")]
    Denied,
    /// The time of [`Limits`] ran out. The other side may have done its work all the same.
    #[error("no answer in time")]
    Timeout,
    /// The response is larger than [`Limits`] allow.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that were allowed.
        limit: usize,
    },
    /// The request is none: no absolute URI, or headers that HTTP forbids.
    #[error("the request cannot be sent: {0}")]
    Invalid(String),
    /// The other side could not be reached, or hung up. It may have done its work all the same.
    #[error("the exchange failed: {0}")]
    Failed(String),
}
