//! A started app: what it says, where it answers, how it ends.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::deployment::Deployment;
use super::program::Runtime;

/// A process of the app. It is killed when this is dropped.
pub struct Running {
    runtime: Runtime,
    child: Child,
    port: u16,
    admin: u16,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    deployment: Option<Deployment>,
}

/// Starts a command whose output is collected.
pub(super) fn spawn(mut command: Command, runtime: Runtime, port: u16, admin: u16) -> Result<Running> {
    if runtime == Runtime::Spin {
        // Spin runs its trigger as a child of its own, which must end with it.
        command.process_group(0);
    }
    let mut child = command.spawn()?;
    let log = Arc::new(Mutex::new(String::new()));
    let outputs: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|out| Box::new(out) as _), child.stderr.take().map(|err| Box::new(err) as _)];
    let readers = outputs.into_iter().flatten().map(|output| collect(output, Arc::clone(&log))).collect();
    Ok(Running { runtime, child, port, admin, log, readers, deployment: None })
}

fn collect(output: Box<dyn Read + Send>, log: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&String::from_utf8_lossy(&line));
            log.push('\n');
        }
    })
}

impl Running {
    /// Keeps the deployment, and so its data, as long as the process.
    #[must_use]
    pub fn keeping(mut self, deployment: Deployment) -> Self {
        self.deployment = Some(deployment);
        self
    }

    /// The deployment, if it is kept.
    #[must_use]
    pub fn deployment(&self) -> Option<&Deployment> {
        self.deployment.as_ref()
    }

    /// Where the app answers.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the host's health and metrics are.
    #[must_use]
    pub fn admin(&self) -> String {
        format!("http://127.0.0.1:{}", self.admin)
    }

    /// The port on which the app listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the app has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a line of the log holds all these words, and gives the line.
    ///
    /// # Errors
    /// When none does within ten seconds; the message holds the log.
    pub fn log_line(&self, words: &[&str]) -> Result<String> {
        let start = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| words.iter().all(|word| line.contains(word))) {
                return Ok(line.to_owned());
            }
            if start.elapsed() > Duration::from_secs(10) {
                bail!("no log line holds {words:?}:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// How the process ended, if it has.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// All that a process said that has ended.
    pub(super) fn log_at_end(&mut self) -> String {
        for reader in self.readers.drain(..) {
            // A reader that panicked has nothing more to add.
            let _panicked = reader.join();
        }
        self.log()
    }

    pub(super) fn wait_until_ready(&mut self, limit: Duration) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.ended()? {
                bail!("it ended with {status} instead of getting ready:\n{}", self.log_at_end());
            }
            let ready = match self.runtime {
                Runtime::Host => status(self.admin, "/readyz") == Some(200),
                Runtime::Spin => status(self.port, "/").is_some(),
            };
            if ready {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("not ready after {limit:?}:\n{}", self.log())
    }

    /// Kills the process as a power cut would.
    ///
    /// # Errors
    /// When the system does not do it.
    pub fn kill(mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the process to end, as Ctrl-C does.
    ///
    /// # Errors
    /// When the system does not do it.
    pub fn interrupt(&self) -> Result<()> {
        self.signal(Signal::INT)
    }

    /// Asks the process to end, as a service manager does.
    ///
    /// # Errors
    /// When the system does not do it.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Waits for the end of a process that was asked to end.
    ///
    /// # Errors
    /// When it does not end within `limit`.
    pub fn wait(mut self, limit: Duration) -> Result<(ExitStatus, String)> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.ended()? {
                return Ok((status, self.log_at_end()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("still running {limit:?} after it was asked to end:\n{}", self.log())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("the process has an id")?;
        match self.runtime {
            Runtime::Host => kill_process(id, signal)?,
            Runtime::Spin => kill_process_group(id, signal)?,
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to kill.
        if matches!(self.child.try_wait(), Ok(None)) && self.signal(Signal::KILL).is_ok() {
            let _ended = self.child.wait();
        }
    }
}

/// The status of a GET, if there is an answer.
fn status(port: u16, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}
