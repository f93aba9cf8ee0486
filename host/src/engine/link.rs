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
    if let Ok(proxy) = p3::bindings::ServicePre::new(pre.clone()) {
        return Ok(Code::Http(ProxyPre::P3(proxy)));
    }
    if let Ok(proxy) = p2::bindings::ProxyPre::new(pre.clone()) {
        return Ok(Code::Http(ProxyPre::P2(proxy)));
    }
    if component.get_export_index(None, CRON_EXPORT).is_some() {
        return Ok(Code::Cron(pre));
    }
    bail!(
        "component {id} exports neither wasi:http/handler@0.3.0, nor wasi:http/incoming-handler@0.2, nor {CRON_EXPORT}: no trigger can call it"
    )
}
