//! Bringing events to a consumer: several in one request, or one.

use crate::{Error, Peer};
use bytes::Bytes;
use http::Method;
use vitrine_events::{BATCH_TYPE, EVENT_TYPE, Event, wire::Leased};
use vitrine_http_out::HttpOutError;

/// Delivers one event.
pub(crate) async fn single(to: &Peer, event: &Event) -> Result<(), Error> {
    let body = serde_json::to_vec(event).map_err(|error| Error::NotUnderstood(to.name, error.to_string()))?;
    // One id through all logs that an event passes.
    send(to, EVENT_TYPE, event.id.to_string(), body).await
}

/// Delivers events that take effect together or not at all.
pub(crate) async fn batch(to: &Peer, leased: &[Leased]) -> Result<(), Error> {
    let events: Vec<&Event> = leased.iter().map(|it| &it.event).collect();
    let id = events.first().map(|event| event.id.to_string()).unwrap_or_default();
    let body = serde_json::to_vec(&events).map_err(|error| Error::NotUnderstood(to.name, error.to_string()))?;
    send(to, BATCH_TYPE, id, body).await
}

/// Whether one event may be the reason why a batch failed: it was refused, or was not done in time. If the consumer cannot
/// be reached, trying each would help none of them.
pub(crate) fn may_be_one(error: &Error) -> bool {
    matches!(error, Error::Refused(..) | Error::Unreachable(_, HttpOutError::Timeout))
}

async fn send(to: &Peer, media_type: &'static str, id: String, body: Vec<u8>) -> Result<(), Error> {
    to.send(Method::POST, "/_events", media_type, Some(id), Bytes::from(body)).await.map(drop)
}
