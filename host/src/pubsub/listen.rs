//! Listens to the channels of one server for as long as the process lives.

use super::Subscription;
use crate::capability::redis::{HandlerError, dial};
use crate::engine::REDIS_EXPORT;
use crate::guest::Guest;
use crate::instance::call_once;
use anyhow::{Context, Result, anyhow};
use futures::StreamExt;
use futures::future::join_all;
use redis::aio::PubSub;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use wasmtime::Engine;

/// How long to sign in and to answer a ping may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a quiet server is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);
/// How long is waited before connecting again: longer each time, up to the second.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Listens, and connects again whenever the connection is lost. The log says so once for each time that the server is
/// away. Components that compute do so on the thread of `computing`.
pub async fn run(engine: Engine, subscription: Subscription, computing: Handle) {
    let Subscription { address, written, .. } = &subscription;
    let mut wait = AGAIN.0;
    loop {
        let mut connected = false;
        let result = listen(&engine, &subscription, &computing, &mut connected).await;
        let error = result.err().unwrap_or_else(|| anyhow!("the connection was closed"));
        if connected || wait == AGAIN.0 {
            tracing::warn!(
                %address,
                "the Redis trigger does not listen: {error:#}; it tries again until it does: start the server, or correct the address (`{written}`)"
            );
        }
        if connected {
            wait = AGAIN.0;
        }
        // Not all at once, when many wait for the same server.
        sleep(wait.mul_f64(rand::random_range(0.5..1.0))).await;
        wait = (wait * 2).min(AGAIN.1);
    }
}

async fn listen(engine: &Engine, subscription: &Subscription, computing: &Handle, connected: &mut bool) -> Result<()> {
    let Subscription { address, channels, .. } = subscription;
    let stream = dial(address).await?;
    let mut pubsub = timeout(PATIENCE, PubSub::new(address.settings(), stream)).await??;
    let names: Vec<_> = channels.keys().collect();
    timeout(PATIENCE, pubsub.subscribe(&names)).await??;
    *connected = true;
    tracing::info!(%address, channels = ?names, "the Redis trigger listens");
    let (mut sink, mut messages) = pubsub.split();
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.tick().await;
    loop {
        tokio::select! {
            message = messages.next() => {
                let message = message.context("the connection was lost")?;
                let guests = channels.get(message.get_channel_name());
                let payload = message.get_payload_bytes();
                join_all(guests.into_iter().flatten().map(|guest| give(engine, guest, payload, computing))).await;
            }
            _ = ping.tick() => {
                timeout(PATIENCE, sink.ping::<redis::Value>()).await.context("the server does not answer")??;
            }
        }
    }
}

/// Calls a component for a message, on the thread where it belongs.
async fn give(engine: &Engine, guest: &Arc<Guest>, payload: &[u8], computing: &Handle) {
    if !guest.limits.cpu_bound {
        return handle(engine, guest, payload).await;
    }
    let (engine, guest, payload) = (engine.clone(), guest.clone(), payload.to_vec());
    let component = guest.name.clone();
    if let Err(error) = computing.spawn(async move { handle(&engine, &guest, &payload).await }).await {
        tracing::error!(component, %error, "message failed: its thread has gone");
    }
}

/// Calls a component for a message, in an instance of its own, as on Spin.
async fn handle(engine: &Engine, guest: &Arc<Guest>, payload: &[u8]) {
    let component = guest.name.as_str();
    let start = Instant::now();
    let limit = guest.limits.head;
    let outcome = match timeout(limit, call(engine, guest, payload.to_vec())).await {
        Ok(Ok(())) => {
            tracing::debug!(component, "message handled");
            "handled"
        }
        Ok(Err(error)) => {
            tracing::error!(component, "message failed: {error:#}");
            "failed"
        }
        Err(_) => {
            guest.metrics.deadline("head");
            tracing::error!(component, ?limit, "message ended: it took too long");
            "late"
        }
    };
    guest.metrics.message(outcome, start.elapsed());
}

async fn call(engine: &Engine, guest: &Arc<Guest>, payload: Vec<u8>) -> Result<()> {
    let (result,): (Result<(), HandlerError>,) =
        call_once(engine, guest, |code| code.redis, REDIS_EXPORT, (payload,)).await?;
    result.map_err(|error| match error {
        HandlerError::Other(message) => anyhow!(message),
        other => anyhow!("{other:?}"),
    })
}
