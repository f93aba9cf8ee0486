//! Gives requests to components: on this thread where that can be, else on the threads where the component runs.

use crate::guest::Guest;
use crate::http::{body, problem};
use crate::instance::{Call, Ending, GuestHandler};
use crate::route::{CHAINED_CLIENT, RouteMatch};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::PoolConcurrencyLimitError;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, ProxyHandler, TrapOrPanicError};

/// Instances of a component that computes which work on one thread at the same time: one computes while another waits
/// for what it has asked for.
const COMPUTING: usize = 2;

thread_local! {
    static THREAD: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Notes which of the dispatcher's threads this is.
pub fn this_thread_is(thread: usize) {
    THREAD.set(thread);
}

/// A component on one thread, with the instances that it has there.
pub struct Place {
    /// The thread.
    pub thread: usize,
    /// Its runtime.
    pub runtime: Handle,
    /// Makes and keeps instances.
    pub handler: ProxyHandler<GuestHandler>,
    room: Option<Arc<Semaphore>>,
}

/// A place among the requests that a component works at, if those are bounded.
type Room = Option<OwnedSemaphorePermit>;

impl Place {
    /// Runs `guest` on that thread.
    #[must_use]
    pub fn new(thread: usize, runtime: Handle, handler: ProxyHandler<GuestHandler>, guest: &Guest) -> Self {
        // Instances that compute side by side on one thread only make each other late, and each has memory of its own.
        let room =
            guest.limits.cpu_bound.then(|| Arc::new(Semaphore::new(guest.limits.concurrency.greatest() * COMPUTING)));
        Self { thread, runtime, handler, room }
    }

    /// Waits for a place, for as long as an answer may take; nothing when there was none.
    async fn room(&self, guest: &Guest) -> Option<Room> {
        let Some(room) = &self.room else { return Some(None) };
        let permit = tokio::time::timeout(guest.limits.head, room.clone().acquire_owned()).await;
        permit.ok()?.ok().map(Some)
    }
}

/// A component that answers HTTP requests, and the places where it runs.
pub struct Callee {
    guest: Arc<Guest>,
    places: Vec<Place>,
    next: AtomicUsize,
}

impl Callee {
    /// A component that runs at `places`, of which there is one at least.
    #[must_use]
    pub fn new(guest: Arc<Guest>, places: Vec<Place>) -> Self {
        Self { guest, places, next: AtomicUsize::new(0) }
    }

    /// The component.
    #[must_use]
    pub fn guest(&self) -> &Arc<Guest> {
        &self.guest
    }

    /// This thread's place, else each in turn.
    fn place(&self) -> Option<(&Place, bool)> {
        let thread = THREAD.get();
        if let Some(place) = self.places.iter().find(|place| place.thread == thread) {
            return Some((place, true));
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let place = self.places.get(turn.checked_rem(self.places.len())?)?;
        Some((place, false))
    }
}

/// The components of an app that answer HTTP requests.
pub struct Dispatcher {
    callees: HashMap<String, Arc<Callee>>,
    chained: AtomicUsize,
    ending: AtomicBool,
}

impl Dispatcher {
    /// A dispatcher for these components, which are told of it.
    #[must_use]
    pub fn new(callees: impl IntoIterator<Item = Callee>) -> Arc<Self> {
        let callees = callees.into_iter().map(|callee| (callee.guest.name.clone(), Arc::new(callee))).collect();
        let dispatcher = Arc::new(Self { callees, chained: AtomicUsize::new(0), ending: AtomicBool::new(false) });
        for callee in dispatcher.callees.values() {
            callee.guest.set_dispatcher(&dispatcher);
        }
        dispatcher
    }

    /// The component of this name, if it answers HTTP requests.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Callee>> {
        self.callees.get(name).cloned()
    }

    /// Answers a chained call.
    pub async fn chained(&self, callee: Arc<Callee>, mut request: Request<WasiBody>, call: Call) -> Response<WasiBody> {
        let uri = request.uri().clone();
        let matched = RouteMatch::synthetic(uri.path());
        matched.set_headers(request.headers_mut(), "http", &uri, CHAINED_CLIENT);
        self.chained.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(&self.chained);
        answer(&callee, request, call, || ()).await
    }

    /// Chained calls whose answers have not begun.
    #[must_use]
    pub fn chained_under_way(&self) -> usize {
        self.chained.load(Ordering::Relaxed)
    }

    /// The process ends: work that goes on after an answer begins no further calls.
    pub fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the process ends.
    #[must_use]
    pub fn ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Has a component answer a request. What `keep` gives when the answer begins is dropped when its body has ended.
///
/// A component that fails is a problem answer, not an error: 504 for a deadline, 503 when no instance can be had,
/// else 500.
pub async fn answer<K: body::Keep + Send + 'static>(
    callee: &Arc<Callee>,
    request: Request<WasiBody>,
    call: Call,
    keep: impl FnOnce() -> K,
) -> Response<WasiBody> {
    let guest = &callee.guest;
    let start = Instant::now();
    let (waiting, over) = (Waiting(call.clone()), Over(call.clone()));
    let upload = (!http_body::Body::is_end_stream(request.body())).then(|| call.upload().clone());
    let limit = guest.limits.idle;
    let request = request.map(|request| match upload {
        Some(flow) => body::Moving::new(request, limit, Some(flow), ()).boxed_unsync(),
        None => request,
    });
    let answered = match callee.place() {
        Some((place, here)) => match place.room(guest).await {
            Some(room) if here => {
                let answered = place.handler.handle(call.clone(), request).await;
                drop(room);
                answered
            }
            Some(room) => elsewhere(place, room, request, call.clone()).await,
            None => return no_room(guest, &call),
        },
        None => Err(wasmtime::format_err!("component {} runs nowhere", guest.name)),
    };
    drop(waiting);
    let response = match answered {
        Ok(response) => {
            let downloads = call.downloads().cloned();
            let whole = Whole { keep: keep(), _over: over };
            response.map(|body| body::Moving::new(body, limit, downloads, whole).boxed_unsync())
        }
        Err(error) => failure(guest, &call, &error),
    };
    guest.metrics.answered(response.status(), start.elapsed());
    response
}

/// Marks a call as not awaited any more, also when whoever waited has gone.
struct Waiting(Call);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// Marks a call as over, also when whoever waited for its answer has gone.
struct Over(Call);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.over();
    }
}

/// What is kept as long as a response's body moves.
struct Whole<K> {
    keep: K,
    _over: Over,
}

impl<K: body::Keep> body::Keep for Whole<K> {
    fn moved(&self) {
        self.keep.moved();
    }
}

async fn elsewhere(
    place: &Place,
    room: Room,
    request: Request<WasiBody>,
    call: Call,
) -> wasmtime::Result<Response<WasiBody>> {
    let handler = place.handler.clone();
    place
        .runtime
        .spawn(async move {
            let _room = room;
            handler.handle(call, request).await
        })
        .await
        .unwrap_or_else(|error| Err(wasmtime::format_err!("the thread has gone: {error}")))
}

fn no_room(guest: &Guest, call: &Call) -> Response<WasiBody> {
    let component = guest.name.as_str();
    tracing::warn!(component, requests = &*call.request_id, waited = ?guest.limits.head, "request refused: others compute");
    let response = at_its_limit(&call.request_id);
    guest.metrics.answered(response.status(), guest.limits.head);
    response
}

fn at_its_limit(id: &str) -> Response<WasiBody> {
    let detail = "The service is at its limit. Try again in a moment.";
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, detail, id);
    response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    response
}

fn failure(guest: &Guest, call: &Call, error: &wasmtime::Error) -> Response<WasiBody> {
    let component = guest.name.as_str();
    let id = &*call.request_id;
    if error.is::<ExpirationError>() || matches!(call.ending(), Ending::Cpu | Ending::Time) {
        if error.is::<ExpirationError>() {
            guest.metrics.deadline("head");
            tracing::error!(component, requests = id, limit = ?guest.limits.head, "request ended: no answer in time");
        }
        let detail = "The answer took too long. Try again later.";
        return problem(StatusCode::GATEWAY_TIMEOUT, detail, id);
    }
    if let Some(InstantiationError { error, .. }) = error.downcast_ref::<InstantiationError<Call>>() {
        let cause = error.root_cause().to_string().replace('\n', " ");
        if pool_is_full(error) {
            tracing::error!(component, requests = id, cause, "no instance could be made: the pool is full");
            return at_its_limit(id);
        }
        guest.metrics.traps.inc();
        tracing::error!(component, requests = id, cause, "no instance could be made");
    } else if error.is::<TrapOrPanicError>() {
        // The instance's own end is in the log already, with its cause.
        tracing::debug!(component, requests = id, "request failed with its instance");
    } else {
        tracing::error!(component, requests = id, cause = %error, "request failed");
    }
    let detail = "The service failed. The request id finds the cause in the log.";
    problem(StatusCode::INTERNAL_SERVER_ERROR, detail, id)
}

/// Whether no instance could be made because there are as many as there may be: then it may be worth to try again.
fn pool_is_full(error: &wasmtime::Error) -> bool {
    error.is::<PoolConcurrencyLimitError>() || error.root_cause().is::<PoolConcurrencyLimitError>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{
        Config, Engine, Instance, InstanceAllocationStrategy, Module, PoolingAllocationConfig, Result, Store,
    };

    #[test]
    fn a_full_pool_is_told_from_a_component_that_fails() {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(1).total_memories(1).total_tables(1);
        let mut config = Config::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config).unwrap();
        let start = |text: &str| -> Result<Store<()>> {
            let module = Module::new(&engine, wat::parse_str(text).unwrap())?;
            let mut store = Store::new(&engine, ());
            Instance::new(&mut store, &module, &[])?;
            Ok(store)
        };
        let trap = start("(module (func $f unreachable) (start $f))").err().unwrap();
        assert!(!pool_is_full(&trap), "{trap:?}");
        let _first = start("(module)").unwrap();
        let second = start("(module)").err().unwrap();
        assert!(pool_is_full(&second.context("some words")), "it is full");
    }
}
