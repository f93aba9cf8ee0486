//! The gateway as a whole, before services that listen on this machine's loopback.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod browsers;
mod doors;
mod limits;
mod passing;
mod roles;
mod support;
mod tokens;
