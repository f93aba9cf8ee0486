//! An app that can be started, stopped, and started again on the same data.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;
use vitrine_servers::{Given, bind};

use super::program::{Runtime, repository};
use super::running::{Running, spawn};
use super::secrets::Secrets;
use super::servers::Servers;

/// Compiling from nothing on a busy machine is what takes longest.
const READY_WITHIN: Duration = Duration::from_secs(180);
/// A refusal needs no compilation of a whole app.
const REFUSED_WITHIN: Duration = Duration::from_secs(60);

/// The other site whose pages may call the product under test.
pub const FRIEND: &str = "https://friend.example";

/// Everything that `up` is told.
pub struct Deployment {
    runtime: Runtime,
    manifests: Vec<PathBuf>,
    data: TempDir,
    state: PathBuf,
    variables: Vec<(String, String)>,
    environment: Vec<(String, String)>,
    secrets: Option<Secrets>,
    servers: Option<Servers>,
    log: String,
    extra: Vec<String>,
}

/// How a start was refused.
#[derive(Debug)]
pub struct Refusal {
    /// The exit code, where the program was not killed.
    pub code: Option<i32>,
    /// All that it said.
    pub said: String,
    /// The port on which it was to listen.
    pub port: u16,
}

impl Deployment {
    /// The product: `spin.toml` with fresh secrets and quick password hashing. It is bound to real servers where `VITRINE_BINDING`
    /// is `servers`, and to its embedded defaults else.
    ///
    /// # Errors
    /// When the temporary data folder or the randomness fails.
    pub fn product(runtime: Runtime) -> Result<Self> {
        Self::product_of(runtime, &repository().join("spin.toml"))
    }

    /// The product by another manifest that has the same variables, such as a copy of its own that grants less.
    ///
    /// # Errors
    /// When the temporary data folder or the randomness fails.
    pub fn product_of(runtime: Runtime, manifest: &Path) -> Result<Self> {
        let root = repository();
        let secrets = Secrets::fresh()?;
        let config = fs::read_to_string(root.join("runtime-config.toml")).context("runtime-config.toml of the app")?;
        let mut deployment = Self::of(runtime, manifest, &config)?;
        for (name, value) in secrets.variables() {
            deployment.set(name, &value);
        }
        // All scenarios come from one address, at the same time; what limits do has a test program of its own.
        for limit in ["limit_account", "limit_address", "limit_login", "limit_registration"] {
            deployment.set(limit, "off");
        }
        deployment.set("cors_origins", FRIEND);
        deployment.set("deployment", "test");
        deployment.set("argon2_memory_kib", "1024");
        deployment.set("argon2_iterations", "1");
        deployment.secrets = Some(secrets);
        match env::var("VITRINE_BINDING").unwrap_or_default().as_str() {
            "" | "embedded" => {}
            "servers" => deployment.bind(&Given::from_env())?,
            other => bail!("VITRINE_BINDING is {other:?}; it can be `embedded` or `servers`"),
        }
        Ok(deployment)
    }

    /// Any app, with this runtime configuration.
    ///
    /// # Errors
    /// When the temporary data folder cannot be written.
    pub fn of(runtime: Runtime, manifest: &Path, runtime_config: &str) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("vitrine-test-").tempdir()?;
        fs::write(data.path().join("runtime-config.toml"), runtime_config)?;
        let (manifests, state) = (vec![manifest.to_path_buf()], data.path().to_path_buf());
        Ok(Self {
            runtime,
            manifests,
            data,
            state,
            variables: Vec::new(),
            environment: Vec::new(),
            secrets: None,
            servers: None,
            log: "info".to_owned(),
            extra: Vec::new(),
        })
    }

    /// Binds the app to the servers that are given, with databases and buckets of its own: each variable of its manifests that can
    /// name them does. Where it rings by Redis, the manifest that hears it joins the process.
    ///
    /// # Errors
    /// When a server does not make them, or none is given that the manifests could be bound to.
    pub fn bind(&mut self, given: &Given) -> Result<()> {
        let servers = Servers::prepare(&self.names()?, given)?;
        let bound = servers.variables(&self.names()?, self.rings())?;
        ensure!(!bound.is_empty(), "no server is given, or the manifest has no variable that could name one");
        self.servers = Some(servers);
        if bound.iter().any(|(name, value)| name == "ring_backend" && value == "redis") {
            self.also(&repository().join("spin.redis.toml"));
        }
        Ok(())
    }

    /// The URL of a service's database, where the app is bound to PostgreSQL.
    #[must_use]
    pub fn database(&self, service: &str) -> Option<&str> {
        self.servers.as_ref()?.database(service)
    }

    /// The bucket of a store, where the app is bound to an S3 server.
    #[must_use]
    pub fn bucket(&self, store: &str) -> Option<&str> {
        self.servers.as_ref()?.bucket(store)
    }

    /// Spin runs each kind of trigger in a process of its own, so there a ring stays within the app.
    fn rings(&self) -> bool {
        self.runtime == Runtime::Host
    }

    /// The names of the variables of all manifests.
    fn names(&self) -> Result<BTreeSet<String>> {
        let texts: Result<Vec<String>> = self
            .manifests
            .iter()
            .map(|path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display())))
            .collect();
        bind::names(texts?.iter().map(String::as_str))
    }

    /// Adds a manifest to the same process.
    pub fn also(&mut self, manifest: &Path) {
        self.manifests.push(manifest.to_path_buf());
    }

    /// Sets an application variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Sets a variable of the program's environment.
    pub fn environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// What the host logs: `error`, `warn`, `info` (unless told otherwise), `debug`, `trace`.
    pub fn log(&mut self, level: &str) {
        self.log = level.to_owned();
    }

    /// Keeps databases in another folder.
    pub fn keep_state_in(&mut self, folder: &Path) {
        self.state = folder.to_path_buf();
    }

    /// Adds an argument to the command line.
    pub fn argument(&mut self, argument: &str) {
        self.extra.push(argument.to_owned());
    }

    /// The secrets, where this is the product.
    #[must_use]
    pub fn secrets(&self) -> Option<&Secrets> {
        self.secrets.as_ref()
    }

    /// The folder that holds everything the app keeps.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Starts the app and waits until it is ready.
    ///
    /// # Errors
    /// When it does not get ready; the message holds what the program said.
    pub fn start(&self) -> Result<Running> {
        let mut failure = String::new();
        // Between choosing a free port and listening on it, somebody else may take it.
        for _ in 0..3 {
            let mut running = self.spawn(free_port()?, free_port()?)?;
            match running.wait_until_ready(READY_WITHIN) {
                Ok(()) => return Ok(running),
                Err(error) => failure = error.to_string(),
            }
            if !failure.contains("in use") {
                break;
            }
        }
        bail!("{failure}")
    }

    /// Starts the app in the expectation that it refuses.
    ///
    /// # Errors
    /// When it does not end by itself.
    pub fn refusal(&self) -> Result<Refusal> {
        self.refusal_on(free_port()?)
    }

    /// Starts the app on this port in the expectation that it refuses.
    ///
    /// # Errors
    /// When it does not end by itself.
    pub fn refusal_on(&self, port: u16) -> Result<Refusal> {
        let mut running = self.spawn(port, free_port()?)?;
        let start = Instant::now();
        while start.elapsed() < REFUSED_WITHIN {
            if let Some(status) = running.ended()? {
                return Ok(Refusal { code: status.code(), said: running.log_at_end(), port });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("it neither ended nor refused:\n{}", running.log())
    }

    fn spawn(&self, port: u16, admin: u16) -> Result<Running> {
        let program = self.runtime.program()?;
        let mut command = Command::new(&program);
        command.arg("up").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Spin looks for SQLite files below the folder it was started in.
        command.current_dir(self.data());
        for manifest in &self.manifests {
            command.arg("--from").arg(manifest);
        }
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--runtime-config-file").arg(self.data().join("runtime-config.toml"));
        command.arg("--state-dir").arg(&self.state);
        if self.runtime == Runtime::Host {
            command.args(["--admin", &format!("127.0.0.1:{admin}")]);
            command.arg("--cache-dir").arg(cache());
            command.args(["--log", &self.log]);
        } else {
            ensure!(self.manifests.len() == 1, "spin runs one manifest in a process");
        }
        command.args(&self.extra);
        // Nothing of the caller's own app may leak in.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPIN_VARIABLE_")) {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("SPIN_VARIABLE_PUBLIC_URL", format!("http://127.0.0.1:{port}"));
        let bound = self.servers.as_ref().map(|servers| servers.variables(&self.names()?, self.rings())).transpose()?;
        for (name, value) in bound.iter().flatten().chain(&self.variables) {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        spawn(command, self.runtime, port, admin).with_context(|| format!("cannot start {}", program.display()))
    }
}

/// Compiled components are kept between test binaries, since compiling is most of a start.
fn cache() -> PathBuf {
    env::var_os("VITRINE_CACHE_DIR").map_or_else(|| repository().join("target/test-cache"), PathBuf::from)
}

/// A port of this machine on which nobody listens.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
