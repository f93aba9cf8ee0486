//! One call of an instance of its own, as triggers other than HTTP make them.

use super::handler::store;
use super::lifetime::report;
use crate::guest::{Code, Guest};
use anyhow::{Context, Result, anyhow, bail};
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Lift, Lower};

/// Calls the function that `export` finds in the guest's code, and gives back its answer. `what` names it, for messages.
///
/// # Errors
/// When the guest does not export it, its type is another one, or it traps; a trap is in the log and counted.
pub async fn call_once<P, R>(
    engine: &Engine,
    guest: &Arc<Guest>,
    export: impl FnOnce(&Code) -> Option<ComponentExportIndex>,
    what: &str,
    params: P,
) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let code = guest.code().with_context(|| format!("component {} has no code yet", guest.name))?;
    let export = export(code).with_context(|| format!("component {} does not export {what}", guest.name))?;
    let mut store = store(engine, guest);
    let _live = Live::new(guest);
    let instance = code.plain.instantiate_async(&mut store).await.map_err(anyhow::Error::from)?;
    let function = instance
        .get_typed_func::<P, R>(&mut store, export)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("its function has another type than {what} gives it"))?;
    let called = store.run_concurrent(async |accessor| function.call_concurrent(accessor, params).await).await;
    called.and_then(|called| called).map_err(|error| {
        report(guest, store.data(), &error);
        anyhow!(error)
    })
}

/// Makes an instance and ends it, to see before anybody waits that one can be made within the guest's limits.
///
/// # Errors
/// When none can be made; the message says what to change.
pub async fn try_once(engine: &Engine, guest: &Arc<Guest>) -> Result<()> {
    let code = guest.code().with_context(|| format!("component {} has no code yet", guest.name))?;
    let mut store = store(engine, guest);
    let Err(error) = code.plain.instantiate_async(&mut store).await else { return Ok(()) };
    let id = &guest.name;
    let cause = error.root_cause().to_string();
    if store.data().meter.was_refused_memory() {
        let limit = guest.limits.memory_mib;
        bail!(
            "component {id} needs more memory to begin than memory_mib = {limit} allows ({cause}): raise memory_mib in [component.{id}.tool.vitrine], or max_instance_memory in the runtime config"
        );
    }
    Err(anyhow!(error).context(format!("no instance of component {id} can be made")))
}

/// Counts a live instance.
struct Live<'a>(&'a Guest);

impl<'a> Live<'a> {
    fn new(guest: &'a Guest) -> Self {
        guest.metrics.instances.inc();
        Self(guest)
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.metrics.instances.dec();
    }
}
