//! Blobs of one mebibyte on an S3 server: the same adapter in a component and in a native program, several blobs at a time.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, ensure};
use hello_core::blobs::{get, put};
use tokio::runtime::{Builder, Runtime};
use vitrine_blob::Blobs;
use vitrine_blob_s3::{Addressing, Ports, S3, Settings};
use vitrine_clock::{SystemClock, TokioTimer};
use vitrine_http_out::{Limits, NativeHttpOut, StreamLimits};
use vitrine_random::SystemRandom;
use vitrine_servers::Url;

use crate::figures::{Figure, median};
use crate::server::Server;

const TARGET: f64 = 0.5;
/// Blobs of one round.
const BLOBS: usize = 256;
/// Blobs before the clock runs, so that what is got is there.
const WARM_UP: usize = 32;
const PATIENCE: Duration = Duration::from_secs(60);

/// The rates of both sides, of as many rounds as are asked for, one side after the other.
pub(super) fn measure(rounds: usize, url: &str) -> Result<Vec<Figure>> {
    let (host, bucket) = Server::on_s3(url)?;
    let native = Native::new(url, &bucket)?;
    let mut figures = Vec::new();
    for what in ["put", "get"] {
        native.run("put", WARM_UP)?;
        ask(host.address, "put", WARM_UP)?;
        let (mut rates, mut base) = (Vec::new(), Vec::new());
        for round in 1..=rounds {
            let of_native = rate(|| native.run(what, BLOBS))?;
            let of_host = rate(|| ask(host.address, what, BLOBS))?;
            eprintln!("S3 {what} round {round}: native {of_native:.0}/s, host {of_host:.0}/s");
            base.push(of_native);
            rates.push(of_host);
        }
        let ratios: Vec<_> = rates.iter().zip(&base).map(|(rate, base)| rate / base).collect();
        let ratio = median(&ratios);
        figures.push(Figure::plain(format!("S3 {what} of 1 MiB, native client"), format!("{:.0}/s", median(&base))));
        figures.push(Figure {
            what: format!("S3 {what} of 1 MiB through a component"),
            measured: format!("{:.0}/s = {ratio:.3}", median(&rates)),
            target: format!("{TARGET:.2}"),
            met: Some(ratio >= TARGET),
        });
    }
    Ok(figures)
}

/// Blobs per second.
fn rate(round: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    round()?;
    Ok(BLOBS as f64 / start.elapsed().as_secs_f64())
}

/// The baseline.
struct Native {
    runtime: Runtime,
    blobs: Blobs,
}

impl Native {
    fn new(url: &str, bucket: &str) -> Result<Self> {
        let url = Url::parse(url)?;
        let settings = Settings {
            endpoint: format!("http://{}:{}", url.host, url.port),
            public_url: String::new(),
            region: "us-east-1".to_owned(),
            access_key: url.user,
            secret_key: url.password,
            addressing: Addressing::Path,
            bucket: bucket.to_owned(),
        };
        let limits = StreamLimits { head: PATIENCE, idle: PATIENCE };
        let ports = Ports {
            out: Arc::new(NativeHttpOut::new(Limits::default(), limits)?),
            clock: Arc::new(SystemClock),
            timer: Arc::new(TokioTimer),
            random: Arc::new(SystemRandom),
        };
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        Ok(Self { runtime, blobs: Blobs::on(S3::new(&settings, ports)?) })
    }

    fn run(&self, what: &str, count: usize) -> Result<()> {
        match what {
            "put" => self.wait(put(&self.blobs, count)),
            _ => self.wait(get(&self.blobs, count)),
        }
    }

    fn wait(&self, work: impl Future<Output = Result<(), String>>) -> Result<()> {
        self.runtime.block_on(work).map_err(Error::msg)
    }
}

/// Has the component do it, in one request.
fn ask(address: SocketAddr, what: &str, count: usize) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head =
        format!("POST /{what}/{count} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    ensure!(status.starts_with("HTTP/1.1 200"), "{what} is answered {status:?}");
    Ok(())
}
