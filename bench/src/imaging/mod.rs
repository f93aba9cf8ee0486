//! What pictures cost: the imaging engine inside Wasm, on the host's own settings, beside sharp of npm on one thread, in
//! turns, so that a busy minute hits both.

mod engine;
mod photos;
mod sharp;

use std::path::PathBuf;

use anyhow::Result;

use crate::figures::{Figure, median, print};
use engine::{Engine, Work};
use photos::{Photo, photos};
use sharp::Sharp;

/// Bytes of the four renditions that sharp makes too, beside sharp's.
const BYTES: f64 = 1.05;
/// The most that one job may add to the memory of the host, in bytes.
const PEAK: u64 = 128_000_000;

/// How to measure.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Rounds for each photo; the median counts.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// A folder with `formats/phone-12mp-exif.jpg` and `photo-02.jpg`, which are measured instead of photos that are made.
    #[arg(long)]
    photos: Option<PathBuf>,
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    check: bool,
}

/// Measures and prints; tells whether the exit code is to be 0.
///
/// # Errors
/// When something cannot be measured.
pub fn run(options: &Options) -> Result<bool> {
    let sharp = Sharp::find()?;
    if sharp.is_none() {
        eprintln!("sharp is not measured: node and npm are not on the PATH");
    }
    let mut figures = Vec::new();
    for photo in photos(options.photos.as_deref())? {
        // Memory is that of the first job, on a host that has just started.
        let engine = Engine::start()?;
        let peak = engine.peak_of(&photo)?;
        if photo.is_large {
            figures.push(Figure {
                what: format!("{}: memory that the job adds", photo.name),
                measured: format!("{:.0} MB", peak as f64 / 1e6),
                target: format!("{:.0} MB", PEAK as f64 / 1e6),
                met: Some(peak <= PEAK),
            });
        }
        figures.extend(beside(&engine, sharp.as_ref(), &photo, options.rounds)?);
    }
    Ok(print(&figures) || !options.check)
}

/// Both sides in turns.
fn beside(engine: &Engine, sharp: Option<&Sharp>, photo: &Photo, rounds: usize) -> Result<Vec<Figure>> {
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut last: Option<(Work, Work)> = None;
    for round in 1..=rounds {
        let work = engine.render(photo)?;
        eprint!("{} round {round}: engine {:.0} ms", photo.name, work.milliseconds);
        ours.push(work.milliseconds);
        if let Some(sharp) = sharp {
            let baseline = sharp.render(photo)?;
            eprint!("  sharp {:.0} ms", baseline.milliseconds);
            theirs.push(baseline.milliseconds);
            ratios.push(work.milliseconds / baseline.milliseconds);
            last = Some((work, baseline));
        }
        eprintln!();
    }
    let took = median(&ours);
    let what = format!("{}: five renditions and the description", photo.name);
    let Some((work, baseline)) = last else {
        return Ok(vec![Figure::plain(what, format!("{took:.0} ms"))]);
    };
    let (ratio, bytes) = (median(&ratios), work.bytes as f64 / baseline.bytes as f64);
    Ok(vec![
        Figure::plain(format!("{}: four sizes by sharp", photo.name), format!("{:.0} ms", median(&theirs))),
        Figure {
            what,
            measured: format!("{took:.0} ms = {ratio:.2}"),
            target: format!("{:.2}", photo.target),
            met: Some(ratio <= photo.target),
        },
        Figure {
            what: format!("{}: bytes of these four sizes", photo.name),
            measured: format!("{} = {bytes:.3}", work.bytes),
            target: format!("{BYTES:.2}"),
            met: Some(bytes <= BYTES),
        },
    ])
}
