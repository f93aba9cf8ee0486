//! The app's manifests, one for each kind of trigger, and the variables that they have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

/// Routes, components and grants of the HTTP part.
pub(crate) const HTTP: &str = "spin.toml";
/// What runs by the clock.
pub(crate) const CRON: &str = "spin.cron.toml";
/// What runs by a message of Redis.
pub(crate) const REDIS: &str = "spin.redis.toml";
/// All of them.
pub(crate) const ALL: [&str; 3] = [HTTP, CRON, REDIS];

/// What a manifest says about a variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
}

/// The variables of all manifests. Where two have one of the same name, it is required if one of them requires it.
pub(crate) fn variables(root: &Path) -> Result<BTreeMap<String, Variable>> {
    let mut found: BTreeMap<String, Variable> = BTreeMap::new();
    for manifest in ALL {
        let path = root.join(manifest);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && manifest != HTTP => continue,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let table: toml::Table = toml::from_str(&text).with_context(|| format!("{manifest} is no valid TOML"))?;
        for (name, value) in table.get("variables").and_then(toml::Value::as_table).into_iter().flatten() {
            let variable = found.entry(name.clone()).or_default();
            variable.required |= value.get("required").and_then(toml::Value::as_bool) == Some(true);
            let default = value.get("default").and_then(toml::Value::as_str).map(str::to_owned);
            variable.default = variable.default.take().or(default);
        }
    }
    Ok(found)
}

/// Their names.
pub(crate) fn names(root: &Path) -> Result<BTreeSet<String>> {
    Ok(variables(root)?.into_keys().collect())
}
