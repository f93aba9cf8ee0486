//! A PostgreSQL server.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::process::{end, must_be_free, run, running, until};
use crate::{Url, program};

mod folder;

/// Speed where it costs no honesty: what is committed is on disk, as in production.
const SETTINGS: [&str; 11] = [
    "checkpoint_timeout=15min",
    "fsync=on",
    "full_page_writes=on",
    "jit=off",
    "log_timezone=UTC",
    "max_connections=300",
    "max_wal_size=2GB",
    "shared_buffers=128MB",
    "synchronous_commit=on",
    "timezone=UTC",
    "unix_socket_directories=",
];

/// A PostgreSQL server of a folder and a port.
#[derive(Debug, Clone)]
pub struct Postgres {
    home: PathBuf,
    port: u16,
    password: String,
}

impl Postgres {
    /// A server that keeps its data in `home`; it need not run. Since PostgreSQL refuses to be root, root runs it as the user
    /// `postgres` or `nobody`; and where that user cannot reach `home`, it is a link to a folder in `/var/tmp`.
    #[must_use]
    pub fn new(home: &Path, port: u16, password: &str) -> Self {
        Self { home: home.to_path_buf(), port, password: password.to_owned() }
    }

    /// The superuser's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    /// Whether it runs and lets its superuser in.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.pid().is_some() && sql(&self.url(), "SELECT 1").is_ok()
    }

    /// Starts it, unless it runs. The first start makes its data.
    ///
    /// # Errors
    /// When it is not installed, its port is taken, or it does not answer.
    pub fn start(&self) -> Result<()> {
        if self.is_up() {
            return Ok(());
        }
        let (initdb, ctl) = (installed("initdb")?, installed("pg_ctl")?);
        must_be_free(self.port, "PostgreSQL")?;
        folder::prepare(&self.home)?;
        if !self.data().join("PG_VERSION").is_file() {
            let password = folder::secret(&self.home, &self.password)?;
            let mut command = folder::command(&initdb)?;
            command.arg("-D").arg(self.data()).arg("--pwfile").arg(password.path());
            command.args([
                "-U",
                "postgres",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--lc-collate=C",
            ]);
            run(&mut command)?;
        }
        let options: Vec<String> = SETTINGS.iter().map(|setting| format!("-c {setting}")).collect();
        let options = format!("-h 127.0.0.1 -p {} {}", self.port, options.join(" "));
        let log = self.home.join("log");
        let mut command = folder::command(&ctl)?;
        command.arg("start").arg("-D").arg(self.data()).arg("-l").arg(&log).args(["-o", &options, "-w", "-s"]);
        run(&mut command).with_context(|| format!("see {}", log.display()))?;
        until("PostgreSQL answers", || self.is_up()).with_context(|| format!("see {}", log.display()))
    }

    /// Ends it as an administrator would: transactions that are open are undone.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&self) -> Result<()> {
        // Of the three signals that end it, this one does not wait for its clients.
        end(&self.pid_file(), &self.data(), Signal::INT)
    }

    /// Ends it as a crash would: the next start recovers.
    ///
    /// # Errors
    /// When it does not end.
    pub fn kill(&self) -> Result<()> {
        end(&self.pid_file(), &self.data(), Signal::QUIT)
    }

    /// Its process, when it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        running(&self.pid_file(), &self.data()).map(|pid| pid.as_raw_nonzero().get())
    }

    /// Removes its data; it must not run.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove(&self) -> Result<()> {
        folder::remove(&self.home)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }
}

fn installed(name: &str) -> Result<PathBuf> {
    program(name).with_context(|| format!("{name} is not installed: it comes with PostgreSQL's server"))
}

/// Runs statements with `psql`, each in a transaction of its own, and gives the rows that they return as lines.
///
/// # Errors
/// When `psql` is not installed, the server does not let the URL's user in, or a statement fails.
pub fn sql(url: &str, statements: &str) -> Result<String> {
    let parsed = Url::parse(url)?;
    let psql = program("psql").context("psql is not installed: it comes with PostgreSQL's client")?;
    let mut command = Command::new(&psql);
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]).current_dir("/");
    // By the environment, since everybody may read a command line.
    command.env("PGHOST", &parsed.host).env("PGPORT", parsed.port.to_string()).env("PGUSER", &parsed.user);
    command.env("PGPASSWORD", &parsed.password).env("PGDATABASE", &parsed.path).env("PGCONNECT_TIMEOUT", "10");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", psql.display()))?;
    if let Some(mut input) = child.stdin.take() {
        // Where it ends before it has read all, its own message says why.
        let _ended_early = input.write_all(statements.as_bytes());
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
