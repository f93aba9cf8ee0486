//! One row by its key through a service: against the same core served natively on SQLite, and against `pgbench -S` on PostgreSQL.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vitrine_scenarios::harness::Runtime;
use vitrine_servers::{Scratch, Url, program};

use crate::figures::{Figure, median};
use crate::load::{CONNECTIONS, Generator};
use crate::native::Core;
use crate::server::Server;

const ON_SQLITE: f64 = 0.20;
const ON_POSTGRES: f64 = 0.3;
const PATH: &str = "/row";
/// Before the clock runs: on a busy machine, thirty-two connections take more than a second to be let in.
const WARM_UP: Duration = Duration::from_secs(5);

/// The baseline is the same core in an ordinary program.
pub(super) fn on_sqlite(rounds: usize, length: Duration) -> Result<Vec<Figure>> {
    let (native, host) = (Server::native(Core::Hello)?, Server::component("host", Runtime::Host)?);
    let baseline = |generator: Generator, length| generator.round(native.address, PATH, length);
    compare("SQLite", "native", ON_SQLITE, rounds, length, &host, baseline)
}

/// The baseline is `pgbench -S`, on the same server and with as many connections.
pub(super) fn on_postgres(rounds: usize, length: Duration, url: &str) -> Result<Vec<Figure>> {
    let host = Server::on_postgres(url)?;
    let scratch = Scratch::make(url, "pgbench")?;
    pgbench(scratch.url(), &["-i", "-q", "-s", "1"])?;
    let clients = CONNECTIONS.to_string();
    let baseline = |_, length: Duration| {
        let seconds = length.as_secs().max(1).to_string();
        let said = pgbench(scratch.url(), &["-S", "-n", "-c", &clients, "-j", "2", "-T", &seconds])?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        Ok(rate.with_context(|| format!("pgbench said:\n{said}"))?.parse()?)
    };
    compare("PostgreSQL", "pgbench -S", ON_POSTGRES, rounds, length, &host, baseline)
}

fn compare(
    database: &str,
    name: &str,
    target: f64,
    rounds: usize,
    length: Duration,
    host: &Server,
    baseline: impl Fn(Generator, Duration) -> Result<f64>,
) -> Result<Vec<Figure>> {
    let generator = Generator::find();
    generator.round(host.address, PATH, Duration::from_secs(1))?;
    baseline(generator, WARM_UP)?;
    let (mut rates, mut base) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (of_baseline, rate) = (baseline(generator, length)?, generator.round(host.address, PATH, length)?);
        eprintln!("{database} round {round}: {name} {of_baseline:.0}/s, host {rate:.0}/s");
        base.push(of_baseline);
        rates.push(rate);
    }
    let ratios: Vec<_> = rates.iter().zip(&base).map(|(rate, base)| rate / base).collect();
    let ratio = median(&ratios);
    Ok(vec![
        Figure::plain(format!("one row, {database}, {name}"), format!("{:.0}/s", median(&base))),
        Figure {
            what: format!("one row through a service, {database}"),
            measured: format!("{:.0}/s = {ratio:.3}", median(&rates)),
            target: format!("{target:.2}"),
            met: Some(ratio >= target),
        },
    ])
}

fn pgbench(url: &str, arguments: &[&str]) -> Result<String> {
    let url = Url::parse(url)?;
    let program = program("pgbench").context("pgbench is not installed: it comes with PostgreSQL's server")?;
    let mut command = Command::new(program);
    command.env("PGHOST", &url.host).env("PGPORT", url.port.to_string()).env("PGUSER", &url.user);
    command.env("PGPASSWORD", &url.password).env("PGDATABASE", &url.path).args(arguments);
    let output = command.output()?;
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
