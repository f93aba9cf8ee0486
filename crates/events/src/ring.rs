//! Ringing after a commit.

use crate::{Bell, Event};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, header};
use std::{fmt, sync::Arc};
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// Starts work that goes on after the response has gone out.
pub type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Tells the relay that there is something to deliver.
pub trait Ring: fmt::Debug + Send + Sync + 'static {
    /// Rings, after the response of the current request. Nothing comes back: a ring that is lost costs time only.
    fn ring(&self);
}

/// Says in the log that these events are committed, and rings for them.
pub fn committed<'a>(ring: &dyn Ring, events: impl IntoIterator<Item = &'a Event>) {
    let mut any = false;
    for event in events {
        tracing::info!(event = %event.id, r#type = event.r#type, "committed");
        any = true;
    }
    if any {
        ring.ring();
    }
}

/// Rings nobody: the sweep finds what there is.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRing;

impl Ring for NoRing {
    fn ring(&self) {}
}

/// Rings the relay by a call, one at a time: what is rung for meanwhile, one further call tells.
#[derive(Clone)]
pub struct ChainedRing {
    out: Arc<dyn HttpOut>,
    url: String,
    token: ServiceToken,
    spawn: Spawn,
    bell: Bell,
}

impl ChainedRing {
    /// `relay` is the origin of the relay, such as `http://relay.spin.internal`; `token` is what it wants to see.
    #[must_use]
    pub fn new(out: Arc<dyn HttpOut>, relay: &str, token: ServiceToken, spawn: Spawn) -> Self {
        let url = format!("{}/_ring", relay.trim_end_matches('/'));
        Self { out, url, token, spawn, bell: Bell::default() }
    }

    async fn call(&self) {
        let request = Request::post(&self.url)
            .header(header::AUTHORIZATION, self.token.authorization())
            .body(Bytes::new())
            .map_err(|error| error.to_string());
        let answer = match request {
            Ok(request) => self.out.send(request).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => tracing::warn!(status = answer.status().as_u16(), "the relay does not take the ring"),
            Err(error) => tracing::warn!(error, "the relay could not be rung; the sweep finds what there is"),
        }
    }
}

impl Ring for ChainedRing {
    fn ring(&self) {
        let Some(mut turn) = self.bell.ring() else { return };
        let ring = self.clone();
        (self.spawn)(Box::pin(async move {
            loop {
                ring.call().await;
                if !turn.once_more() {
                    return;
                }
            }
        }));
    }
}

impl fmt::Debug for ChainedRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainedRing").field("url", &self.url).finish_non_exhaustive()
    }
}
