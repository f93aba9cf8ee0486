#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answer;
mod batch;
mod call;
mod code;
mod error;
mod form;
mod handler;
mod input;
mod media;
mod octets;
mod options;
mod params;
mod ping;
mod plan;
mod poll;
mod procedure;
mod query;
mod router;
mod serve;
mod sse;
mod unread;

pub use answer::{Answer, IntoAnswer};
pub use call::{Call, FromCall, via};
pub use code::Code;
pub use error::TrpcError;
pub use form::FormData;
pub use handler::Handler;
pub use input::Input;
pub use media::Media;
pub use octets::{Octets, UPLOAD_BYTES};
pub use options::{BATCH_CALLS, Dialect, Streams};
pub use params::ConnectionParams;
pub use poll::poll;
pub use procedure::Kind;
pub use router::Router;
pub use sse::Event;
pub use unread::Unread;
pub use vitrine_edge::Part;
