//! Ringing the relay.

use crate::{
    SpinHttpOut, StartError,
    redis::Redis,
    server::{UrlVariable, unknown_backend},
    service_token, spawn, variable,
};
use std::{fmt, sync::Arc};
use vitrine_events::{Bell, ChainedRing, Ring};
use vitrine_http_out::Limits;

const BACKEND: &str = "ring_backend";

/// The channel that `doorbell` hears.
const CHANNEL: &str = "vitrine.outbox";

const REDIS: UrlVariable<'static> = UrlVariable::redis(BACKEND);

/// How the component tells the relay of its events, by its variables.
///
/// `ring_backend` is `chain` (a call to `relay_url`, where `relay_service_token` is what the relay wants to see) or `redis`
/// (a message on the channel `vitrine.outbox` of the server at `redis_url`, for an app that is split over processes). The
/// server need not answer now: a ring that is lost costs time only.
///
/// # Errors
/// If a variable is missing or wrong; the message names it.
pub async fn ring() -> Result<Arc<dyn Ring>, StartError> {
    match variable(BACKEND).await?.trim() {
        "chain" => {
            let relay = variable("relay_url").await?;
            let token = service_token("relay_service_token").await?;
            let out = Arc::new(SpinHttpOut::new(Limits::default()));
            Ok(Arc::new(ChainedRing::new(out, &relay, token, Arc::new(spawn))))
        }
        "redis" => Ok(Arc::new(RedisRing::new(&REDIS.read().await?.url))),
        word => Err(unknown_backend(BACKEND, word, ["chain", "redis"])),
    }
}

/// Rings by a message, one at a time: what is rung for meanwhile, one further message tells.
#[derive(Clone)]
struct RedisRing {
    redis: Arc<Redis>,
    bell: Bell,
}

impl RedisRing {
    fn new(url: &str) -> Self {
        Self { redis: Arc::new(Redis::new(url)), bell: Bell::default() }
    }

    async fn publish(&self) {
        let message =
            |redis: crate::redis::Connection| async move { redis.publish(CHANNEL.to_owned(), Vec::new()).await };
        if let Err(error) = self.redis.idempotent(message).await {
            tracing::warn!(%error, "the relay could not be rung; the sweep finds what there is");
        }
    }
}

impl fmt::Debug for RedisRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisRing")
    }
}

impl Ring for RedisRing {
    fn ring(&self) {
        let Some(mut turn) = self.bell.ring() else { return };
        let ring = self.clone();
        spawn(async move {
            loop {
                ring.publish().await;
                if !turn.once_more() {
                    return;
                }
            }
        });
    }
}
