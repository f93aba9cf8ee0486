//! Outbound HTTP: requests that leave a component, to another component (service chaining) or to the network.

mod check;
mod client;
mod count;

use crate::guest::Guest;
use crate::instance::{Call, InstanceState, note_caller};
use std::sync::Arc;
use wasmtime::AsContextMut;
use wasmtime::component::{Accessor, HasData, Linker, Resource};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi_http::p3::bindings::http::{client as p3_client, types};
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtxView};
use wasmtime_wasi_http::{WasiHttpHooks, WasiHttpView};

/// Links `wasi:http` 0.2 and 0.3.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    types::add_to_linker::<_, WasiHttp>(linker, InstanceState::http)?;
    p3_client::add_to_linker::<_, Chained>(linker, InstanceState::http)
}

/// The library's client, which first notes on whose behalf the guest calls.
struct Chained;

impl HasData for Chained {
    type Data<'a> = WasiHttpCtxView<'a>;
}

impl p3_client::HostWithStore<InstanceState> for Chained {
    async fn send(
        store: &Accessor<InstanceState, Self>,
        request: Resource<Request>,
    ) -> Result<Resource<Response>, TrappableError<types::ErrorCode>> {
        store.with(|mut access| note_caller(access.as_context_mut()));
        // The library asks the hooks in the first poll of its future, so that nobody else is noted in between.
        let http = store.with_getter::<WasiHttp>(InstanceState::http);
        <WasiHttp as p3_client::HostWithStore<InstanceState>>::send(&http, request).await
    }
}

/// What the library asks when a guest sends a request.
pub struct Hooks {
    guest: Arc<Guest>,
    /// The request on whose behalf the guest runs.
    pub calling: Option<Call>,
}

impl Hooks {
    /// The hooks of a new instance.
    #[must_use]
    pub fn new(guest: Arc<Guest>) -> Self {
        Self { guest, calling: None }
    }
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Io,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Io), Error>> + Send> {
        let guest = self.guest.clone();
        let call = self.calling.clone();
        Box::new(async move {
            check::allowed(&guest, request.uri())?;
            let timer = count::start(&guest);
            let response = client::send(&guest, call, request, options).await;
            timer.stop();
            response
        })
    }
}
