//! Reads with a token, through the gateway and from auth natively.

use std::time::Duration;

use anyhow::Result;

use super::site::Site;
use crate::figures::{Figure, median};
use crate::load::Generator;
use crate::rounds::Rounds;

/// Threads, connections and statements before the clock runs.
const WARM_UP: Duration = Duration::from_secs(1);

pub(super) fn measure(native: &Site, guarded: &Site, rounds: &Rounds) -> Result<Vec<Figure>> {
    let generator = Generator::find();
    let rate =
        |site: &Site, length| Ok::<_, anyhow::Error>(generator.answers(&site.read(&site.user.token), length)?.rate());
    for site in [native, guarded] {
        rate(site, WARM_UP)?;
    }
    let (mut rates, mut base) = (Vec::new(), Vec::new());
    for round in 1..=rounds.count {
        base.push(rate(native, rounds.length())?);
        rates.push(rate(guarded, rounds.length())?);
        eprintln!("reads round {round} of {}", rounds.count);
    }
    let ratios: Vec<_> = rates.iter().zip(&base).map(|(rate, base)| rate / base).collect();
    Ok(vec![
        Figure::plain("authenticated reads, natively", format!("{:.0}/s", median(&base))),
        Figure::plain(
            "authenticated reads, through the gateway",
            format!("{:.0}/s = {:.3}", median(&rates), median(&ratios)),
        ),
    ])
}
