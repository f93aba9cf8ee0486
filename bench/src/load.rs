//! Load: 32 connections that ask again as soon as they are answered, by wrk where it is on the PATH, else by ourselves.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

/// Connections of a round.
pub const CONNECTIONS: usize = 32;

/// What drives the load.
#[derive(Clone, Copy, Debug)]
pub enum Generator {
    /// wrk, with two threads.
    Wrk,
    /// A thread of this program for each connection.
    BuiltIn,
}

impl Generator {
    /// wrk where it is on the PATH.
    #[must_use]
    pub fn find() -> Self {
        // wrk prints its usage and ends with 1 when it is asked for its version.
        if Command::new("wrk").arg("-v").output().is_ok() { Self::Wrk } else { Self::BuiltIn }
    }

    /// Requests per second over a round.
    ///
    /// # Errors
    /// When an answer is no 200, or the load cannot be made.
    pub fn round(self, address: SocketAddr, path: &str, length: Duration) -> Result<f64> {
        check(address, path)?;
        match self {
            Self::Wrk => wrk(address, path, length),
            Self::BuiltIn => built_in(address, path, length),
        }
    }
}

/// One request by hand: a server that answers errors quickly must not win.
fn check(address: SocketAddr, path: &str) -> Result<()> {
    let mut connection = Connection::open(address, path)?;
    connection.ask().with_context(|| format!("http://{address}{path}"))
}

fn wrk(address: SocketAddr, path: &str, length: Duration) -> Result<f64> {
    let (connections, seconds) = (format!("-c{CONNECTIONS}"), format!("-d{}s", length.as_secs().max(1)));
    let output =
        Command::new("wrk").args(["-t2", &connections, &seconds, &format!("http://{address}{path}")]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    for trouble in ["Non-2xx", "Socket errors"] {
        if let Some(line) = text.lines().find(|line| line.contains(trouble)) {
            bail!("http://{address}{path}: {}", line.trim());
        }
    }
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Ok(rate.with_context(|| format!("wrk said:\n{text}"))?.trim().parse()?)
}

fn built_in(address: SocketAddr, path: &str, length: Duration) -> Result<f64> {
    let (answers, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    thread::scope(|scope| {
        let ask = || -> Result<()> {
            let mut connection = Connection::open(address, path)?;
            while !over.load(Ordering::Relaxed) {
                connection.ask()?;
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let askers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        thread::sleep(length);
        over.store(true, Ordering::Relaxed);
        askers
            .into_iter()
            .try_for_each(|asker| asker.join().map_err(|_| anyhow::anyhow!("a connection's thread panicked"))?)
    })?;
    Ok(answers.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

/// A kept connection that asks for one path.
struct Connection {
    request: Vec<u8>,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes();
        Ok(Self { request, stream: BufReader::new(stream) })
    }

    /// Asks once and reads the whole answer.
    fn ask(&mut self) -> Result<()> {
        self.stream.get_mut().write_all(&self.request)?;
        let status = self.line()?;
        ensure!(status.starts_with("HTTP/1.1 200"), "the answer is {status:?}");
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        if !chunked {
            return self.skip(length);
        }
        loop {
            let size = u64::from_str_radix(self.line()?.trim(), 16)?;
            self.skip(size)?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }

    fn skip(&mut self, bytes: u64) -> Result<()> {
        let skipped = std::io::copy(&mut self.stream.by_ref().take(bytes), &mut std::io::sink())?;
        ensure!(skipped == bytes, "the connection was closed in the middle of a body");
        Ok(())
    }
}
