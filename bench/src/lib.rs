//! Benchmarks, each beside a baseline in the same run.
#![forbid(unsafe_code)]

pub mod capabilities;
pub mod figures;
pub mod host;
pub mod identity;
pub mod load;
pub mod native;
pub mod rounds;
pub mod server;
