//! The HTTP trigger: connections, routes, and what goes in and out.

pub mod body;
mod connection;
mod flows;
mod problem;
mod request_id;
mod service;

pub use connection::{Edge, serve};
pub use problem::problem;
pub use request_id::{REQUEST_ID, request_id};
pub use service::{Admission, Frontend, StaticResponse, Target};
