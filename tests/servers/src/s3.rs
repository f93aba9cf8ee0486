//! An S3 server: s3s-fs, which keeps each bucket as a folder.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use crate::process::{end, must_be_free, running, until};

/// An S3 server of a folder and a port.
#[derive(Debug, Clone)]
pub struct S3 {
    program: PathBuf,
    home: PathBuf,
    port: u16,
    access_key: String,
    secret_key: String,
    by_name: bool,
}

impl S3 {
    /// A server that keeps its data in `home`; it need not run. `program` is where s3s-fs is.
    #[must_use]
    pub fn new(program: &Path, home: &Path, port: u16, access_key: &str, secret_key: &str) -> Self {
        let (access_key, secret_key) = (access_key.to_owned(), secret_key.to_owned());
        Self { program: program.to_path_buf(), home: home.to_path_buf(), port, access_key, secret_key, by_name: false }
    }

    /// The same server, which takes the name of a bucket from `<bucket>.localhost` and no more from the path of other
    /// hosts than its own, so not through a proxy.
    #[must_use]
    pub fn by_name(self) -> Self {
        Self { by_name: true, ..self }
    }

    /// Its URL, with the keys as user and password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}:{}@127.0.0.1:{}", self.access_key, self.secret_key, self.port)
    }

    /// Whether it runs and answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.pid().is_some() && crate::answers(&self.url()).is_ok()
    }

    /// Starts it, unless it runs. Buckets are addressed by path, whatever the host, unless [`S3::by_name`] says otherwise.
    ///
    /// # Errors
    /// When it cannot be started, its port is taken, or it does not answer.
    pub fn start(&self) -> Result<()> {
        if self.is_up() {
            return Ok(());
        }
        must_be_free(self.port, "the S3 server")?;
        std::fs::create_dir_all(self.buckets()).with_context(|| format!("cannot create {}", self.home.display()))?;
        let path = self.home.join("log");
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("cannot write {}", path.display()))?;
        let mut command = Command::new(&self.program);
        command.args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--access-key", &self.access_key, "--secret-key", &self.secret_key]);
        if self.by_name {
            command.args(["--domain", &format!("localhost:{}", self.port)]);
        }
        // It tells its client of each refusal already.
        command.arg(self.buckets()).env("RUST_LOG", "off");
        // In a group of its own, so that Ctrl-C at the terminal does not end it too.
        command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        std::fs::write(self.pid_file(), child.id().to_string())?;
        // Where this process is its parent, somebody must hear of its end, or it stays as a zombie.
        std::thread::spawn(move || {
            let mut child = child;
            child.wait()
        });
        until("the S3 server answers", || self.is_up()).with_context(|| format!("see {}", path.display()))
    }

    /// Makes a bucket, unless it is there.
    ///
    /// # Errors
    /// When its folder cannot be created.
    pub fn bucket(&self, name: &str) -> Result<()> {
        std::fs::create_dir_all(self.buckets().join(name)).with_context(|| format!("cannot create the bucket {name}"))
    }

    /// Removes the buckets whose names begin so, with all that is in them.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn forget(&self, prefix: &str) -> Result<()> {
        for entry in std::fs::read_dir(self.buckets()).into_iter().flatten() {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)) {
                std::fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Ends it; what it has answered is in its files.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&self) -> Result<()> {
        end(&self.pid_file(), &self.buckets(), Signal::TERM)
    }

    /// Its process, when it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        running(&self.pid_file(), &self.buckets()).map(|pid| pid.as_raw_nonzero().get())
    }

    fn buckets(&self) -> PathBuf {
        self.home.join("buckets")
    }

    fn pid_file(&self) -> PathBuf {
        self.home.join("pid")
    }
}
