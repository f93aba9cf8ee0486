//! From the names of the topology and the values of variables to a relay.

use crate::{Peer, Relay, Settings, Tokens, Topology, router};
use axum::Router;
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use vitrine_clock::{Clock, Timer};
use vitrine_events::{ChainedRing, Spawn};
use vitrine_http_out::{HttpOut, Limits};
use vitrine_identity::ServiceToken;
use vitrine_random::Ids;

/// The relay's own name: its variables are `relay_url` and `relay_service_token`.
const RELAY: &str = "relay";

/// How long a source may take to answer, and how much: a batch of the longest events.
const SOURCE: Limits = Limits { timeout: Duration::from_secs(10), response_bytes: 16 << 20 };

/// What a consumer may answer: a problem at most.
const ANSWER_BYTES: usize = 64 << 10;

/// What the relay needs of whatever it runs on.
pub struct Ports {
    /// Sends requests, within limits.
    pub out: Box<dyn Fn(Limits) -> Arc<dyn HttpOut>>,
    /// Of what is due.
    pub clock: Arc<dyn Clock>,
    /// Of requests.
    pub ids: Ids,
    /// Starts work that goes on after a response.
    pub spawn: Spawn,
    /// Waits.
    pub timer: Arc<dyn Timer>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// A variable is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WiringError {
    /// It is not given.
    #[error("the variable `{0}` is missing")]
    Missing(String),
    /// It is no token; says what one is.
    #[error("the variable `{0}` is not right: {1}")]
    Token(String, String),
}

/// The variables that a relay with this topology needs: for each name where it is and what it wants to see from its
/// callers, and the tokens of the relay's own routes.
#[must_use]
pub fn variables(topology: &Topology) -> Vec<String> {
    let names = topology.names().into_iter().chain([RELAY]);
    names.flat_map(|name| [url_of(name), token_of(name)]).chain(["ring_token".into(), "admin_token".into()]).collect()
}

fn url_of(name: &str) -> String {
    format!("{}_url", name.replace('-', "_"))
}

fn token_of(name: &str) -> String {
    format!("{}_service_token", name.replace('-', "_"))
}

/// The router of a relay.
///
/// # Errors
/// [`WiringError`], which names the variable.
pub fn assemble(topology: Topology, values: &BTreeMap<String, String>, ports: Ports) -> Result<Router, WiringError> {
    let value = |name: String| values.get(&name).cloned().ok_or(WiringError::Missing(name));
    let token = |name: String| {
        ServiceToken::new(&value(name.clone())?).map_err(|error| WiringError::Token(name, error.to_string()))
    };
    let mut peers = BTreeMap::new();
    for name in topology.names() {
        let consumer = topology.consumers.iter().find(|it| it.name == name);
        let limits = match consumer {
            Some(it) if !topology.sources.iter().any(|source| source.name == name) => {
                Limits { timeout: it.timeout, response_bytes: ANSWER_BYTES }
            }
            // Whoever is both is given the time of either.
            Some(it) => Limits { timeout: it.timeout.max(SOURCE.timeout), ..SOURCE },
            None => SOURCE,
        };
        let peer = Peer::new(name, &value(url_of(name))?, token(token_of(name))?, (ports.out)(limits));
        peers.insert(name, peer);
    }
    let tokens = Tokens {
        service: token(token_of(RELAY))?,
        ring: token("ring_token".into())?,
        admin: token("admin_token".into())?,
    };
    let out = (ports.out)(SOURCE);
    let again = ChainedRing::new(out, &value(url_of(RELAY))?, tokens.service.clone(), Arc::clone(&ports.spawn));
    let Ports { clock, ids, spawn, timer, .. } = ports;
    let relay = Relay::new(Settings { topology, peers, clock, spawn, timer, again: Arc::new(again) });
    Ok(router(relay, &tokens, ids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TOPOLOGY;

    #[test]
    fn variables_follow_from_the_names() {
        let variables = variables(&TOPOLOGY);
        for name in ["upload_url", "image_processor_service_token", "relay_url", "relay_service_token", "admin_token"] {
            assert!(variables.iter().any(|it| it == name), "{name}: {variables:?}");
        }
    }
}
