//! Whether a component may open a store: `key_value_stores`, and nothing else.

use super::{Backend, Error};
use crate::guest::Guest;
use std::sync::Arc;

/// The store behind a label that the manifest grants.
pub(super) fn granted(guest: &Guest, label: &str) -> Result<Arc<Backend>, Error> {
    guest.grants.key_value.get(label).cloned().ok_or_else(|| {
        guest.metrics.refused("key_value");
        let component = guest.name.as_str();
        tracing::warn!(
            component,
            "refused: key-value store {label:?} is not granted; add it to key_value_stores of component {component} in the manifest"
        );
        Error::AccessDenied
    })
}
