//! What Spin does not know: `[component.<id>.tool.vitrine]` and `[application.tool.vitrine]`.

use std::time::Duration;

use super::{Manifest, ManifestError};
use crate::document::{DocumentError, Field, Section};

/// The bounds of one component, from `[component.<id>.tool.vitrine]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of one instance, in MiB (`memory_mib`).
    pub memory_mib: usize,
    /// Requests at once in one instance (`concurrency`).
    pub concurrency: Amount,
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
            concurrency: Amount::Fixed(16),
            cpu: Duration::from_secs(1),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            background: Duration::from_secs(60),
            cpu_bound: false,
        }
    }
}

const KEYS: &[&str] = &["background_ms", "concurrency", "cpu_bound", "cpu_ms", "head_ms", "idle_ms", "memory_mib"];
/// Those that bound a call by the clock or for a message, which has an instance of its own and no response.
const KEYS_OF_A_CALL: &[&str] = &["cpu_bound", "cpu_ms", "head_ms", "memory_mib"];

/// Refuses limits that would have no effect, since no trigger makes the component do what they bound.
pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    for component in manifest.components.values() {
        let id = &component.id;
        let called = manifest.is_scheduled(id) || manifest.is_subscribed(id);
        let without_effect = |key: &str| !(called && KEYS_OF_A_CALL.contains(&key));
        if manifest.answers_http(id) {
            continue;
        }
        if let Some((key, line)) = component.tuned.iter().find(|(key, _)| without_effect(key)) {
            let key = format!("component.{id}.tool.vitrine.{key}");
            let reason = match called {
                true => "it has no HTTP trigger",
                false => "no trigger leads to it, and a dependency runs within the limits of its caller",
            };
            return Err(ManifestError::WithoutEffect { place: manifest.place(*line), key, reason });
        }
    }
    Ok(())
}

impl Limits {
    /// The memory of one instance, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory_mib << 20
    }

    pub(super) fn read(section: &Section<'_>) -> Result<Self, ManifestError> {
        section.only(KEYS)?;
        let default = Self::default();
        Ok(Self {
            memory_mib: count(section, "memory_mib", 1..=4096)?.unwrap_or(default.memory_mib),
            concurrency: amount(section, "concurrency", MOST_AT_ONCE)?.unwrap_or(default.concurrency),
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

    fn read(field: &Field<'_>, most: i64) -> Result<Self, DocumentError> {
        if !field.is_text() {
            return Ok(Self::Fixed(to_count(field.integer(1..=most)?)));
        }
        let text = field.text()?;
        let number = |text: &str| text.trim().parse().ok().filter(|n: &i64| (1..=most).contains(n)).map(to_count);
        match text.split_once("..").map(|(from, below)| (number(from), number(below))) {
            Some((Some(from), Some(below))) if from < below => Ok(Self::Between(from, below)),
            _ => Err(field.invalid(
                text,
                format!(
                    "write an integer, or a range such as \"96..160\", from 1 to {most}, the first below the second"
                ),
            )),
        }
    }
}

const MOST_REUSE: i64 = 100_000;
const MOST_AT_ONCE: i64 = 1024;

/// The bounds of the whole app, from `[application.tool.vitrine]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTool {
    /// Requests that one instance serves before it is replaced (`instance_reuse`).
    pub instance_reuse: Amount,
    /// How long an idle instance is kept, in milliseconds (`idle_timeout_ms`).
    pub idle_timeout_ms: Amount,
    /// Requests from outside that may be in flight at once; none for the host's own choice (`max_in_flight`).
    pub max_in_flight: Option<usize>,
}

impl Default for AppTool {
    fn default() -> Self {
        Self { instance_reuse: Amount::Between(768, 1280), idle_timeout_ms: Amount::Fixed(1000), max_in_flight: None }
    }
}

impl AppTool {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, ManifestError> {
        section.only(&["idle_timeout_ms", "instance_reuse", "max_in_flight"])?;
        let default = Self::default();
        Ok(Self {
            instance_reuse: amount(section, "instance_reuse", MOST_REUSE)?.unwrap_or(default.instance_reuse),
            idle_timeout_ms: amount(section, "idle_timeout_ms", LONGEST_MS)?.unwrap_or(default.idle_timeout_ms),
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

fn amount(section: &Section<'_>, key: &str, most: i64) -> Result<Option<Amount>, DocumentError> {
    section.get(key).map(|field| Amount::read(&field, most)).transpose()
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
