//! Whether a component may connect there: `allowed_outbound_hosts`, and nothing else.

use super::server::Address;
use super::{Error, count};
use crate::guest::Guest;

/// Reads an address, whose server the manifest must name as `redis://host:port`, or `rediss://host:port`
/// where it is reached over TLS. As on Spin, one that is not granted is an invalid one.
pub(super) fn granted(guest: &Guest, text: &str) -> Result<Address, Error> {
    let address = Address::parse(text).map_err(|_| Error::InvalidAddress)?;
    let (host, port) = address.server();
    guest.grants.outbound.allows_host(address.scheme(), host, Some(port)).map_err(|refused| {
        count::refused(guest);
        tracing::warn!(component = guest.name, "{refused}");
        Error::InvalidAddress
    })?;
    Ok(address)
}
