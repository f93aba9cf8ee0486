//! Links compiled code to the host's capabilities.

use crate::capability;
use crate::guest::Code;
use crate::instance::InstanceState;
use anyhow::{Context, Result, bail};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

/// The function that the cron trigger calls.
pub const CRON_EXPORT: &str = "handle-cron-event";

/// The interface that the Redis trigger calls.
pub const REDIS_EXPORT: &str = "spin:redis/inbound-redis@3.0.0";

/// Links a component, and finds out what it exports.
///
/// # Errors
/// When it imports something that the host has in another shape, or exports nothing that a trigger could call.
pub fn link(engine: &Engine, id: &str, component: &Component) -> Result<Code> {
    let mut linker = Linker::<InstanceState>::new(engine);
    capability::bind(&mut linker).map_err(anyhow::Error::from)?;
    capability::denied::bind(&mut linker, engine, component).map_err(anyhow::Error::from)?;
    let pre = linker
        .instantiate_pre(component)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("component {id} cannot be linked"))?;
    let http = match p3::bindings::ServicePre::new(pre.clone()) {
        Ok(proxy) => Some(ProxyPre::P3(proxy)),
        Err(_) => p2::bindings::ProxyPre::new(pre.clone()).ok().map(ProxyPre::P2),
    };
    let cron = component.get_export_index(None, CRON_EXPORT);
    let redis = component
        .get_export_index(None, REDIS_EXPORT)
        .and_then(|interface| component.get_export_index(Some(&interface), "handle-message"));
    if http.is_none() && cron.is_none() && redis.is_none() {
        bail!(
            "component {id} exports neither wasi:http/handler@0.3.0, nor wasi:http/incoming-handler@0.2, nor {CRON_EXPORT}, nor {REDIS_EXPORT}: no trigger can call it"
        )
    }
    Ok(Code { http, cron, redis, plain: pre })
}
