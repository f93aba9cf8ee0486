//! Whether a component has a variable: only those that its own `[component.x.variables]` names.

use super::variables::Error;
use crate::guest::Guest;

/// The value of a variable of this component.
pub(super) fn value(guest: &Guest, name: &str) -> Result<String, Error> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(known) {
        let message = "names are lower case, with digits and underscores";
        return Err(Error::InvalidName(message.to_owned()));
    }
    let value = guest.grants.variables.get(name).map(|value| value.expose().to_owned());
    value.ok_or_else(|| {
        guest.metrics.refused("variables");
        Error::Undefined(format!("component {} has no variable {name}", guest.name))
    })
}
