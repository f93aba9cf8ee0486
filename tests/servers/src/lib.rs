//! The real servers that the app can be bound to: [`Postgres`], [`Redis`] and [`S3`], each a process with a folder and a
//! loopback port of its own. `cargo xtask backends` keeps one of each for a clone; a test that stops or kills its server starts one
//! for itself alone ([`Postgres::alone`], [`Redis::alone`], [`S3::alone`]).
//!
//! What is running already is told to tests by the environment: [`Given`]. A test that lacks its server says so by [`not_run`]. How an app is bound to servers by its variables is
//! in [`bind`].
#![forbid(unsafe_code)]

mod alone;
pub mod bind;
mod cache;
mod given;
mod not_run;
mod postgres;
mod probe;
mod process;
mod programs;
mod random;
mod redis;
mod s3;
mod scratch;
mod url;

pub use alone::Alone;
pub use cache::cache_dir;
pub use given::Given;
pub use not_run::not_run;
pub use postgres::{Postgres, sql};
pub use probe::answers;
pub use process::free_port;
pub use programs::program;
pub use random::hex;
pub use redis::{Redis, redis};
pub use s3::S3;
pub use scratch::{Scratch, service};
pub use url::Url;
