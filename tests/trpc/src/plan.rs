//! What a client is told to do, and what came of it. The shapes are those of `clients/driver.cjs`.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use vitrine_servers::program;

use crate::packages::{Version, clients};

/// The longest that a plan may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Calls of a client over one link.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    url: String,
    link: String,
    headers: BTreeMap<String, String>,
    options: BTreeMap<String, Value>,
    connection_params: Option<BTreeMap<String, String>>,
    together: bool,
    calls: Vec<Call>,
    #[serde(skip)]
    version: Version,
}

impl Plan {
    /// Calls of the server that has its procedures below `url`, over the link of that name (see `clients/links.cjs`).
    #[must_use]
    pub fn new(version: Version, url: &str, link: &str) -> Self {
        let (url, link) = (url.to_owned(), link.to_owned());
        let (headers, options) = (BTreeMap::new(), BTreeMap::new());
        Self { url, link, headers, options, connection_params: None, together: false, calls: Vec::new(), version }
    }

    /// A header of each request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// An option of the link, such as `maxItems`.
    #[must_use]
    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.insert(name.to_owned(), value.into());
        self
    }

    /// A connection parameter of subscriptions.
    #[must_use]
    pub fn connection_param(mut self, name: &str, value: &str) -> Self {
        self.connection_params.get_or_insert_default().insert(name.to_owned(), value.to_owned());
        self
    }

    /// Makes all calls at the same time, so that a link can put them into one request; else each is made after the other.
    #[must_use]
    pub fn together(self) -> Self {
        Self { together: true, ..self }
    }

    /// One more call.
    #[must_use]
    pub fn call(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// Makes the calls.
    ///
    /// # Errors
    /// When the packages cannot be installed, or the client does not end within a minute.
    pub async fn run(&self) -> Result<Outcome> {
        let packages = self.version.installed().await?;
        let node = program("node").context("node is not on the PATH")?;
        let mut child = Command::new(node)
            .arg(clients().join("driver.cjs"))
            .env("VITRINE_TRPC_PACKAGES", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().context("the client has no input")?;
        input.write_all(&serde_json::to_vec(self)?).await?;
        drop(input);
        let output = timeout(LIMIT, child.wait_with_output()).await.context("the client does not end")??;
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("the client failed: {errors}");
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("the client printed no outcome: {errors}"))
    }
}

/// One call.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    kind: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Vec<Form>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    octets: Option<Octets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    take: Option<usize>,
}

/// A part of a form: a text, or a file where it has a name and a media type.
#[derive(Debug, Clone, Serialize)]
pub struct Form {
    /// The field.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
    /// The name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'static str>,
    /// Its media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media: Option<&'static str>,
}

/// Bytes, as one of the types of JavaScript that hold bytes.
#[derive(Debug, Clone, Serialize)]
pub struct Octets {
    /// `Uint8Array`, `Blob` or `File`.
    #[serde(rename = "as")]
    pub of: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Call {
    fn new(kind: &'static str, path: &str) -> Self {
        Self { kind, path: path.to_owned(), input: None, form: None, octets: None, take: None }
    }

    /// A query without input.
    #[must_use]
    pub fn query(path: &str) -> Self {
        Self::new("query", path)
    }

    /// A mutation without input.
    #[must_use]
    pub fn mutation(path: &str) -> Self {
        Self::new("mutation", path)
    }

    /// A subscription without input, until it ends.
    #[must_use]
    pub fn subscription(path: &str) -> Self {
        Self::new("subscription", path)
    }

    /// The same with this input.
    #[must_use]
    pub fn input(self, input: impl Into<Value>) -> Self {
        Self { input: Some(input.into()), ..self }
    }

    /// The same with a form as its input.
    #[must_use]
    pub fn form(self, parts: Vec<Form>) -> Self {
        Self { form: Some(parts), ..self }
    }

    /// The same with bytes as its input, as that type of JavaScript.
    #[must_use]
    pub fn octets(self, of: &'static str, bytes: &[u8]) -> Self {
        Self { octets: Some(Octets { of, bytes: bytes.to_vec() }), ..self }
    }

    /// The same, until so many events have come.
    #[must_use]
    pub fn take(self, events: usize) -> Self {
        Self { take: Some(events), ..self }
    }
}

/// What came of a plan.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    /// What the client gave for each call: `{data}`, `{undefined}`, `{error: {message, code, data, status}}`, or for a
    /// subscription `{events, errors, ended, error}`.
    pub results: Vec<Value>,
    /// What it sent.
    pub requests: Vec<Request>,
    /// What its logger was told.
    pub logged: Vec<Value>,
}

/// A request that a client sent, and how it was answered.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The address, with the query string.
    pub url: String,
    /// The status of the response.
    pub status: u16,
    /// Its media type.
    #[serde(rename = "type")]
    pub media: Option<String>,
}

impl Outcome {
    /// What the call of that number answered.
    ///
    /// # Errors
    /// When it failed.
    pub fn data(&self, call: usize) -> Result<&Value> {
        let result = self.results.get(call).context("there is no such call")?;
        result.get("data").with_context(|| format!("it was not answered: {result}"))
    }

    /// Why the call of that number failed.
    ///
    /// # Errors
    /// When it was answered.
    pub fn error(&self, call: usize) -> Result<&Value> {
        let result = self.results.get(call).context("there is no such call")?;
        result.get("error").with_context(|| format!("it did not fail: {result}"))
    }
}
