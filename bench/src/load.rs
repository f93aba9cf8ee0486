//! Load: 32 connections that ask again as soon as they are answered, by wrk where it is on the PATH, else by ourselves.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
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
        let round = self.answers(&Target { address, path, token: None }, length)?;
        Ok(round.rate())
    }

    /// The answers of a round.
    ///
    /// # Errors
    /// When an answer is no 200, or the load cannot be made.
    pub fn answers(self, target: &Target<'_>, length: Duration) -> Result<Round> {
        check(target)?;
        match self {
            Self::Wrk => wrk(target, length),
            Self::BuiltIn => built_in(target, length),
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Where.
    pub address: SocketAddr,
    /// What.
    pub path: &'a str,
    /// By whom: an access token.
    pub token: Option<&'a str>,
}

impl Target<'_> {
    /// The request as it is sent.
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        let Self { address, path, token } = self;
        let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{authorization}\r\n").into_bytes()
    }
}

/// What was answered, in how long.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// How many answers.
    pub count: u64,
    /// In how long.
    pub length: Duration,
}

impl Round {
    /// Answers per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.length.as_secs_f64()
    }
}

/// One request by hand: a server that answers errors quickly must not win.
fn check(target: &Target<'_>) -> Result<()> {
    let mut connection = Connection::open(target.address)?;
    connection.ask(&target.request()).map(drop).with_context(|| format!("http://{}{}", target.address, target.path))
}

fn wrk(target: &Target<'_>, length: Duration) -> Result<Round> {
    let (connections, seconds) = (format!("-c{CONNECTIONS}"), format!("-d{}s", length.as_secs().max(1)));
    let url = format!("http://{}{}", target.address, target.path);
    let mut command = Command::new("wrk");
    command.args(["-t2", &connections, &seconds, &url]);
    if let Some(token) = target.token {
        command.arg("-H").arg(format!("authorization: Bearer {token}"));
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    for trouble in ["Non-2xx", "Socket errors"] {
        if let Some(line) = text.lines().find(|line| line.contains(trouble)) {
            bail!("{url}: {}", line.trim());
        }
    }
    let said = || format!("wrk said:\n{text}");
    let count = text.lines().find_map(|line| line.trim().split_once(" requests in ")).with_context(said)?.0.parse()?;
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")).with_context(said)?;
    let rate: f64 = rate.trim().parse()?;
    ensure!(rate > 0.0, "{url} answered nothing: {}", said());
    Ok(Round { count, length: Duration::from_secs_f64(count as f64 / rate) })
}

fn built_in(target: &Target<'_>, length: Duration) -> Result<Round> {
    let (answers, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (start, request) = (Instant::now(), target.request());
    thread::scope(|scope| {
        let ask = || -> Result<()> {
            let mut connection = Connection::open(target.address)?;
            while !over.load(Ordering::Relaxed) {
                connection.ask(&request)?;
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let askers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        thread::sleep(length);
        over.store(true, Ordering::Relaxed);
        askers.into_iter().try_for_each(joined)
    })?;
    Ok(Round { count: answers.load(Ordering::Relaxed), length: start.elapsed() })
}

/// Sends these requests one after another on each of some connections; each answer's body, and how long it took.
///
/// # Errors
/// When an answer is no 200.
pub fn each(address: SocketAddr, connections: usize, requests: &[Vec<u8>]) -> Result<Vec<(Vec<u8>, Duration)>> {
    let share = requests.len().div_ceil(connections.max(1)).max(1);
    thread::scope(|scope| {
        let ask = |requests: &[Vec<u8>]| -> Result<Vec<(Vec<u8>, Duration)>> {
            let mut connection = Connection::open(address)?;
            let timed = |request: &Vec<u8>| {
                let start = Instant::now();
                let body = connection.ask(request).with_context(|| {
                    let line: Vec<u8> = request.iter().copied().take_while(|byte| *byte != b'\r').collect();
                    format!("http://{address}: {}", String::from_utf8_lossy(&line))
                })?;
                Ok((body, start.elapsed()))
            };
            requests.iter().map(timed).collect()
        };
        let askers: Vec<_> = requests.chunks(share).map(|share| scope.spawn(move || ask(share))).collect();
        let answers: Result<Vec<_>> = askers.into_iter().map(joined).collect();
        Ok(answers?.into_iter().flatten().collect())
    })
}

fn joined<T>(asker: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    asker.join().map_err(|_| anyhow::anyhow!("a connection's thread panicked"))?
}

/// A kept connection.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Asks once and reads the whole answer; its body.
    fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.0.get_mut().write_all(request)?;
        let status = self.line()?;
        ensure!(status.starts_with("HTTP/1.1 200"), "the answer is {status:?}");
        let (mut length, mut chunked, mut body) = (0, false, Vec::new());
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
            self.read(length, &mut body)?;
            return Ok(body);
        }
        loop {
            let size = u64::from_str_radix(self.line()?.trim(), 16)?;
            self.read(size, &mut body)?;
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.0.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }

    fn read(&mut self, bytes: u64, body: &mut Vec<u8>) -> Result<()> {
        let read = self.0.by_ref().take(bytes).read_to_end(body)?;
        ensure!(read as u64 == bytes, "the connection was closed in the middle of a body");
        Ok(())
    }
}
