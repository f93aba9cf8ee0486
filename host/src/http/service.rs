//! One request from outside: checked, given an id, routed, answered.

use super::body::{Flow, Keep, full};
use super::flows::Flows;
use super::problem::problem;
use super::request_id::{REQUEST_ID, request_id};
use crate::dispatch::{Callee, answer};
use crate::instance::Call;
use crate::metrics::Metrics;
use crate::route::Router;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use prometheus::IntGauge;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, WasiBody};

/// The longest request target, in bytes (RFC 9110 asks for 8,000 at least).
const MAX_TARGET: usize = 8 * 1024;
/// The greatest size of all headers, names and values, in bytes.
const MAX_HEADERS: usize = 32 * 1024;

/// Where a route leads.
pub enum Target {
    /// To a component.
    Component(Arc<Callee>),
    /// To an answer that the manifest holds.
    Static(Box<StaticResponse>),
}

/// An answer that is always the same.
pub struct StaticResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its content.
    pub body: bytes::Bytes,
}

/// The app, seen from outside.
pub struct Frontend {
    router: Router,
    targets: Vec<Target>,
    max_in_flight: i64,
    metrics: Arc<Metrics>,
}

/// The place of a request at the edge, from its arrival to the end of its answer and of the work for it.
pub struct Admission(IntGauge);

impl Admission {
    fn new(gauge: &IntGauge) -> Arc<Self> {
        gauge.inc();
        Arc::new(Self(gauge.clone()))
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What keeps an answer's place until its body has ended.
struct Answer {
    _admission: Arc<Admission>,
    moving: Arc<Flow>,
}

impl Keep for Answer {
    fn moved(&self) {
        self.moving.note();
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.moving.close();
    }
}

impl Frontend {
    /// An app whose routes lead to `targets`, in the same order.
    #[must_use]
    pub fn new(router: Router, targets: Vec<Target>, max_in_flight: usize, metrics: Arc<Metrics>) -> Self {
        let max_in_flight = i64::try_from(max_in_flight).unwrap_or(i64::MAX);
        Self { router, targets, max_in_flight, metrics }
    }

    /// Requests that are not answered to their end.
    #[must_use]
    pub fn in_flight(&self) -> i64 {
        self.metrics.in_flight.get()
    }

    /// Answers a request that came over the connection of `client` (address and port), whose answers are noted in `flows`.
    pub async fn respond(
        &self,
        mut request: Request<Incoming>,
        client: HeaderValue,
        flows: &Flows,
    ) -> Response<WasiBody> {
        let id = request_id(request.headers_mut());
        let head = request.method() == http::Method::HEAD;
        let mut response = match check(&mut request) {
            Ok(()) => self.route(request, client, &id, flows).await,
            Err((status, detail)) => problem(status, detail, &id),
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().entry(REQUEST_ID).or_insert(value);
        }
        if head {
            // RFC 9110, section 9.3.2: the headers of GET, and no content.
            *response.body_mut() = full("");
        }
        response
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        client: HeaderValue,
        id: &Arc<str>,
        flows: &Flows,
    ) -> Response<WasiBody> {
        let admission = Admission::new(&self.metrics.in_flight);
        if self.metrics.in_flight.get() > self.max_in_flight {
            self.metrics.rejected.inc();
            let detail = "Too many requests are being answered. Try again in a moment.";
            let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, detail, id);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            return response;
        }
        let mut request = request.map(|body| body.map_err(Error::from).boxed_unsync());
        let uri = request.uri().clone();
        let target = self.router.route(uri.path()).and_then(|found| {
            found.set_headers(request.headers_mut(), "http", &uri, client);
            self.targets.get(found.index()?)
        });
        match target {
            Some(Target::Component(callee)) => {
                let call = Call::admitted(id.clone(), &admission);
                let begin = || Answer { _admission: admission, moving: flows.begin(callee.guest().limits.idle) };
                answer(callee, request, call, begin).await
            }
            Some(Target::Static(fixed)) => fixed_response(fixed),
            None => problem(StatusCode::NOT_FOUND, "No route of this app leads there.", id),
        }
    }
}

fn fixed_response(fixed: &StaticResponse) -> Response<WasiBody> {
    let mut response = Response::new(full(fixed.body.clone()));
    *response.status_mut() = fixed.status;
    *response.headers_mut() = fixed.headers.clone();
    response
}

type Refusal = (StatusCode, &'static str);

/// Refuses what no component should see, and makes the request's URI whole.
fn check(request: &mut Request<Incoming>) -> Result<(), Refusal> {
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    if path.len() > MAX_TARGET {
        return Err((StatusCode::URI_TOO_LONG, "The path and query are longer than 8 KiB."));
    }
    if !path.starts_with('/') {
        return Err((StatusCode::BAD_REQUEST, "The request target must be a path."));
    }
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MAX_HEADERS {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err((status, "The headers are larger than 32 KiB."));
    }
    let authority = authority(request.uri(), headers)?;
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| BAD_HOST)?;
    // Of the connection, not of the request: a component that forwards it would send it on.
    request.headers_mut().remove(header::CONNECTION);
    Ok(())
}

const BAD_HOST: Refusal = (StatusCode::BAD_REQUEST, "The request needs one Host header, and it must name a host.");

/// The host that the request is for (RFC 9110, section 7.2).
fn authority(uri: &Uri, headers: &HeaderMap) -> Result<Authority, Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().map(|host| host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()));
    if hosts.next().is_some() {
        return Err(BAD_HOST);
    }
    match (host, uri.authority()) {
        (Some(None), _) | (None, None) => Err(BAD_HOST),
        (Some(Some(host)), Some(authority)) if host != *authority => Err(BAD_HOST),
        (Some(Some(host)), _) => Ok(host),
        (None, Some(authority)) => Ok(authority.clone()),
    }
}
