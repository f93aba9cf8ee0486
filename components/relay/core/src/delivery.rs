//! Bringing events to a consumer.

use crate::{Error, Peer};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::Method;
use vitrine_events::{
    BATCH_TYPE, EVENT_TYPE, Event,
    wire::{AckRequest, Failed, Leased, Receipt},
};

/// Requests at once when a batch was refused and its events are delivered one by one.
const ONE_BY_ONE: usize = 4;

/// Delivers events that are leased, all to the same consumer, and says what came of each.
///
/// A batch takes effect as a whole or not at all. If it is refused, one of its events may be the reason, so they are
/// delivered one by one; if the consumer cannot be reached, that would help none of them.
pub(crate) async fn deliver(to: &Peer, leased: Vec<Leased>) -> AckRequest {
    if leased.len() > 1 {
        match batch(to, &leased).await {
            Ok(()) => {
                let delivered = leased.into_iter().map(|it| delivered(to, it)).collect();
                return AckRequest { delivered, failed: Vec::new() };
            }
            Err(error @ Error::Refused(..)) => {
                tracing::warn!(consumer = to.name, count = leased.len(), %error, "a batch is delivered one by one");
            }
            Err(error) => {
                let failed = leased.into_iter().map(|it| failed(it, &error)).collect();
                return AckRequest { delivered: Vec::new(), failed };
            }
        }
    }
    let mut answer = AckRequest::default();
    let mut results = stream::iter(leased)
        .map(|it| async move {
            let result = single(to, &it.event).await;
            (it, result)
        })
        .buffer_unordered(ONE_BY_ONE);
    while let Some((it, result)) = results.next().await {
        match result {
            Ok(()) => answer.delivered.push(delivered(to, it)),
            Err(error) => answer.failed.push(failed(it, &error)),
        }
    }
    answer
}

async fn single(to: &Peer, event: &Event) -> Result<(), Error> {
    let body = serde_json::to_vec(event).map_err(|error| Error::NotUnderstood(to.name, error.to_string()))?;
    // One id through all logs that an event passes.
    send(to, EVENT_TYPE, event.id.to_string(), body).await
}

async fn batch(to: &Peer, leased: &[Leased]) -> Result<(), Error> {
    let events: Vec<&Event> = leased.iter().map(|it| &it.event).collect();
    let id = events.first().map(|event| event.id.to_string()).unwrap_or_default();
    let body = serde_json::to_vec(&events).map_err(|error| Error::NotUnderstood(to.name, error.to_string()))?;
    send(to, BATCH_TYPE, id, body).await
}

async fn send(to: &Peer, media_type: &'static str, id: String, body: Vec<u8>) -> Result<(), Error> {
    to.send(Method::POST, "/_events", media_type, Some(id), Bytes::from(body)).await.map(drop)
}

fn delivered(to: &Peer, Leased { consumer, attempt, event }: Leased) -> Receipt {
    tracing::info!(event = %event.id, r#type = event.r#type, consumer = to.name, attempt, "delivered");
    Receipt { event: event.id, consumer, attempt }
}

fn failed(Leased { consumer, attempt, event }: Leased, error: &Error) -> Failed {
    tracing::warn!(event = %event.id, r#type = event.r#type, consumer, attempt, %error, "not delivered");
    Failed { event: event.id, consumer, attempt, error: error.to_string() }
}
