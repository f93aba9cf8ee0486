//! One run of schemathesis: as whom, and against which operations.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use vitrine_servers::run_within;

use crate::{Document, tool};

/// The longest that a run may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);
/// Generated requests of an operation. With it a run is bounded by itself.
const EXAMPLES: &str = "60";

/// A run, bounded and the same each time.
#[derive(Debug)]
pub struct Run {
    document: Document,
    url: String,
    arguments: Vec<String>,
}

impl Run {
    /// Against the app at `url`, by nobody in particular.
    #[must_use]
    pub fn new(document: Document, url: &str) -> Self {
        Self { document, url: url.to_owned(), arguments: Vec::new() }
    }

    /// By whoever has this token.
    #[must_use]
    pub fn with(self, token: &str) -> Self {
        self.argument("--header", &format!("Authorization: Bearer {token}"))
    }

    /// Against this operation, and others that are named.
    #[must_use]
    pub fn only(self, operation: &str) -> Self {
        self.argument("--include-operation-id", operation)
    }

    /// Against operations whose path has this form (a regular expression) only.
    #[must_use]
    pub fn below(self, path: &str) -> Self {
        self.argument("--include-path-regex", path)
    }

    /// Not against this operation.
    #[must_use]
    pub fn without(self, operation: &str) -> Self {
        self.argument("--exclude-operation-id", operation)
    }

    fn argument(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// When an answer is not what the document says, or nothing was compared; the message holds what schemathesis says of it.
    pub fn conforms(&self) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let document = folder.path().join("openapi.json");
        fs::write(&document, self.document.text())?;
        let mut command = tool::command()?;
        command.current_dir(folder.path()).env_remove("SCHEMATHESIS_HOOKS");
        command.arg("--config-file").arg(tool::settings().join("schemathesis.toml")).arg("--no-color").arg("run");
        command.arg(&document).args(["--url", &self.url, "--max-examples", EXAMPLES, "--generation-deterministic"]);
        // How fast data is generated on a busy machine says nothing of the app.
        command.args(["--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "60"]);
        let (status, said) = run_within(command.args(&self.arguments), LIMIT)?;
        ensure!(status.success(), "the app is not what its document says:\n{said}");
        let tested = said.lines().find_map(|line| line.trim().strip_prefix("Tested: ")?.parse::<u32>().ok());
        ensure!(tested.is_some_and(|tested| tested > 0), "no operation was tested:\n{said}");
        eprintln!("{said}");
        Ok(())
    }
}
