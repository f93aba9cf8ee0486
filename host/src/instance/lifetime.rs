//! How long an instance lives: how many requests it takes, and when it is ended.

use super::call::{Call, Ending};
use super::state::InstanceState;
use super::vitals::Vitals;
use crate::guest::Guest;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::{Sleep, sleep_until};
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::handler::{ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus};

/// A deadline that a busy guest kept from being seen is enforced this much later, from outside.
const GRACE: Duration = Duration::from_millis(50);

/// Decides which requests an instance takes, and looks after it when it ends.
pub struct Worker {
    pub(super) guest: Arc<Guest>,
    pub(super) max_requests: usize,
    pub(super) concurrency: usize,
}

impl WorkerState for Worker {
    type StoreData = InstanceState;
    type RequestData = Call;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.max_requests {
            ShouldAccept::Never
        } else if concurrent >= self.concurrency {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        mut store: StoreContextMut<'_, InstanceState>,
        call: Call,
        task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        store.data_mut().begin(task, call.clone());
        let limit = self.guest.limits.head;
        let start = Instant::now();
        let admission = call.admission();
        Box::pin(async move {
            let _admission = admission;
            let mut due = call.head_due(start, limit);
            while Instant::now() < due {
                sleep_until(due.into()).await;
                due = call.head_due(start, limit);
            }
        })
    }

    fn drop(&self, store: Store<InstanceState>, result: Result<(), wasmtime::Error>) {
        self.guest.metrics.instances.dec();
        if let Err(error) = result {
            store.data().vitals.downloads.cut();
            report(&self.guest, store.data(), &error);
        }
    }
}

/// Logs and counts an instance that did not end by itself.
pub(super) fn report(guest: &Guest, state: &InstanceState, error: &wasmtime::Error) {
    let component = guest.name.as_str();
    let requests = state.vitals.request_ids();
    let cause = error.root_cause().to_string().replace('\n', " ");
    match state.ending() {
        Ending::Cpu => {
            guest.metrics.deadline("cpu");
            tracing::error!(component, requests, limit = ?guest.limits.cpu, "instance ended: it used up its CPU time");
        }
        Ending::Time => {
            guest.metrics.deadline("time");
            tracing::error!(component, requests, "instance ended: it took too long");
        }
        Ending::Memory => {
            guest.metrics.traps.inc();
            let limit_mib = guest.limits.memory_mib;
            tracing::error!(component, requests, limit_mib, cause, "instance ended: it was refused more memory");
        }
        Ending::Trap => {
            guest.metrics.traps.inc();
            tracing::error!(component, requests, cause, "instance ended: it trapped");
        }
    }
    tracing::debug!(component, ?error, "where the instance ended");
}

/// Ends an instance that is idle, stuck, or works too long after its responses.
pub struct Expiration {
    pub(super) guest: Arc<Guest>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) idle: Duration,
    pub(super) timer: Pin<Box<Sleep>>,
}

impl Expiration {
    /// When the instance ends at the earliest if nothing changes. Cheap: it is asked for at every pause.
    fn earliest(&self, status: WorkerStatus, start: Instant) -> Instant {
        match status {
            WorkerStatus::Idle => start + self.idle,
            WorkerStatus::Requests => start + self.guest.limits.head + GRACE,
            WorkerStatus::PostReturn => start + self.guest.limits.background,
        }
    }

    /// When it ends, bodies that still move considered: time counts from their last move.
    fn due(&self, status: WorkerStatus, start: Instant) -> Instant {
        match status {
            WorkerStatus::Idle => start + self.idle,
            WorkerStatus::Requests => self.vitals.head_due(start, self.guest.limits.head) + GRACE,
            WorkerStatus::PostReturn => {
                let moved = self.vitals.downloads.moved();
                moved.map_or(start, |moved| start.max(moved)) + self.guest.limits.background
            }
        }
    }
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, status: WorkerStatus, start: Instant) -> Poll<()> {
        self.vitals.slice.paused();
        // The timer is only ever moved forward here: when it fires too early, it is set anew below. So a busy
        // instance does not pay for a timer with every request.
        let earliest = self.earliest(status, start);
        if earliest < self.timer.deadline().into_std() {
            self.timer.as_mut().reset(earliest.into());
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let due = self.due(status, start);
            if due <= Instant::now() {
                if status != WorkerStatus::Idle {
                    self.vitals.end(Ending::Time);
                }
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due.into());
        }
        Poll::Pending
    }
}
