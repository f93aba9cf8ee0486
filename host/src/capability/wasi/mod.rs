//! WASI without anything to reach: clocks, randomness, an environment that the manifest writes, and output that ends
//! in the log. No files, no sockets, no input, no arguments.

mod output;

use crate::guest::Guest;
use crate::instance::InstanceState;
use output::LogStream;
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};

/// Links WASI 0.2 and 0.3.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)
}

/// The WASI context of a new instance.
#[must_use]
pub fn context(guest: &Arc<Guest>) -> WasiCtx {
    let mut builder = WasiCtxBuilder::new();
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .stdout(LogStream::new(guest.clone()))
        .stderr(LogStream::new(guest.clone()));
    for (name, value) in &guest.grants.environment {
        builder.env(name, value);
    }
    builder.build()
}
