//! Carries a request that was allowed: in this process to a component, else over the network.

use super::Io;
use crate::grants;
use crate::guest::Guest;
use crate::http::{REQUEST_ID, problem};
use crate::instance::Call;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, default_send_request};

/// Carries a request to where it is addressed.
pub(super) async fn send(
    guest: &Arc<Guest>,
    call: Option<Call>,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, Io), Error> {
    if let Some(target) = grants::chained(request.uri()).map(str::to_owned) {
        let response = chain(guest, call, &target, request).await?;
        return Ok((response, Box::new(async { Ok(()) })));
    }
    if grants::is_self(request.uri()) {
        tracing::error!(
            component = guest.name,
            "the host does not have calls to the app's own routes: name the component"
        );
        return Err(Error::DestinationNotFound);
    }
    let (response, io) = default_send_request(request, options).await?;
    Ok((response.map(BodyExt::boxed_unsync), Box::new(io)))
}

/// Calls another component of the app.
async fn chain(
    guest: &Arc<Guest>,
    call: Option<Call>,
    target: &str,
    mut request: Request<WasiBody>,
) -> Result<Response<WasiBody>, Error> {
    let dispatcher = guest.dispatcher().ok_or(Error::ConnectionTerminated)?;
    let Some(callee) = dispatcher.find(target) else {
        let detail = format!("component {target} is not part of this app");
        tracing::error!(component = guest.name, "{detail}");
        return Err(Error::DestinationNotFound);
    };
    let caller = call.unwrap_or_else(|| Call::new(crate::http::request_id(request.headers_mut())));
    if dispatcher.ending() && !caller.awaited() {
        // What goes on after an answer may be lost at any time. Begun now, it would be cut in its middle.
        tracing::debug!(component = guest.name, target, "a call was not begun: the process ends");
        return Err(Error::ConnectionTerminated);
    }
    let Some(next) = caller.chained() else {
        let detail = "chained calls are 8 deep: the components call each other in a circle";
        tracing::error!(component = guest.name, requests = &*caller.request_id, "{detail}");
        let status = StatusCode::LOOP_DETECTED;
        return Ok(problem(status, detail, &caller.request_id));
    };
    if !request.headers().contains_key(REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&next.request_id)
    {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(dispatcher.chained(callee, request, next).await)
}
