//! The data of one instance's store: what its component may touch, and what the host notes about it.

use super::call::{Call, Ending};
use super::meter::Meter;
use super::vitals::Vitals;
use crate::capability::http_out::Hooks;
use crate::capability::wasi;
use crate::guest::Guest;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::StoreContextMut;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Resources that one instance may hold: streams, fields, requests, connections.
const RESOURCES: usize = 65_536;

/// The data of one instance's store.
pub struct InstanceState {
    /// The component that this is an instance of: its name, its grants, its limits.
    pub guest: Arc<Guest>,
    /// The resources that the guest holds.
    pub table: ResourceTable,
    /// What the instance uses up.
    pub meter: Meter,
    /// What the instance's worker sees of it from outside.
    pub vitals: Arc<Vitals>,
    /// Outbound HTTP: checks the grant and chains.
    pub hooks: Hooks,
    /// One reference for each open connection, beside this one.
    pub sqlite_connections: Arc<()>,
    calls: HashMap<GuestTaskId, Call>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
}

impl InstanceState {
    /// The state of a new instance.
    #[must_use]
    pub fn new(guest: Arc<Guest>) -> Self {
        let meter = guest.meter();
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Self {
            table,
            vitals: Arc::new(Vitals::new(meter.slice())),
            meter,
            hooks: Hooks::new(guest.clone()),
            sqlite_connections: Arc::new(()),
            calls: HashMap::new(),
            wasi: wasi::context(&guest),
            http: WasiHttpCtx::new(),
            guest,
        }
    }

    /// A request begins in the guest's task `task`.
    pub fn begin(&mut self, task: GuestTaskId, call: Call) {
        self.meter.restart();
        self.vitals.begin(&call);
        self.hooks.calling = Some(call.clone());
        self.calls.insert(task, call);
    }

    /// Why the instance ends, as far as the host knows.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.vitals.ending() {
            Ending::Trap if self.meter.was_refused_memory() => Ending::Memory,
            ending => ending,
        }
    }
}

/// Finds the request on whose behalf the guest runs just now, and remembers it for the calls that it makes.
pub fn note_caller(mut store: StoreContextMut<'_, InstanceState>) {
    let stack: Vec<_> = match store.async_call_stack() {
        Ok(stack) => stack.collect(),
        Err(_) => return,
    };
    let state = store.data_mut();
    if let Some(call) = stack.iter().find_map(|task| state.calls.get(task)) {
        state.hooks.calling = Some(call.clone());
    }
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
