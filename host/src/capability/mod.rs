//! What a component may be granted. Each capability is a folder with the same three parts: `mod.rs` binds it to the
//! linker, `check.rs` decides whether this component may, `count.rs` measures it. A new one adds a folder, a field of
//! [`Grants`] and a line in [`bind`].

pub mod denied;
pub mod http_out;
pub mod key_value;
pub mod postgres;
pub mod redis;
pub mod sqlite;
mod tls;
pub mod variables;
pub mod wasi;

use crate::config::ResolvedComponentVariables;
use crate::grants::AllowedHosts;
use crate::instance::InstanceState;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::Linker;

/// Spin's interfaces, generated from the definitions that the pinned `spin-sdk` carries.
#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated code")]
pub(crate) mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

/// What one component was granted, bound to what the deployment says.
pub struct Grants {
    /// Values of its variables, by name.
    pub variables: ResolvedComponentVariables,
    /// Its environment.
    pub environment: Vec<(String, String)>,
    /// Its key-value stores, by label.
    pub key_value: HashMap<String, Arc<key_value::Backend>>,
    /// Its databases, by label.
    pub sqlite: HashMap<String, Arc<sqlite::Database>>,
    /// Where it may connect to: the servers of requests and of databases.
    pub outbound: AllowedHosts,
    /// Connections to PostgreSQL servers, which the components of the process share.
    pub postgres: Arc<postgres::Pools>,
    /// Connections to Redis servers, which the components of the process share.
    pub redis: Arc<redis::Servers>,
}

/// Links every capability. That a component may import one does not mean that it may use it: each use is checked
/// against its grants, as Spin does.
///
/// # Errors
/// When two capabilities define the same function, which is a mistake in this file.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    wasi::bind(linker)?;
    http_out::bind(linker)?;
    key_value::bind(linker)?;
    postgres::bind(linker)?;
    redis::bind(linker)?;
    sqlite::bind(linker)?;
    variables::bind(linker)
}

/// Whether the host has the interface that a component imports under this name.
#[must_use]
pub fn known(import: &str) -> bool {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    match interface.split_once('/') {
        Some(("wasi:cli" | "wasi:clocks" | "wasi:filesystem" | "wasi:io" | "wasi:random", _))
        | Some(("wasi:http" | "wasi:sockets", _)) => version.starts_with("0.2.") || version == "0.3.0",
        Some(("spin:key-value", "key-value")) => version == "3.0.0",
        Some(("spin:postgres", "postgres")) => version == "4.2.0",
        Some(("spin:redis", "redis")) => version == "3.0.0",
        Some(("spin:sqlite", "sqlite")) => version == "3.1.0",
        Some(("spin:variables", "variables")) => version == "3.0.0",
        // Types only: what the cron trigger's function takes and gives.
        Some(("fermyon:spin-cron", "cron-types")) => version == "2.0.0",
        _ => crate::compose::denied_origin(import).is_some(),
    }
}
