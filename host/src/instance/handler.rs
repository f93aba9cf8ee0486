//! Makes instances of a component, for the handler that gives them requests.

use super::call::Ending;
use super::lifetime::{Expiration, Worker};
use super::meter::Verdict;
use super::state::InstanceState;
use crate::guest::Guest;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::{Engine, Store, UpdateDeadline, format_err};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{HandlerState, Instance};

/// Makes instances of one component.
pub struct GuestHandler {
    engine: Engine,
    guest: Arc<Guest>,
}

impl GuestHandler {
    /// A maker of instances of `guest`.
    #[must_use]
    pub fn new(engine: Engine, guest: Arc<Guest>) -> Self {
        Self { engine, guest }
    }
}

/// A store for a new instance of `guest`, with its limits in force.
#[must_use]
pub(super) fn store(engine: &Engine, guest: &Arc<Guest>) -> Store<InstanceState> {
    let mut store = Store::new(engine, InstanceState::new(guest.clone()));
    store.limiter(|state| &mut state.meter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        let state = context.data_mut();
        Ok(match state.meter.epoch() {
            Verdict::Continue => UpdateDeadline::Continue(1),
            Verdict::Yield => UpdateDeadline::Yield(1),
            Verdict::Stop => {
                state.vitals.end(Ending::Cpu);
                UpdateDeadline::Interrupt
            }
        })
    });
    store
}

impl HandlerState for GuestHandler {
    type StoreData = InstanceState;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<InstanceState, Expiration, Worker>> {
        let Some(pre) = self.guest.code().and_then(|code| code.http.as_ref()) else {
            return Err(format_err!("component {} does not answer HTTP requests", self.guest.name));
        };
        let mut store = store(&self.engine, &self.guest);
        let proxy = pre.instantiate_async(&mut store).await?;
        self.guest.metrics.instances.inc();
        let tool = &self.guest.tool;
        let max_requests = tool.instance_reuse.draw(&mut rand::rng());
        let state = store.data();
        let expiration = Expiration {
            guest: self.guest.clone(),
            vitals: state.vitals.clone(),
            idle: tool.idle_timeout,
            timer: Box::pin(tokio::time::sleep_until((Instant::now() + tool.idle_timeout).into())),
        };
        let worker = Worker { guest: self.guest.clone(), max_requests };
        Ok(Instance { store, proxy, view: InstanceState::http, expiration, state: worker })
    }
}
