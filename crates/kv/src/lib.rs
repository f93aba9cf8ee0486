//! The key-value port: caches, sessions and counters, which expire and can be lost without harm.
//!
//! There is no listing: what exists is known from elsewhere. Each purpose has a [`Kv`] of its own, so that keys of one
//! never meet those of another.
#![forbid(unsafe_code)]

mod backend;
mod error;
mod kv;
mod sql;
#[cfg(feature = "suite")]
pub mod suite;

pub use backend::Backend;
pub use error::KvError;
pub use kv::{Kv, MAX_KEY, MAX_VALUE};
pub use sql::{MIGRATIONS, SqlKv};
