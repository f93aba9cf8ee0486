//! Subscriptions, as server-sent events (the HTML standard, section 9.2).

use crate::{
    Streams, TrpcError,
    answer::{VARY, line},
    ping::with_pings,
};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;

/// What a subscription tells its client.
#[derive(Debug, Clone)]
pub struct Event<T> {
    id: Option<String>,
    data: T,
}

impl<T> Event<T> {
    /// An event that is not told again to a client that missed it.
    pub fn new(data: T) -> Self {
        Self { id: None, data }
    }

    /// An event with an id. A client that lost its connection names the last one that it has seen, as `lastEventId` in the input,
    /// so that the handler goes on after it. An id is not empty and holds no line break and no NUL; another one ends the
    /// subscription with `INTERNAL_SERVER_ERROR`.
    pub fn tracked(id: impl Into<String>, data: T) -> Self {
        Self { id: Some(id.into()), data }
    }
}

/// An event that is written.
pub(crate) struct Frame {
    id: Option<String>,
    json: String,
}

/// The events of a subscription.
pub(crate) type Events = BoxStream<'static, Result<Frame, TrpcError>>;

impl Frame {
    pub(crate) fn of<T: Serialize>(event: Event<T>) -> Result<Self, TrpcError> {
        if event.id.as_ref().is_some_and(|id| id.is_empty() || id.contains(['\n', '\r', '\0'])) {
            return Err(TrpcError::internal(&"the id of an event is empty or holds a line break or NUL"));
        }
        Ok(Self { id: event.id, json: line(&event.data)? })
    }

    fn text(&self) -> String {
        match &self.id {
            Some(id) => format!("data: {}\nid: {id}\n\n\n", self.json),
            None => format!("data: {}\n\n\n", self.json),
        }
    }
}

fn named(event: &str, data: &str) -> String {
    format!("event: {event}\ndata: {data}\n\n\n")
}

/// The response of a subscription: 200 whatever comes, since an `EventSource` reads nothing else.
pub(crate) fn response(path: &str, events: Result<Events, TrpcError>, streams: Option<&Streams>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (header::VARY, VARY),
    ];
    (headers, body(path.to_owned(), events, streams)).into_response()
}

fn body(path: String, events: Result<Events, TrpcError>, streams: Option<&Streams>) -> Body {
    let events = events.unwrap_or_else(|error| stream::once(std::future::ready(Err(error))).boxed());
    let client = match streams.and_then(Streams::inactivity) {
        Some(after) => json!({ "reconnectAfterInactivityMs": u64::try_from(after.as_millis()).unwrap_or(u64::MAX) }),
        None => json!({}),
    };
    let connected = stream::iter([named("connected", &client.to_string())]);
    let frames = frames(path, events);
    let text = match streams {
        Some(streams) => {
            let lively = with_pings(frames, streams, || named("ping", ""));
            // It breaks off without a `return`, so that the client comes back.
            connected.chain(lively).take_until(streams.timer.sleep(streams.longest)).boxed()
        }
        None => connected.chain(frames).boxed(),
    };
    Body::from_stream(text.map(Ok::<_, Infallible>))
}

/// The events as text. An error ends them; its code tells the client whether to subscribe again.
fn frames(path: String, events: Events) -> BoxStream<'static, String> {
    let text = stream::unfold(Some((events, path)), |open| async move {
        let (mut events, path) = open?;
        Some(match events.next().await {
            Some(Ok(frame)) => (frame.text(), Some((events, path))),
            Some(Err(error)) => (named("serialized-error", &error.shape(Some(&path)).to_string()), None),
            None => (named("return", ""), None),
        })
    });
    text.boxed()
}
