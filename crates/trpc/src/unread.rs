//! Inputs that the handler reads by itself.

use crate::{Call, FromCall, Media, TrpcError};
use axum::{body::Body, http::HeaderMap};

/// A form or bytes, as the client chose; the headers say which. The handler reads it, and bounds what it reads: for uploads that
/// are passed on, and whose limit is known only when the app runs.
#[derive(Debug)]
pub struct Unread {
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The body, of which nothing is read.
    pub body: Body,
}

impl<S: Sync> FromCall<S> for Unread {
    const MEDIA: &'static [Media] = &[Media::FormData, Media::Octets];

    async fn from_call(call: Call, _: &S) -> Result<Self, TrpcError> {
        let (parts, body) = call.into_body(<Self as FromCall<S>>::MEDIA)?;
        Ok(Self { headers: parts.headers, body })
    }
}
