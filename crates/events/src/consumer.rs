//! The consumer's side: events come in, each takes effect once.

use crate::{BATCH_TYPE, EVENT_TYPE, Event, Inbox};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{StatusCode, header},
    routing::post,
};
use futures::future::BoxFuture;
use std::{fmt, sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_db::{Db, DbError, Transaction};
use vitrine_edge::{Problem, parse_json};
use vitrine_identity::ServiceToken;

/// The longest body, in bytes: a batch of the longest events.
const LONGEST_BODY: usize = 8 << 20;

/// When what could not be done is worth another try. Whoever delivers has a schedule of its own.
const RETRY: Duration = Duration::from_secs(1);

/// Why events did not take effect. Nothing of them is kept then.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// They are not understood here: their type, or the shape of their data.
    #[error("{0}")]
    NotUnderstood(String),
    /// Something that is needed is away.
    #[error("{0}")]
    Later(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotUnderstood(why) => Self::unprocessable(&format!("{why}.")),
            other => Self::unavailable(RETRY, &other),
        }
    }
}

/// What a consumer does about events.
pub trait Handler: fmt::Debug + Send + Sync + 'static {
    /// Brings about the effect of `events`, none of which has taken effect before, in this transaction. It may run again
    /// from the start if the transaction loses against a concurrent one. The order of events means nothing.
    ///
    /// # Errors
    /// [`Refusal`]: then none of `events` has had an effect, and they are delivered again, one by one.
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>>;
}

/// A consumer with a database. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Consumer {
    db: Db,
    inbox: Inbox,
    handler: Arc<dyn Handler>,
}

impl Consumer {
    /// `db` holds the inbox and what the events change.
    pub fn new(db: Db, inbox: Inbox, handler: Arc<dyn Handler>) -> Self {
        Self { db, inbox, handler }
    }

    /// Has events take effect, those that have not before: all of them, or none.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn consume(&self, events: &[Event]) -> Result<(), Refusal> {
        let ids: &Vec<Uuid> = &events.iter().map(|event| event.id).collect();
        let first = self
            .db
            .transaction(|tx| async move {
                let first = self.inbox.first_of(&tx, ids).await?;
                let mut left = first.clone();
                let mut new = Vec::with_capacity(events.len());
                // The same event may be in a batch twice.
                new.extend(events.iter().filter(|event| left.remove(&event.id)).cloned());
                if !new.is_empty() {
                    self.handler.handle(&tx, &new).await?;
                }
                Ok::<_, Refusal>(first)
            })
            .await?;
        for event in events {
            let effect = if first.contains(&event.id) { "took effect" } else { "had taken effect before" };
            tracing::info!(event = %event.id, r#type = event.r#type, "{effect}");
        }
        self.inbox.prune_in_time(&self.db).await;
        Ok(())
    }
}

/// The route of a consumer, `POST /_events`, behind its service token: one event or a batch of them (CloudEvents 1.0.2).
/// 204 once all have taken effect, now or before; 400, 413, 415 or 422 if they are none, or none that is understood; 503 if
/// they are to be delivered again.
pub fn consumer_router(consumer: Consumer, token: &ServiceToken) -> Router {
    let router = Router::new().route("/_events", post(receive)).layer(DefaultBodyLimit::max(LONGEST_BODY));
    token.guard(router).with_state(consumer)
}

async fn receive(State(consumer): State<Consumer>, Events(events): Events) -> Result<StatusCode, Problem> {
    consumer.consume(&events).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One event as the body of a request, for a consumer that has no database: 400, 413, 415 or 422 if it is none.
#[derive(Debug, Clone)]
pub struct OneEvent(pub Event);

impl<S: Send + Sync> FromRequest<S> for OneEvent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match media_type(&request).as_str() {
            EVENT_TYPE => Ok(Self(parse_json(&body(request, state).await?)?)),
            _ => Err(Problem::unsupported_media_type(&format!("Send one event, as {EVENT_TYPE}."))),
        }
    }
}

/// One event, or a batch.
struct Events(Vec<Event>);

impl<S: Send + Sync> FromRequest<S> for Events {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match media_type(&request).as_str() {
            BATCH_TYPE => Ok(Self(parse_json(&body(request, state).await?)?)),
            _ => OneEvent::from_request(request, state).await.map(|OneEvent(event)| Self(vec![event])),
        }
    }
}

fn media_type(request: &Request) -> String {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("An event does not have as many bytes."),
        _ => Problem::bad_request("The body ended before it was whole; send it again."),
    })
}
