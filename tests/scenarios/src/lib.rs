//! What Vitrine does, seen from outside: scenarios over HTTP that are described once and run against any base URL, so that
//! the host and Spin cannot drift apart; and the harness that starts an app for them.
//!
//! - `VITRINE_BASE_URL`: run against what is already there; else an app is started on a free port with data of its own.
//! - `VITRINE_RUNTIME`: `host` (the default) or `spin`; tells which runtime to start, or which one answers at the base URL.
//! - `VITRINE_BINDING`: `embedded` (the default) or `servers`: those that `VITRINE_TEST_POSTGRES`, `VITRINE_TEST_REDIS` and
//!   `VITRINE_TEST_S3` name.
//! - `VITRINE_BIN`, `VITRINE_SPIN_BIN`: where the host and Spin are.
#![forbid(unsafe_code)]

pub mod client;
pub mod harness;
pub mod picture;
pub mod raw;
pub mod scenarios;
pub mod token;
pub mod user;
pub mod world;

pub use world::{Scenario, World};
