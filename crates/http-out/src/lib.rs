//! The outbound HTTP port: a request out, a bounded response back.
//!
//! Calls between services are small JSON messages, so [`HttpOut::send`] takes and gives whole bodies. What is large, such
//! as the objects of an S3 server, goes through [`HttpOut::stream`], which holds neither body in memory.
#![forbid(unsafe_code)]

mod body;
#[cfg(feature = "native")]
mod native;
mod patience;
#[cfg(feature = "router")]
mod router;
#[cfg(feature = "suite")]
pub mod suite;

pub use body::{Body, Unread};
#[cfg(feature = "native")]
pub use native::NativeHttpOut;
pub use patience::{StreamLimits, hold};
#[cfg(feature = "router")]
pub use router::{RouterHttpOut, echo};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::{fmt, sync::Arc, time::Duration};

/// Sends requests.
pub trait HttpOut: fmt::Debug + Send + Sync + 'static {
    /// Sends `request`, whose URI is absolute, and gives back the response whatever its status is. Nothing is tried
    /// twice and no redirect is followed.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>>;

    /// The same with bodies that stream: the response is given back with its head, and its body may still fail. The
    /// request has a `Content-Length` if the length of its body is known, and is sent in chunks if not.
    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>>;
}

impl<H: HttpOut + ?Sized> HttpOut for Arc<H> {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        (**self).send(request)
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        (**self).stream(request)
    }
}

/// What an adapter holds every exchange to whose bodies are whole.
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
    /// The time of [`Limits`] or [`StreamLimits`] ran out. The other side may have done its work all the same.
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
