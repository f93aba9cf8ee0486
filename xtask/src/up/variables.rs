//! The values of the app's variables: what `--backends` binds, what the environment says, what `.env` says, the defaults.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::Runtime;
use crate::backends::{PREFIX, Servers};
use crate::console::Console;
use crate::workspace::Workspace;
use crate::{env_file, manifests};

/// One process of Spin runs the HTTP part alone, so nobody there would hear a ring over Redis.
const RING: &str = "SPIN_VARIABLE_RING_BACKEND";

/// Starts the servers where they are asked for, and gives the variables that bind the app to them. What the caller's environment
/// says already stays as it is.
pub(super) fn bound(
    console: &Console,
    workspace: &Workspace,
    backends: bool,
    runtime: Runtime,
) -> Result<Vec<(String, String)>> {
    if !backends {
        return Ok(Vec::new());
    }
    let mut values = Servers::start(console, &workspace.root)?.bound()?;
    values.retain(|(name, _)| std::env::var_os(name).is_none() && (name != RING || runtime == Runtime::Host));
    Ok(values)
}

/// The value of each variable that has one, by its name in the manifest.
pub(super) fn effective(root: &Path, file: &Path, bound: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut given = env_file::read(file)?;
    given.extend(std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)));
    given.extend(bound.iter().cloned());
    let variables = manifests::variables(root)?.into_iter();
    Ok(variables
        .filter_map(|(name, variable)| {
            let value = given.get(&format!("{PREFIX}{}", name.to_uppercase())).cloned().or(variable.default)?;
            Some((name, value))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_go_before_the_file_and_the_file_before_defaults() {
        let root = tempfile::tempdir().unwrap();
        let manifest = "[variables]\na = { default = \"1\" }\nb = { default = \"1\" }\nc = { default = \"1\" }\nd = { required = true }\n";
        std::fs::write(root.path().join("spin.toml"), manifest).unwrap();
        let file = root.path().join(".env");
        std::fs::write(&file, "SPIN_VARIABLE_A=2\nSPIN_VARIABLE_B=2\n").unwrap();
        let values = effective(root.path(), &file, &[("SPIN_VARIABLE_A".into(), "3".into())]).unwrap();
        let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(values, [("a", "3"), ("b", "2"), ("c", "1")]);
    }
}
