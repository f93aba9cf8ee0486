//! Whether a component may open a database: `sqlite_databases`, and nothing else.

use super::{Database, Error};
use crate::guest::Guest;
use std::sync::Arc;

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
