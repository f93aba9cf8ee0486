//! The values of the app's variables: what `--backends` binds, what the environment says, what `.env` says, the defaults.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use super::Runtime;
use crate::backends::{PREFIX, Servers};
use crate::console::Console;
use crate::workspace::Workspace;
use crate::{announce, env_file, manifests};

/// One process of Spin runs the HTTP part alone, so nobody there would hear a ring over Redis.
const RING: &str = "SPIN_VARIABLE_RING_BACKEND";

/// Where people reach the app, and which other sites may call it.
const PUBLIC_URL: &str = "SPIN_VARIABLE_PUBLIC_URL";
const CORS_ORIGINS: &str = "SPIN_VARIABLE_CORS_ORIGINS";

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

/// Where the app is reached, unless somebody has said so: where it listens. A browser takes `localhost` for another site than
/// `127.0.0.1`, so whoever develops may open it by either name.
pub(super) fn address(
    file: &Path,
    values: &BTreeMap<String, String>,
    listen: SocketAddr,
) -> Result<Vec<(String, String)>> {
    let file = env_file::read(file)?;
    let is_said = |name: &str| file.contains_key(name) || std::env::var_os(name).is_some();
    Ok(address_of(is_said, values.get("deployment").map(String::as_str), listen))
}

fn address_of(is_said: impl Fn(&str) -> bool, deployment: Option<&str>, listen: SocketAddr) -> Vec<(String, String)> {
    if is_said(PUBLIC_URL) {
        return Vec::new();
    }
    let reachable = announce::reachable(listen);
    let mut said = vec![(PUBLIC_URL.to_owned(), format!("http://{reachable}"))];
    if reachable.ip().is_loopback() && deployment == Some("development") && !is_said(CORS_ORIGINS) {
        said.push((CORS_ORIGINS.to_owned(), format!("http://localhost:{}", reachable.port())));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_where_it_listens_unless_somebody_says_another() {
        let listen = |text: &str| text.parse().unwrap();
        let told = |said: &[&str], deployment, at| -> Vec<String> {
            address_of(|name| said.contains(&name), Some(deployment), at).into_iter().map(|(_, value)| value).collect()
        };
        let local = listen("127.0.0.1:3000");
        assert!(told(&[PUBLIC_URL], "development", local).is_empty());
        assert_eq!(told(&[], "production", local), ["http://127.0.0.1:3000"]);
        let both = ["http://127.0.0.1:3000", "http://localhost:3000"];
        assert_eq!(told(&[], "development", local), both);
        assert_eq!(told(&[], "development", listen("0.0.0.0:3000")), both);
        assert_eq!(told(&[CORS_ORIGINS], "development", local), ["http://127.0.0.1:3000"]);
        assert_eq!(told(&[], "development", listen("10.0.0.1:80")), ["http://10.0.0.1:80"]);
    }

    #[test]
    fn what_the_file_says_stays() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(".env");
        std::fs::write(&file, "SPIN_VARIABLE_PUBLIC_URL=https://own.example\n").unwrap();
        let listen = "127.0.0.1:3000".parse().unwrap();
        assert!(address(&file, &BTreeMap::new(), listen).unwrap().is_empty());
    }

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
