//! The path of events on a real database in the process, by a clock that the test moves.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod consuming;
mod contended;
mod dead_letters;
mod hooks;
mod leases;
mod pruning;
mod ringing;
mod routes;
mod routing;
mod support;
