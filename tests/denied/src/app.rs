//! A small app made of the tests' guests.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use vitrine_scenarios::client::{Answer, Client, Fetch as _};
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};

/// What the labels of the manifests are bound to.
pub const RUNTIME_CONFIG: &str = r#"
[key_value_store.things]
type = "spin"
path = "things-kv.db"

[key_value_store.others]
type = "spin"
path = "others-kv.db"

[sqlite_database.things]
type = "spin"
path = "things.db"

[sqlite_database.others]
type = "spin"
path = "others.db"
"#;

/// A started app of `manifests/`, and a client for it.
pub struct App {
    /// Sends requests to it.
    pub client: Client,
    /// The process.
    pub running: Running,
}

impl App {
    /// Starts the app that `manifests/{name}.toml` describes, with these variables.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start(name: &str, variables: &[(&str, &str)]) -> Result<Self> {
        Self::start_with(name, variables, RUNTIME_CONFIG)
    }

    /// Starts it with another runtime configuration.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start_with(name: &str, variables: &[(&str, &str)], runtime_config: &str) -> Result<Self> {
        let manifest = manifests().join(format!("{name}.toml"));
        let mut deployment = Deployment::of(Runtime::from_env()?, &manifest, runtime_config)?;
        for (variable, value) in variables {
            deployment.set(variable, value);
        }
        let running = deployment.start()?.keeping(deployment);
        Ok(Self { client: Client::new(&running.base())?, running })
    }

    /// Fetches a path.
    ///
    /// # Errors
    /// When no whole answer comes back.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.client.get(path).fetch().await
    }

    /// The host's metrics.
    ///
    /// # Errors
    /// When the host does not give them.
    pub async fn metrics(&self) -> Result<String> {
        let answer = Client::new(&self.running.admin())?.get("/metrics").fetch().await?.expect(200)?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Fetches a path under a request id, and checks that the answer is a problem document with that status and that id.
    ///
    /// # Errors
    /// When it is not.
    pub async fn problem(&self, path: &str, status: u16, id: &str) -> Result<()> {
        let answer = self.client.get(path).header("x-request-id", id).fetch().await?;
        ensure!(answer.header("x-request-id") == id, "{path}: another request id: {:?}", answer.headers);
        answer.problem(status)?;
        Ok(())
    }
}

/// The folder of the manifests.
#[must_use]
pub fn manifests() -> PathBuf {
    repository().join("tests/denied/manifests")
}
