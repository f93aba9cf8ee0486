//! The Spin side of every port: what a component shim wires to its core.
//!
//! An instance of a component serves many requests, several of them at once, on one thread. What lives here is shared
//! by all of them: the router, connections, open stores. Nothing of a request is kept.
//!
//! ```ignore
//! use spin_sdk::http::{IntoResponse, Request};
//!
//! static SERVICE: vitrine_guest::Service = vitrine_guest::Service::new();
//!
//! #[spin_sdk::http_service]
//! async fn handle(request: Request) -> impl IntoResponse {
//!     SERVICE.serve(request, start).await
//! }
//!
//! async fn start() -> Result<axum::Router, vitrine_guest::StartError> {
//!     let issuer = vitrine_guest::variable("token_issuer").await?;
//!     let db = vitrine_guest::database("auth").await?;
//!     …
//! }
//! ```
#![forbid(unsafe_code)]

mod answer;
mod blobs;
mod database;
mod http_out;
mod key_value;
mod kv;
mod log;
mod postgres;
mod redis;
mod ring;
mod serve;
mod server;
mod sqlite;
mod time;
mod turn;
mod variables;

pub use blobs::blobs;
pub use database::database;
pub use http_out::SpinHttpOut;
pub use key_value::KvKeys;
pub use kv::{kv, lazy_kv};
pub use postgres::SpinPostgres;
pub use redis::RedisKv;
pub use ring::ring;
pub use serve::{Service, StartError};
pub use sqlite::{SpinSqlite, sqlite};
pub use time::{SpinTimer, sleep};
pub use variables::{parsed_variable, service_token, variable, variables};

/// Goes on with `work` beside the current request and after its response has gone out. It is lost when the instance is
/// shut down, so it may only hasten what would happen anyway.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    spin_sdk::wasip3::spawn(work);
}
