//! The real tRPC clients of npm, 10 and 11, driven from Rust: what a program of a user would see over each link.
//!
//! A [`Plan`] names a server by its address, a link, and the calls to make; it runs in Node. [`Server`] is a server built on
//! `vitrine-trpc` that has a procedure for everything that clients can do; `tests/app.rs` runs plans against the running app.
#![forbid(unsafe_code)]

mod packages;
mod plan;
mod server;

pub use packages::Version;
pub use plan::{Call, Form, Octets, Outcome, Plan, Request};
pub use server::Server;
