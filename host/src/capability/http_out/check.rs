//! Whether a component may send a request there: `allowed_outbound_hosts`, and nothing else.

use crate::guest::Guest;
use http::Uri;
use wasmtime_wasi_http::Error;

/// Refuses a target that the manifest does not name.
pub(super) fn allowed(guest: &Guest, target: &Uri) -> Result<(), Error> {
    guest.grants.outbound.allows(target).map_err(|refused| {
        guest.metrics.refused("outbound_http");
        tracing::warn!(component = guest.name, "{refused}");
        Error::HttpRequestDenied
    })
}
