//! A small service with keys, as its clients meet it.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod claims;
mod orders;
mod support;
