//! Denied twins and hostile guests: what the sandbox must refuse or contain.
//!
//! Each manifest in `manifests/` holds a guest that was granted a capability and its twin that was not, from the same
//! `.wasm` file. The tests start the host with it and watch both.
#![forbid(unsafe_code)]

pub mod app;
pub mod imports;
pub mod server;
pub mod watch;
