//! What the gateway adds to a request: processor time of the host, and time until the answer.

use std::time::Duration;

use anyhow::Result;

use super::Options;
use super::logins::Fresh;
use super::site::Site;
use crate::figures::{Figure, median};
use crate::load::{Generator, each};

/// Most processor time that it may add to a request with a token that it has verified before.
const ADDED: f64 = 150.0;

/// What requests of one kind cost, one value for each round, in microseconds.
#[derive(Default)]
struct Costs {
    cpu: Vec<f64>,
    p50: Vec<f64>,
}

impl Costs {
    /// Requests one after another, each when the one before is answered.
    fn one_by_one(&mut self, site: &Site, tokens: &[&str]) -> Result<()> {
        let requests: Vec<_> = tokens.iter().map(|token| site.read(token).request()).collect();
        let cpu = site.cpu_time()?;
        let answers = each(site.server.address, 1, &requests)?;
        self.cpu.push(micros(site.cpu_time()? - cpu) / answers.len() as f64);
        self.p50.push(median(&answers.iter().map(|(_, time)| micros(*time)).collect::<Vec<_>>()));
        Ok(())
    }

    /// As many at once as a round of load has.
    fn together(&mut self, site: &Site, generator: Generator, length: Duration) -> Result<()> {
        let cpu = site.cpu_time()?;
        let round = generator.answers(&site.read(&site.user.token), length)?;
        self.cpu.push(micros(site.cpu_time()? - cpu) / round.count as f64);
        Ok(())
    }

    /// What the gateway adds to `without`, round by round: what slowed one down slowed the other down too.
    fn added(&self, without: &Self) -> f64 {
        median(&self.cpu.iter().zip(&without.cpu).map(|(with, without)| with - without).collect::<Vec<_>>())
    }

    fn of_cpu(&self, what: String) -> Figure {
        Figure::plain(format!("CPU of a read, {what}"), format!("{:.0} µs", median(&self.cpu)))
    }

    fn of_p50(&self, what: String) -> Figure {
        Figure::plain(format!("p50 of a read, {what}"), format!("{:.0} µs", median(&self.p50)))
    }
}

pub(super) fn measure(direct: &Site, guarded: &Site, fresh: Fresh, options: &Options) -> Result<Vec<Figure>> {
    let sites = [direct, guarded];
    let [mut first, mut known, mut crowd]: [[Costs; 2]; 3] = Default::default();
    // Instances and their statements before the clock runs.
    for (site, warm) in sites.iter().zip([&mut Costs::default(), &mut Costs::default()]) {
        warm.one_by_one(site, &[site.user.token.as_str(); 50])?;
    }
    for ((site, tokens), costs) in sites.iter().zip([&fresh.direct, &fresh.guarded]).zip(&mut first) {
        costs.one_by_one(site, &tokens.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    let generator = Generator::find();
    for round in 1..=options.rounds.count {
        for (site, costs) in sites.iter().zip(&mut known) {
            costs.one_by_one(site, &vec![site.user.token.as_str(); options.requests])?;
        }
        for (site, costs) in sites.iter().zip(&mut crowd) {
            costs.together(site, generator, options.rounds.length())?;
        }
        eprintln!("identity round {round} of {}", options.rounds.count);
    }
    let mut figures = Vec::new();
    for (kind, [without, with], held) in [
        ("known token, alone", &known, false),
        ("known token, 32 at once", &crowd, true),
        ("first use, alone", &first, false),
    ] {
        figures.push(without.of_cpu(format!("{kind}, without the gateway")));
        figures.push(with.of_cpu(format!("{kind}, through the gateway")));
        let added = with.added(without);
        figures.push(Figure {
            what: format!("CPU that the gateway adds, {kind}"),
            measured: format!("{added:.0} µs"),
            target: if held { format!("{ADDED:.0} µs") } else { String::new() },
            met: held.then_some(added <= ADDED),
        });
        if !with.p50.is_empty() {
            figures.push(without.of_p50(format!("{kind}, without the gateway")));
            figures.push(with.of_p50(format!("{kind}, through the gateway")));
        }
    }
    Ok(figures)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
