//! The servers that are compared.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};
use vitrine_servers::Given;

use crate::native::Core;

const RUNTIME_CONFIG: &str = "[sqlite_database.hello]\ntype = \"spin\"\npath = \"hello.db\"\n";

/// A started server; it ends when this is dropped.
pub struct Server {
    /// What it is called in the tables.
    pub name: &'static str,
    /// Where it answers.
    pub address: SocketAddr,
    // Dropping it ends the process.
    process: Process,
}

enum Process {
    App(Box<Running>),
    Native { child: Child, _data: TempDir },
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Self::Native { child, .. } = self {
            // A baseline that has ended by itself was found out by the load generator before.
            drop(child.kill().and_then(|()| child.wait()));
        }
    }
}

impl Server {
    /// The component on a runtime.
    ///
    /// # Errors
    /// When it does not start.
    pub fn component(name: &'static str, runtime: Runtime) -> Result<Self> {
        let manifest = repository().join("bench/hello.toml");
        Self::started(name, Deployment::of(runtime, &manifest, RUNTIME_CONFIG)?)
    }

    /// The component on the host, with a database of its own on the PostgreSQL server at `url`, its superuser's.
    ///
    /// # Errors
    /// When it does not start.
    pub fn on_postgres(url: &str) -> Result<Self> {
        let manifest = repository().join("bench/hello.toml");
        let mut deployment = Deployment::of(Runtime::Host, &manifest, RUNTIME_CONFIG)?;
        deployment.bind(&Given { postgres: Some(url.to_owned()), ..Given::default() })?;
        Self::started("host", deployment)
    }

    /// The component that puts and gets blobs, on the host, with a bucket of its own on the S3 server at `url`; and that
    /// bucket's name.
    ///
    /// # Errors
    /// When it does not start.
    pub fn on_s3(url: &str) -> Result<(Self, String)> {
        let manifest = repository().join("bench/blobs.toml");
        let mut deployment = Deployment::of(Runtime::Host, &manifest, "")?;
        deployment.bind(&Given { s3: Some(url.to_owned()), ..Given::default() })?;
        let bucket = deployment.bucket("blobs").context("the manifest names no bucket")?.to_owned();
        Ok((Self::started("host", deployment)?, bucket))
    }

    /// A deployment, quietly.
    ///
    /// # Errors
    /// When it does not start.
    pub fn started(name: &'static str, mut deployment: Deployment) -> Result<Self> {
        // As in production: nobody reads a line for each request.
        deployment.log("warn");
        let running = deployment.start()?.keeping(deployment);
        let address = SocketAddr::from(([127, 0, 0, 1], running.port()));
        Ok(Self { name, address, process: Process::App(Box::new(running)) })
    }

    /// The baseline: this program again, serving the same router.
    ///
    /// # Errors
    /// When it does not start.
    pub fn native(core: Core) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["native", core.word(), "--listen", &address.to_string(), "--data"]).arg(data.path());
        let child = command.spawn().context("cannot start the baseline")?;
        let process = Process::Native { child, _data: data };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                bail!("the baseline does not answer at {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { name: "native", address, process })
    }

    /// The process's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        match &self.process {
            Process::App(running) => running.id(),
            Process::Native { child, .. } => child.id(),
        }
    }
}

/// The processor time that a process has used, its own and the kernel's for it (proc_pid_stat(5)), in steps of a tick.
///
/// # Errors
/// When there is no such process.
pub fn cpu_time(id: u32) -> Result<Duration> {
    let path = format!("/proc/{id}/stat");
    let stat = fs::read_to_string(&path).with_context(|| path.clone())?;
    // What stands before it is the program's name, which may hold anything; then come the third field and those after it.
    let fields = stat.rsplit_once(") ").with_context(|| format!("no fields in {path}"))?.1;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || {
        fields.next().with_context(|| format!("too few fields in {path}"))?.parse::<u64>().map_err(anyhow::Error::from)
    };
    let ticks = ticks()? + ticks()?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// The resident memory of a process in bytes, as the kernel counts it.
///
/// # Errors
/// When there is no such process.
pub fn resident_bytes(id: u32) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(Path::new(&path)).with_context(|| path.clone())?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).with_context(|| format!("no VmRSS in {path}"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}
