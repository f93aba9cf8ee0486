//! Inputs that are bytes: what the client sends of a `Blob`, a `File` or a `Uint8Array`.

use crate::{Call, FromCall, Media, TrpcError};
use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use http_body_util::{BodyExt as _, Limited};
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use vitrine_edge::{Problem, broken_body};

/// The most bytes that an upload may have, unless the handler says otherwise: 1 MiB.
pub const UPLOAD_BYTES: usize = 1024 * 1024;

/// An input of at most `LIMIT` bytes, `application/octet-stream`, as they come. A longer one ends with `PAYLOAD_TOO_LARGE`.
pub struct Octets<const LIMIT: usize = UPLOAD_BYTES>(BoxStream<'static, Result<Bytes, TrpcError>>);

impl<const LIMIT: usize> Octets<LIMIT> {
    /// All bytes.
    ///
    /// # Errors
    /// `PAYLOAD_TOO_LARGE` for more than `LIMIT`, `BAD_REQUEST` for a body that breaks off.
    pub async fn bytes(self) -> Result<Bytes, TrpcError> {
        self.0
            .try_fold(BytesMut::new(), async |mut all, chunk| {
                all.extend_from_slice(&chunk);
                Ok(all)
            })
            .await
            .map(BytesMut::freeze)
    }
}

impl<const LIMIT: usize> Stream for Octets<LIMIT> {
    type Item = Result<Bytes, TrpcError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<const LIMIT: usize> fmt::Debug for Octets<LIMIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets<{LIMIT}>")
    }
}

impl<S: Sync, const LIMIT: usize> FromCall<S> for Octets<LIMIT> {
    const MEDIA: &'static [Media] = &[Media::Octets];

    async fn from_call(call: Call, _: &S) -> Result<Self, TrpcError> {
        let (parts, body) = call.into_body(<Self as FromCall<S>>::MEDIA)?;
        let body = Limited::new(announced(&parts.headers, body, LIMIT).await?, LIMIT).into_data_stream();
        Ok(Self(body.map_err(|error| TrpcError::from(broken_body(&*error, LIMIT))).boxed()))
    }
}

/// The body, if it does not say that it is longer than `limit` bytes.
pub(crate) async fn announced(headers: &HeaderMap, body: Body, limit: usize) -> Result<Body, TrpcError> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| u64::try_from(limit).is_ok_and(|limit| said > limit)) {
        discard(body).await;
        return Err(too_large(limit));
    }
    Ok(body)
}

/// The most that is read of a body whose call is refused anyway.
const DISCARDED: usize = 64 * 1024;

/// Reads a body that nobody takes, if it is not long: who is still sending when the connection is closed sees a lost connection,
/// and not why the call was refused.
pub(crate) async fn discard(body: Body) {
    let (mut body, mut left) = (body.into_data_stream(), DISCARDED);
    while let Some(Ok(chunk)) = body.next().await {
        match left.checked_sub(chunk.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

/// The refusal of an input of more than `limit` bytes.
pub(crate) fn too_large(limit: usize) -> TrpcError {
    Problem::too_large(&format!("Send at most {limit} bytes.")).into()
}
