//! Whether a component may open a database: `sqlite_databases`, and nothing else; and how many connections it may have.

use super::{Database, Error};
use crate::guest::Guest;
use crate::instance::InstanceState;
use std::sync::Arc;

/// Connections of one instance at the same time, as on Spin. Each holds file descriptors of the process.
const CONNECTIONS: usize = 256;

/// The database behind a label that the manifest grants.
pub(super) fn granted(guest: &Guest, label: &str) -> Result<Arc<Database>, Error> {
    guest.grants.sqlite.get(label).cloned().ok_or_else(|| {
        guest.metrics.refused("sqlite");
        let component = guest.name.as_str();
        tracing::warn!(
            component,
            "refused: database {label:?} is not granted; add it to sqlite_databases of component {component} in the manifest"
        );
        Error::AccessDenied
    })
}

/// A place for one more connection of this instance; it is free again when it is dropped.
pub(super) fn room(state: &InstanceState) -> Result<Arc<()>, Error> {
    // The state's own reference is one of them.
    if Arc::strong_count(&state.sqlite_connections) > CONNECTIONS {
        return Err(Error::Io(format!(
            "{CONNECTIONS} connections are open already: drop some, or keep one and use it again"
        )));
    }
    Ok(state.sqlite_connections.clone())
}
