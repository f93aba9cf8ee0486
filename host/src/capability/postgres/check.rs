//! Whether a component may connect there: `allowed_outbound_hosts`, and nothing else.

use super::{count, error};
use crate::guest::Guest;
use std::net::IpAddr;
use tokio_postgres::Config;
use tokio_postgres::config;
use url::Host;

/// Reads an address (URL or `host=… dbname=…`), every server of which the manifest must name as
/// `postgres://host:port`, or tells why not. An address may hold a password, so that no message shows it whole.
pub(super) fn granted(guest: &Guest, address: &str) -> Result<Config, String> {
    let config: Config = address.parse().map_err(|error| error::text(&error))?;
    let mut servers = Vec::new();
    for (index, host) in config.get_hosts().iter().enumerate() {
        match host {
            config::Host::Tcp(name) => servers.push((host_of(name)?, port(&config, index))),
            #[cfg(unix)]
            config::Host::Unix(_) => {
                return Err("a component reaches no Unix socket: write host and port".to_owned());
            }
        }
    }
    // They take the place of the hosts' addresses, and so need grants of their own.
    for (index, address) in config.get_hostaddrs().iter().enumerate() {
        servers.push((ip(*address), port(&config, index)));
    }
    if servers.is_empty() {
        return Err("the address names no host: write postgres://user:password@host:port/database".to_owned());
    }
    for (host, port) in servers {
        guest.grants.outbound.allows_host("postgres", &host, port).map_err(|refused| {
            count::refused(guest);
            tracing::warn!(component = guest.name, "{refused}");
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            format!("address postgres://{host}{port} is not permitted")
        })?;
    }
    Ok(config)
}

/// The port of one of several hosts, as the client library chooses it.
fn port(config: &Config, index: usize) -> Option<u16> {
    match config.get_ports() {
        [one] => Some(*one),
        ports => ports.get(index).copied(),
    }
}

fn host_of(name: &str) -> Result<Host<String>, String> {
    match name.parse() {
        Ok(address) => Ok(ip(address)),
        Err(_) => Host::parse(name).map_err(|error| format!("the host of the address is none: {error}")),
    }
}

fn ip(address: IpAddr) -> Host<String> {
    match address {
        IpAddr::V4(address) => Host::Ipv4(address),
        IpAddr::V6(address) => Host::Ipv6(address),
    }
}
