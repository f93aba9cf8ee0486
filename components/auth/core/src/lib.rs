//! Accounts, passwords and the access tokens that every other service trusts.
//!
//! Auth owns who exists and how they prove it. It is the only holder of the key that signs access tokens. It never
//! decides what a caller may do with a photo or an order: each service decides about its own objects, from the token.
#![forbid(unsafe_code)]

mod error;
mod http;
mod model;
mod password;
mod service;
mod store;

pub use error::{Error, Field, FieldError};
#[cfg(feature = "openapi")]
pub use http::document;
pub use http::router;
pub use model::{Account, Email, Handle, Login, Password};
pub use password::{Hashing, InvalidCost};
pub use service::{Auth, Session};
pub use store::{MIGRATIONS, Store};
