//! Makes instances of a component, for the handler that gives them requests.

use super::call::Ending;
use super::lifetime::{Expiration, Worker};
use super::meter::Verdict;
use super::state::InstanceState;
use crate::guest::Guest;
use std::sync::Arc;
use std::time::Duration;
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
        let random = &mut rand::rng();
        let max_requests = self.guest.tool.instance_reuse.draw(random);
        let concurrency = self.guest.limits.concurrency.draw(random);
        let idle = Duration::from_millis(self.guest.tool.idle_timeout_ms.draw(random) as u64);
        let state = store.data();
        let expiration = Expiration {
            guest: self.guest.clone(),
            vitals: state.vitals.clone(),
            idle,
            timer: Box::pin(tokio::time::sleep(idle)),
        };
        let worker = Worker { guest: self.guest.clone(), max_requests, concurrency };
        Ok(Instance { store, proxy, view: InstanceState::http, expiration, state: worker })
    }
}
