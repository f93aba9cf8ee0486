//! The cron trigger: calls a component's `handle-cron-event` at the times of an expression.

use crate::engine::CRON_EXPORT;
use crate::guest::Guest;
use crate::instance::store;
use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Utc};
use croner::Cron;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Engine;
use wasmtime::component::{ComponentType, Lift, Lower};

/// `metadata` of `fermyon:spin-cron@2.0.0`.
#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct Metadata {
    timestamp: u64,
}

/// `error` of `fermyon:spin-cron@2.0.0`.
#[derive(ComponentType, Lift)]
#[component(variant)]
enum CronError {
    #[component(name = "other")]
    Other(String),
}

/// Calls the component at each time of the expression, for as long as the process lives. A call that takes longer
/// than to the next time lets that one pass.
pub async fn run(engine: Engine, guest: Arc<Guest>, schedule: Cron) {
    let component = guest.name.as_str();
    loop {
        let now = Utc::now();
        let next = match schedule.find_next_occurrence(&now, false) {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(component, %error, "the cron expression has no next time: the trigger ends");
                return;
            }
        };
        tokio::time::sleep((next - now).to_std().unwrap_or(Duration::ZERO)).await;
        match tokio::time::timeout(guest.limits.head, fire(&engine, &guest, next)).await {
            Ok(Ok(())) => tracing::debug!(component, "cron event handled"),
            Ok(Err(error)) => tracing::error!(component, "cron event failed: {error:#}"),
            Err(_) => tracing::error!(component, limit = ?guest.limits.head, "cron event ended: it took too long"),
        }
    }
}

async fn fire(engine: &Engine, guest: &Arc<Guest>, time: DateTime<Utc>) -> Result<()> {
    let code = guest.code().with_context(|| format!("component {} has no code yet", guest.name))?;
    let export = code.cron.with_context(|| format!("component {} does not export {CRON_EXPORT}", guest.name))?;
    let mut store = store(engine, guest);
    let instance = code.plain.instantiate_async(&mut store).await.map_err(anyhow::Error::from)?;
    let function = instance
        .get_typed_func::<(Metadata,), (Result<(), CronError>,)>(&mut store, export)
        .map_err(anyhow::Error::from)
        .context("its handle-cron-event has another type than fermyon:spin-cron@2.0.0 gives it")?;
    let timestamp = u64::try_from(time.timestamp()).unwrap_or_default();
    let (result,) = store
        .run_concurrent(async |accessor| function.call_concurrent(accessor, (Metadata { timestamp },)).await)
        .await
        .map_err(anyhow::Error::from)?
        .map_err(anyhow::Error::from)?;
    result.map_err(|CronError::Other(message)| anyhow!(message))
}
