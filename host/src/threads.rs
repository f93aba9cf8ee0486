//! The threads that components run on: one for each core, and as many again for those that compute for long.
//!
//! Each thread has a runtime of its own and instances of its own, so that a request that arrives on a thread is
//! answered on it, chained calls included, without a lock or a hand-over. Components marked `cpu_bound` have threads
//! of a lower priority, so that they never delay the others.

use crate::dispatch::this_thread_is;
use anyhow::{Context, Result};
use rustix::process::setpriority_process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use tokio::runtime::{Builder, Handle};

/// How much lower the priority of the computing threads is (nice value).
const NICE: i32 = 5;

/// The threads, by what runs on them.
pub struct Threads {
    /// For components that mostly wait.
    pub serving: Vec<(usize, Handle)>,
    /// For components that compute.
    pub computing: Vec<(usize, Handle)>,
    next: AtomicUsize,
}

impl Threads {
    /// Starts them; they end with the process.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start() -> Result<Self> {
        let cores = cores();
        let start = |first: usize, name: &str, nice: bool| {
            (first..first + cores)
                .map(|number| Ok((number, spawn(number, &format!("{name}-{number}"), nice)?)))
                .collect::<Result<Vec<_>>>()
        };
        Ok(Self {
            serving: start(0, "serve", false)?,
            computing: start(cores, "compute", true)?,
            next: AtomicUsize::new(0),
        })
    }

    /// A thread for one who computes, or for one who mostly waits: each in turn.
    ///
    /// # Errors
    /// When there is none, which is a mistake in this file.
    pub fn turn(&self, computes: bool) -> Result<&Handle> {
        let threads = if computes { &self.computing } else { &self.serving };
        let turn = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(threads.len());
        let (_, runtime) = turn.and_then(|turn| threads.get(turn)).context("there is no thread to run on")?;
        Ok(runtime)
    }
}

/// How many threads components run on.
#[must_use]
pub fn count() -> usize {
    cores() * 2
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn spawn(number: usize, name: &str, nice: bool) -> Result<Handle> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            this_thread_is(number);
            if nice {
                lower_priority();
            }
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    _ = sender.send(Ok(runtime.handle().clone()));
                    runtime.block_on(std::future::pending::<()>());
                }
                Err(error) => _ = sender.send(Err(error)),
            }
        })
        .context("a thread could not be started")?;
    receiver.recv().context("a thread ended at once")?.context("a thread's runtime could not be started")
}

/// On Linux a priority belongs to a thread, and a thread's id serves as a process id.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(%error, "the priority of a computing thread could not be lowered");
    }
}
