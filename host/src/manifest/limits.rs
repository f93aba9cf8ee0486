//! What Spin does not know: `[component.<id>.tool.vitrine]` and `[application.tool.vitrine]`.

use std::time::Duration;

use super::ManifestError;
use crate::document::{DocumentError, Field, Section};

/// The bounds of one component, from `[component.<id>.tool.vitrine]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of one instance, in MiB (`memory_mib`).
    pub memory_mib: usize,
    /// Requests at once in one instance (`concurrency`).
    pub concurrency: usize,
    /// CPU time since the last request began (`cpu_ms`).
    pub cpu: Duration,
    /// Time to the head of the response (`head_ms`).
    pub head: Duration,
    /// How long a stream may stand still (`idle_ms`).
    pub idle: Duration,
    /// How long work may go on after the response (`background_ms`).
    pub background: Duration,
    /// Whether it computes for long, and so runs on threads of its own (`cpu_bound`).
    pub cpu_bound: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mib: 128,
            concurrency: 16,
            cpu: Duration::from_secs(1),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            background: Duration::from_secs(60),
            cpu_bound: false,
        }
    }
}

impl Limits {
    /// The memory of one instance, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory_mib << 20
    }

    pub(super) fn read(section: &Section<'_>) -> Result<Self, ManifestError> {
        section.only(&["background_ms", "concurrency", "cpu_bound", "cpu_ms", "head_ms", "idle_ms", "memory_mib"])?;
        let default = Self::default();
        Ok(Self {
            memory_mib: count(section, "memory_mib", 1..=4096)?.unwrap_or(default.memory_mib),
            concurrency: count(section, "concurrency", 1..=1024)?.unwrap_or(default.concurrency),
            cpu: millis(section, "cpu_ms")?.unwrap_or(default.cpu),
            head: millis(section, "head_ms")?.unwrap_or(default.head),
            idle: millis(section, "idle_ms")?.unwrap_or(default.idle),
            background: millis(section, "background_ms")?.unwrap_or(default.background),
            cpu_bound: section.get("cpu_bound").map(|field| field.boolean()).transpose()?.unwrap_or_default(),
        })
    }
}

/// A number, or a range of which each new instance draws one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Always this number.
    Fixed(usize),
    /// From the first number up to, but without, the second, as in Spin.
    Between(usize, usize),
}

impl Amount {
    /// Draws a number.
    pub fn draw(self, random: &mut impl rand::Rng) -> usize {
        match self {
            Self::Fixed(number) => number,
            Self::Between(from, below) => random.random_range(from..below),
        }
    }

    /// The greatest number that can be drawn.
    pub fn greatest(self) -> usize {
        match self {
            Self::Fixed(number) => number,
            Self::Between(_, below) => below.saturating_sub(1),
        }
    }

    fn read(field: &Field<'_>) -> Result<Self, DocumentError> {
        if !field.is_text() {
            return Ok(Self::Fixed(to_count(field.integer(1..=MOST_REUSE)?)));
        }
        let text = field.text()?;
        let number = |text: &str| text.trim().parse().ok().filter(|n: &i64| (1..=MOST_REUSE).contains(n)).map(to_count);
        match text.split_once("..").map(|(from, below)| (number(from), number(below))) {
            Some((Some(from), Some(below))) if from < below => Ok(Self::Between(from, below)),
            _ => Err(field.invalid(
                text,
                format!("write an integer, or a range such as \"96..160\", from 1 to {MOST_REUSE}, the first below the second"),
            )),
        }
    }
}

const MOST_REUSE: i64 = 100_000;

/// The bounds of the whole app, from `[application.tool.vitrine]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTool {
    /// Requests that one instance serves before it is replaced (`instance_reuse`).
    pub instance_reuse: Amount,
    /// How long an idle instance is kept (`idle_timeout_ms`).
    pub idle_timeout: Duration,
    /// Requests from outside that may be in flight at once; none for the host's own choice (`max_in_flight`).
    pub max_in_flight: Option<usize>,
}

impl Default for AppTool {
    fn default() -> Self {
        Self { instance_reuse: Amount::Between(96, 160), idle_timeout: Duration::from_secs(1), max_in_flight: None }
    }
}

impl AppTool {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, ManifestError> {
        section.only(&["idle_timeout_ms", "instance_reuse", "max_in_flight"])?;
        let default = Self::default();
        let reuse = section.get("instance_reuse").map(|field| Amount::read(&field)).transpose()?;
        Ok(Self {
            instance_reuse: reuse.unwrap_or(default.instance_reuse),
            idle_timeout: millis(section, "idle_timeout_ms")?.unwrap_or(default.idle_timeout),
            max_in_flight: count(section, "max_in_flight", 1..=1_000_000)?,
        })
    }
}

/// A day: nothing that a request waits for may be longer.
const LONGEST_MS: i64 = 86_400_000;

fn millis(section: &Section<'_>, key: &str) -> Result<Option<Duration>, DocumentError> {
    let Some(field) = section.get(key) else { return Ok(None) };
    Ok(Some(Duration::from_millis(field.integer(1..=LONGEST_MS)?.unsigned_abs())))
}

fn count(
    section: &Section<'_>,
    key: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<usize>, DocumentError> {
    section.get(key).map(|field| field.integer(range).map(to_count)).transpose()
}

/// The integer is known to be positive and small.
fn to_count(integer: i64) -> usize {
    usize::try_from(integer).unwrap_or_default()
}
