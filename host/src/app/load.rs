//! Compiles and links the components of the apps.

use super::bind::App;
use super::{MAX_IN_FLIGHT, Options};
use crate::engine::{self, PoolSize, compile, link, validate};
use crate::instance::try_once;
use anyhow::{Result, bail};
use std::time::Instant;
use wasmtime::Engine;

/// Instances beside those that requests from outside need at once: chained calls, and instances that finish.
const SPARE: usize = 256;

/// A slot of the pool has room for this at least, in bytes: else the engine itself would refuse what needs more than its
/// component may have, and not say why. It is only reserved.
const LEAST_MEMORY: usize = 128 << 20;

/// An engine that has room for these apps.
pub(super) fn engine(apps: &[App], options: &Options) -> Result<Engine> {
    let memory = apps.iter().flat_map(|app| app.guests.values()).map(|guest| guest.limits.memory_bytes());
    let in_flight = apps.iter().map(|app| app.manifest.tool.max_in_flight.unwrap_or(MAX_IN_FLIGHT)).max();
    let instances = in_flight.unwrap_or(MAX_IN_FLIGHT) + SPARE;
    let instances = u32::try_from(instances).unwrap_or(u32::MAX);
    let pool = PoolSize { instances, memory: memory.max().unwrap_or(0).max(LEAST_MEMORY) };
    engine::engine(pool, options.cache_dir.as_deref())
}

/// Compiles and links every component that a trigger leads to, and checks that the trigger can call it and that an
/// instance can be made; of the others, checks that they are components.
pub(super) async fn load(engine: &Engine, apps: &[App]) -> Result<()> {
    for app in apps {
        for spec in app.manifest.components.values().filter(|spec| !app.guests.contains_key(&spec.id)) {
            validate(spec)?;
        }
        for guest in app.guests.values() {
            let start = Instant::now();
            let id = &guest.name;
            let Some(spec) = app.manifest.components.get(id) else { continue };
            let component = compile(engine, &app.manifest, spec)?;
            let code = link(engine, id, &component)?;
            let triggers = [
                ("an HTTP trigger", "an HTTP handler", app.manifest.answers_http(id), code.http.is_some()),
                ("a cron trigger", engine::CRON_EXPORT, app.manifest.is_scheduled(id), code.cron.is_some()),
                ("a Redis trigger", engine::REDIS_EXPORT, app.manifest.is_subscribed(id), code.redis.is_some()),
            ];
            for (trigger, export, wanted, there) in triggers {
                if wanted && !there {
                    bail!("component {id} has {trigger}, but does not export {export}");
                }
            }
            guest.set_code(code);
            try_once(engine, guest).await?;
            tracing::debug!(component = id.as_str(), took = ?start.elapsed(), "loaded");
        }
    }
    Ok(())
}
