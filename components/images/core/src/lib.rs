//! Renditions by an address that names their content.
//!
//! Images owns nothing: the worker writes what is served here. It knows no identity, it never writes, and it never sees
//! an original.
#![forbid(unsafe_code)]

mod address;
mod error;
mod http;
mod service;

pub use address::Address;
pub use error::Error;
#[cfg(feature = "openapi")]
pub use http::document;
pub use http::router;
pub use service::{Found, Images};
