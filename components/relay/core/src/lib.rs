//! `relay` carries events from the outboxes of services to those who consume them.
//!
//! It owns nothing and keeps nothing: what is due, who has it and how often it was tried are rows of the source's outbox. It
//! never looks into an event. What it knows is one table, [`TOPOLOGY`]: who emits what, and who consumes it.
#![forbid(unsafe_code)]

mod admin;
mod delivery;
mod drain;
mod error;
mod http;
mod lane;
mod metrics;
#[cfg(feature = "openapi")]
mod openapi;
mod peer;
mod topology;
mod wiring;

pub use drain::{Relay, Settings};
pub use error::Error;
pub use http::{Tokens, router};
#[cfg(feature = "openapi")]
pub use openapi::document;
pub use peer::Peer;
pub use topology::{Consumer, Source, TOPOLOGY, Topology};
pub use wiring::{Ports, WiringError, assemble, variables};
