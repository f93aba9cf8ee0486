//! Running programs, and waiting for what they do.

use std::net::TcpListener;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::hex;

/// How long a server may take to answer, or to stop, on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs a program to its end and gives what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!(
            "{name}: {}: {} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim(),
            String::from_utf8_lossy(&output.stdout).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > LIMIT {
            bail!("{what}: not within {} s", LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The process whose id a file holds, when it still runs and its command line holds `mark`: ids are given out again.
pub(crate) fn running(pid_file: &Path, mark: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(pid_file).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
    test_kill_process(pid).ok()?;
    let Ok(line) = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) else {
        // Where the system shows no command lines, the id must do.
        return (!Path::new("/proc/self").exists()).then_some(pid);
    };
    String::from_utf8_lossy(&line).contains(&*mark.to_string_lossy()).then_some(pid)
}

/// Sends a signal and waits until the process of that file is gone.
pub(crate) fn end(pid_file: &Path, mark: &Path, signal: Signal) -> Result<()> {
    let Some(pid) = running(pid_file, mark) else { return Ok(()) };
    kill_process(pid, signal).with_context(|| format!("cannot signal process {}", pid.as_raw_nonzero()))?;
    until("the process ends", || running(pid_file, mark).is_none())
}

/// Ports that are given out: below those that systems give to outgoing connections, so that none of these takes one while a
/// server that has it is started again.
const PORTS: Range<u16> = 20_000..32_000;

/// A loopback port on which nobody listens; not one that this program was given before.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> Result<u16> {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    static FIRST: OnceLock<u16> = OnceLock::new();
    let random = u16::from_str_radix(&hex(2)?, 16)?;
    let first = FIRST.get_or_init(|| random % PORTS.len() as u16);
    for _ in PORTS {
        let next = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % PORTS.len() as u16;
        let port = PORTS.start + next;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from {} to {} is free", PORTS.start, PORTS.end)
}

/// Refuses a port that something else listens on.
pub(crate) fn must_be_free(port: u16, what: &str) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port));
    listener.map(drop).with_context(|| format!("cannot start {what}: something else listens on 127.0.0.1:{port}"))
}
