//! The guest that runs the behaviour suites of the ports, started as an app of its own: `suites.toml`.
#![forbid(unsafe_code)]

use std::path::PathBuf;

use anyhow::Result;
use vitrine_scenarios::client::Client;
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};
use vitrine_servers::Given;

/// What the labels of the manifest are bound to.
const RUNTIME_CONFIG: &str = r#"
[key_value_store.suites]
type = "spin"
path = "suites-kv.db"

[sqlite_database.kv-suites]
type = "spin"
path = "kv-suites.db"

[sqlite_database.suites]
type = "spin"
path = "suites.db"
"#;

/// The running guest, and a client for it.
pub struct Suites {
    /// Sends requests to it.
    pub client: Client,
    /// The process.
    pub running: Running,
}

impl Suites {
    /// Starts the guest on the servers that are given, with these variables beside.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start(given: &Given, variables: &[(&str, &str)]) -> Result<Self> {
        Self::start_in(&[], given, variables)
    }

    /// The same, with these variables in the environment of the program.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start_in(environment: &[(&str, &str)], given: &Given, variables: &[(&str, &str)]) -> Result<Self> {
        let mut deployment = Deployment::of(Runtime::from_env()?, &manifest(), RUNTIME_CONFIG)?;
        if *given != Given::default() {
            deployment.bind(given)?;
        }
        for (name, value) in variables {
            deployment.set(name, value);
        }
        for (name, value) in environment {
            deployment.environment(name, value);
        }
        let running = deployment.start()?.keeping(deployment);
        Ok(Self { client: Client::new(&running.base())?, running })
    }
}

fn manifest() -> PathBuf {
    repository().join("tests/ports/suites.toml")
}
