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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio::runtime::Handle;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, ProxyHandler, TrapOrPanicError};

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
}

impl Dispatcher {
    /// A dispatcher for these components, which are told of it.
    #[must_use]
    pub fn new(callees: impl IntoIterator<Item = Callee>) -> Arc<Self> {
        let callees = callees.into_iter().map(|callee| (callee.guest.name.clone(), Arc::new(callee))).collect();
        let dispatcher = Arc::new(Self { callees });
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
        answer(&callee, request, call, ()).await
    }
}

/// Has a component answer a request. `keep` is dropped when the body of the answer has ended.
///
/// A component that fails is a problem answer, not an error: 504 for a deadline, 503 when no instance can be had,
/// else 500.
pub async fn answer<K: Send + 'static>(
    callee: &Arc<Callee>,
    request: Request<WasiBody>,
    call: Call,
    keep: K,
) -> Response<WasiBody> {
    let guest = &callee.guest;
    let start = Instant::now();
    let waiting = Waiting(call.clone());
    let upload = (!http_body::Body::is_end_stream(request.body())).then(|| call.upload().clone());
    let limit = guest.limits.idle;
    let request = request.map(|request| match upload {
        Some(flow) => body::Moving::new(request, limit, Some(flow), ()).boxed_unsync(),
        None => request,
    });
    let answered = match callee.place() {
        Some((place, true)) => place.handler.handle(call.clone(), request).await,
        Some((place, false)) => elsewhere(place, request, call.clone()).await,
        None => Err(wasmtime::format_err!("component {} runs nowhere", guest.name)),
    };
    drop(waiting);
    let response = match answered {
        Ok(response) => {
            let downloads = call.downloads().cloned();
            response.map(|body| body::Moving::new(body, limit, downloads, keep).boxed_unsync())
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

async fn elsewhere(place: &Place, request: Request<WasiBody>, call: Call) -> wasmtime::Result<Response<WasiBody>> {
    let handler = place.handler.clone();
    place
        .runtime
        .spawn(async move { handler.handle(call, request).await })
        .await
        .unwrap_or_else(|error| Err(wasmtime::format_err!("the thread has gone: {error}")))
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
    if error.is::<InstantiationError<Call>>() {
        tracing::error!(component, requests = id, cause = %error, "no instance could be made");
        let detail = "The service is at its limit. Try again in a moment.";
        let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, detail, id);
        let retry = http::HeaderValue::from_static("1");
        response.headers_mut().insert(http::header::RETRY_AFTER, retry);
        return response;
    }
    if error.is::<TrapOrPanicError>() {
        // The instance's own end is in the log already, with its cause.
        tracing::debug!(component, requests = id, "request failed with its instance");
    } else {
        tracing::error!(component, requests = id, cause = %error, "request failed");
    }
    let detail = "The service failed. The request id finds the cause in the log.";
    problem(StatusCode::INTERNAL_SERVER_ERROR, detail, id)
}
