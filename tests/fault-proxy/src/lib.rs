//! Stands between a client and a server, and breaks their exchanges as a test says, switched at run time.
//!
//! [`HttpProxy`] knows requests: it breaks those that a [`Rule`] names, and tells which it has seen. [`TcpProxy`] knows
//! bytes only, and so serves for any protocol, such as those of PostgreSQL and Redis. Both listen on a free port of
//! 127.0.0.1, run on the tokio runtime that starts them, and end when they are dropped.
#![forbid(unsafe_code)]

mod body;
mod http_proxy;
mod rule;
mod tcp_proxy;

pub use http_proxy::HttpProxy;
pub use rule::{Fault, Rule, Seen};
pub use tcp_proxy::{TcpFault, TcpProxy};
