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

const RUNTIME_CONFIG: &str = "[sqlite_database.hello]\ntype = \"spin\"\npath = \"hello.db\"\n";

/// A started server; it ends when this is dropped.
pub struct Server {
    /// What it is called in the tables.
    pub name: &'static str,
    /// Where it answers.
    pub address: SocketAddr,
    // Dropping it ends the process.
    _process: Process,
}

enum Process {
    App { _running: Box<Running> },
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

    fn started(name: &'static str, mut deployment: Deployment) -> Result<Self> {
        // As in production: nobody reads a line for each request.
        deployment.log("warn");
        let running = deployment.start()?.keeping(deployment);
        let address = SocketAddr::from(([127, 0, 0, 1], running.port()));
        Ok(Self { name, address, _process: Process::App { _running: Box::new(running) } })
    }

    /// The baseline: this program again, serving the same router.
    ///
    /// # Errors
    /// When it does not start.
    pub fn native() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["native", "--listen", &address.to_string(), "--data"]).arg(data.path());
        let child = command.spawn().context("cannot start the baseline")?;
        let process = Process::Native { child, _data: data };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                bail!("the baseline does not answer at {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { name: "native", address, _process: process })
    }
}

/// The resident memory of a process in bytes, as the kernel counts it.
///
/// # Errors
/// When there is no such process.
pub fn resident_bytes(id: u32) -> Result<u64> {
    counted(id, "VmRSS:")
}

/// The most that it ever was.
///
/// # Errors
/// When there is no such process.
pub fn most_resident_bytes(id: u32) -> Result<u64> {
    counted(id, "VmHWM:")
}

fn counted(id: u32, what: &str) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(Path::new(&path)).with_context(|| path.clone())?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(what)).with_context(|| format!("no {what} in {path}"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}
