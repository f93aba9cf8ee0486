//! A request's body on its way to a service: counted, never whole in memory.

use crate::Error;
use axum::body::Body as Incoming;
use futures::{StreamExt, stream};
use http::{HeaderMap, Method, header};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use vitrine_http_out::{Body, HttpOutError};

/// Whether a body turned out to be too large while it was passed on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Excess(Arc<AtomicBool>);

impl Excess {
    pub(crate) fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body as it is passed on, and whether it was too large.
///
/// # Errors
/// [`Error::TooLarge`] if its declared length is; one that turns out to be breaks off, so that the service sees no whole body.
pub(crate) fn limited(
    method: &Method,
    headers: &HeaderMap,
    body: Incoming,
    limit: u64,
) -> Result<(Body, Excess), Error> {
    let excess = Excess::default();
    let length = declared(headers)?;
    // What is asked for by these has no body (RFC 9110, section 9.3), and an empty one need not be streamed.
    if length == Some(0) || (length.is_none() && matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)) {
        return Ok((Body::empty(), excess));
    }
    if length.is_some_and(|length| length > limit) {
        return Err(Error::TooLarge(limit));
    }
    let seen = excess.clone();
    let pieces = stream::unfold((body.into_data_stream(), limit, false), move |(mut body, left, ended)| {
        let seen = seen.clone();
        async move {
            if ended {
                return None;
            }
            match body.next().await? {
                Ok(piece) => match left.checked_sub(piece.len() as u64) {
                    Some(left) => Some((Ok(piece), (body, left, false))),
                    None => {
                        seen.0.store(true, Ordering::Relaxed);
                        Some((Err(HttpOutError::Failed("the body is too large".to_owned())), (body, 0, true)))
                    }
                },
                Err(error) => {
                    let error = HttpOutError::Failed(format!("the request's body broke off: {error}"));
                    Some((Err(error), (body, 0, true)))
                }
            }
        }
    });
    Ok((Body::stream(pieces, length), excess))
}

/// No content, and nothing said about its length: that of an answer to HEAD is the one that GET would have, and one without
/// content has none (RFC 9110, section 8.6).
pub(crate) fn none() -> Incoming {
    Incoming::from_stream(stream::empty::<Result<bytes::Bytes, HttpOutError>>())
}

/// The length that the request declares.
fn declared(headers: &HeaderMap) -> Result<Option<u64>, Error> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let length = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match length.and_then(|text| text.parse().ok()) {
        Some(length) if values.next().is_none() => Ok(Some(length)),
        _ => Err(Error::BadRequest("The header Content-Length is no number.")),
    }
}
