//! What the host costs: the same router in a component and natively, in turns, so that a busy minute hits both.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use vitrine_scenarios::World;
use vitrine_scenarios::client::{Client, Fetch as _};
use vitrine_scenarios::harness::{Deployment, Runtime, repository};
use vitrine_scenarios::picture::{jpeg, quarters};

use crate::figures::{Figure, median, print};
use crate::load::Generator;
use crate::native::Core;
use crate::rounds::Rounds;
use crate::server::{Server, resident_bytes};

/// Paths, and the least ratio to native that the host must reach.
const PATHS: [(&str, &str, f64); 2] = [("/hello", "no I/O", 0.27), ("/row", "one SQLite row", 0.15)];
/// Longest time from process start to the first answer of a component, with compiled code in the cache.
const START: Duration = Duration::from_secs(1);
/// Instances that nobody asks are gone by then (`idle_timeout_ms` of `spin.toml`), and so is the memory that they had.
const IDLE_AFTER: Duration = Duration::from_secs(13);
/// Most memory of the idle product, in bytes.
const IDLE_BYTES: u64 = 100_000_000;

/// How to measure.
#[derive(clap::Args, Debug)]
pub struct Options {
    #[command(flatten)]
    rounds: Rounds,
}

/// Measures and prints; tells whether the exit code is to be 0.
///
/// # Errors
/// When something cannot be measured.
pub fn run(Options { rounds }: &Options) -> Result<bool> {
    let mut figures = product()?;
    let mut servers = vec![Server::native(Core::Hello)?, Server::component("host", Runtime::Host)?];
    match Runtime::Spin.program() {
        Ok(_) => servers.push(Server::component("spin", Runtime::Spin)?),
        Err(absent) => eprintln!("Spin is not measured: {absent}"),
    }
    let generator = Generator::find();
    eprintln!("{generator:?}, 32 connections, {} rounds of {:?}", rounds.count, rounds.length());
    for (path, what, target) in PATHS {
        figures.extend(throughput(&servers, generator, rounds, path, what, target)?);
    }
    let met = print(&figures);
    Ok(rounds.passes(met))
}

fn throughput(
    servers: &[Server],
    generator: Generator,
    rounds: &Rounds,
    path: &str,
    what: &str,
    target: f64,
) -> Result<Vec<Figure>> {
    let mut rates = vec![Vec::new(); servers.len()];
    // Instances, connections and caches before the clock runs.
    for server in servers {
        generator.round(server.address, path, Duration::from_secs(1))?;
    }
    for round in 1..=rounds.count {
        eprint!("{path} round {round}:");
        for (server, rates) in servers.iter().zip(&mut rates) {
            let rate = generator.round(server.address, path, rounds.length())?;
            eprint!("  {} {rate:.0}/s", server.name);
            std::io::stderr().flush()?;
            rates.push(rate);
        }
        eprintln!();
    }
    let native = rates.first().cloned().unwrap_or_default();
    let figures = servers.iter().zip(&rates).map(|(server, rates)| {
        let rate = median(rates);
        let what = format!("{path} ({what}), {}", server.name);
        if server.name == "native" {
            return Figure::plain(what, format!("{rate:.0}/s"));
        }
        // Each round against its own baseline: what slowed one down slowed the other down too.
        let ratios: Vec<_> = rates.iter().zip(&native).map(|(rate, native)| rate / native).collect();
        let ratio = median(&ratios);
        let measured = format!("{rate:.0}/s = {ratio:.3}");
        let held = server.name == "host";
        let target_text = if held { format!("{target:.2}") } else { String::new() };
        Figure { what, measured, target: target_text, met: held.then_some(ratio >= target) }
    });
    Ok(figures.collect())
}

/// The whole product as `cargo xtask up` runs it: how soon it answers, and what it holds after work when it has nothing to
/// do.
fn product() -> Result<Vec<Figure>> {
    let mut deployment = Deployment::product(Runtime::Host)?;
    deployment.also(&repository().join("spin.cron.toml"));
    deployment.log("warn");
    // What `spin.toml` says, which the tests lower.
    deployment.set("argon2_memory_kib", "19456");
    deployment.set("argon2_iterations", "2");
    // The first start compiles, where the cache does not hold the code yet.
    drop(deployment.start()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut starts = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let running = deployment.start()?;
        let client = Client::new(&running.base())?;
        let answer = runtime.block_on(client.get("/api/v1/auth/me").fetch()).context("the first answer")?;
        answer.expect(401)?;
        starts.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let running = deployment.start()?;
    let world =
        World { client: Client::new(&running.base())?, runtime: Runtime::Host, secrets: deployment.secrets().cloned() };
    runtime.block_on(async {
        let user = world.register("idle").await?;
        user.processed(jpeg(&quarters(3000, 2000))?).await
    })?;
    std::thread::sleep(IDLE_AFTER);
    let bytes = resident_bytes(running.id())?;
    let start = median(&starts);
    let limit = START.as_secs_f64() * 1000.0;
    Ok(vec![
        Figure {
            what: "start to first answer, code cached".to_owned(),
            measured: format!("{start:.0} ms"),
            target: format!("{limit:.0} ms"),
            met: Some(start <= limit),
        },
        Figure {
            what: "idle memory of the product, after a photo".to_owned(),
            measured: format!("{:.0} MB", bytes as f64 / 1e6),
            target: format!("{:.0} MB", IDLE_BYTES as f64 / 1e6),
            met: Some(bytes <= IDLE_BYTES),
        },
    ])
}
