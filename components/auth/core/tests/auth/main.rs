//! Auth from outside: its use cases and its routes, on a real database.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod documented;
mod http;
mod service;
mod support;
