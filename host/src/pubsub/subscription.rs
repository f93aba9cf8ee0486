//! Which channels of which server lead to which components.

use crate::capability::redis::Address;
use crate::config::{DEFAULT_PREFIX, Template, Variables};
use crate::guest::Guest;
use crate::manifest::{Manifest, RedisTrigger};
use anyhow::{Context, Result, anyhow};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What one connection listens to.
#[derive(Clone)]
pub struct Subscription {
    /// The server.
    pub(super) address: Address,
    /// Its address as the manifest writes it, for messages: it holds no secret.
    pub(super) written: String,
    /// The components of each channel.
    pub(super) channels: BTreeMap<String, Vec<Arc<Guest>>>,
}

/// The subscriptions of an app, one for each address.
///
/// # Errors
/// When an address is no Redis URL; the message names the trigger and the variable, and not the address.
pub fn subscriptions(
    manifest: &Manifest,
    variables: &Variables,
    guests: &HashMap<String, Arc<Guest>>,
) -> Result<Vec<Subscription>> {
    let mut servers: BTreeMap<String, Subscription> = BTreeMap::new();
    for trigger in &manifest.redis {
        let guest = guests.get(&trigger.component).with_context(|| {
            format!("{}: component {} is not there", manifest.place(trigger.line), trigger.component)
        })?;
        let address = variables.resolve(&trigger.address)?;
        let parsed = Address::parse(address.expose()).map_err(|reason| malformed(manifest, trigger, reason))?;
        let channel = variables.resolve(&trigger.channel)?.expose().to_owned();
        let server = servers.entry(address.expose().to_owned()).or_insert_with(|| Subscription {
            address: parsed,
            written: trigger.address.to_string(),
            channels: BTreeMap::new(),
        });
        server.channels.entry(channel).or_default().push(guest.clone());
    }
    Ok(servers.into_values().collect())
}

fn malformed(manifest: &Manifest, trigger: &RedisTrigger, reason: &str) -> anyhow::Error {
    let (place, component) = (manifest.place(trigger.line), &trigger.component);
    let remedy = remedy(&trigger.address);
    anyhow!(
        "{place}: the address of the Redis trigger of component {component} cannot be used: {reason}; write redis://[user:password@]host:port, or rediss:// for TLS{remedy}"
    )
}

/// Where to write it.
fn remedy(address: &Template) -> String {
    let variables: Vec<_> =
        address.variables().map(|name| format!("{DEFAULT_PREFIX}_{}", name.to_ascii_uppercase())).collect();
    if variables.is_empty() { String::new() } else { format!(" in {}", variables.join(", ")) }
}
