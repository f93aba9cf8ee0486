//! Memory and CPU time of one instance.
//!
//! CPU time is counted in epochs: a thread advances the engine's epoch every [`EPOCH`], and the guest's code looks at
//! it. The look is free of charge unless an epoch has passed; then [`Meter::epoch`] decides. Only epochs that pass
//! while the guest runs without pause are counted: the first one after it was resumed may have passed while it slept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasmtime::ResourceLimiter;

/// How often a running guest is looked at.
pub const EPOCH: Duration = Duration::from_millis(10);

/// Elements of a table (function references); far above what a component has.
const MAX_TABLE: usize = 200_000;

/// Whether the guest has been running since its last epoch. Shared with the worker, which sees it pause.
#[derive(Default)]
pub struct Slice {
    running: AtomicBool,
    yielding: AtomicBool,
}

impl Slice {
    /// Called whenever the instance's future has returned without a result.
    pub fn paused(&self) {
        // After a yield that the meter itself asked for, the guest goes on where it was.
        if !self.yielding.swap(false, Ordering::Relaxed) {
            self.running.store(false, Ordering::Relaxed);
        }
    }
}

/// What [`Meter::epoch`] decides.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on at once.
    Continue,
    /// Let others run, then go on.
    Yield,
    /// The CPU time is used up.
    Stop,
}

/// What one instance has used, and may use.
pub struct Meter {
    slice: Arc<Slice>,
    epochs: u32,
    max_epochs: u32,
    memory: usize,
    max_memory: usize,
    refused_memory: bool,
    gauge: prometheus::IntGauge,
}

impl Meter {
    /// A meter for `max_memory` bytes and `cpu` of CPU time since the last request began.
    #[must_use]
    pub fn new(max_memory: usize, cpu: Duration, gauge: prometheus::IntGauge) -> Self {
        let max_epochs = cpu.as_millis().div_ceil(EPOCH.as_millis());
        Self {
            slice: Arc::default(),
            epochs: 0,
            max_epochs: u32::try_from(max_epochs).unwrap_or(u32::MAX),
            memory: 0,
            max_memory,
            refused_memory: false,
            gauge,
        }
    }

    /// The part that the worker sees.
    #[must_use]
    pub fn slice(&self) -> Arc<Slice> {
        self.slice.clone()
    }

    /// A request begins: the count starts again.
    pub fn restart(&mut self) {
        self.epochs = 0;
    }

    /// An epoch has passed and the guest is running.
    pub fn epoch(&mut self) -> Verdict {
        if !self.slice.running.swap(true, Ordering::Relaxed) {
            return Verdict::Continue;
        }
        self.epochs = self.epochs.saturating_add(1);
        if self.epochs >= self.max_epochs {
            return Verdict::Stop;
        }
        self.slice.yielding.store(true, Ordering::Relaxed);
        Verdict::Yield
    }

    /// Whether it was refused memory: the likely cause when it traps.
    #[must_use]
    pub fn was_refused_memory(&self) -> bool {
        self.refused_memory
    }

    /// The memory limit in bytes.
    #[must_use]
    pub fn max_memory(&self) -> usize {
        self.max_memory
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        if self.memory.saturating_add(more) > self.max_memory {
            self.refused_memory = true;
            return Ok(false);
        }
        self.memory += more;
        self.gauge.add(i64::try_from(more).unwrap_or(i64::MAX));
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.gauge.sub(i64::try_from(self.memory).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(cpu: Duration) -> Meter {
        Meter::new(100, cpu, prometheus::IntGauge::new("memory", "m").unwrap())
    }

    #[test]
    fn a_busy_guest_is_stopped_and_yields_before() {
        let mut meter = meter(EPOCH * 3);
        assert_eq!(meter.epoch(), Verdict::Continue);
        assert_eq!(meter.epoch(), Verdict::Yield);
        meter.slice().paused();
        assert_eq!(meter.epoch(), Verdict::Yield);
        meter.slice().paused();
        assert_eq!(meter.epoch(), Verdict::Stop);
    }

    #[test]
    fn a_guest_that_sleeps_is_never_charged() {
        let mut meter = meter(EPOCH * 2);
        for _ in 0..100 {
            assert_eq!(meter.epoch(), Verdict::Continue);
            meter.slice().paused();
        }
    }

    #[test]
    fn a_new_request_has_its_time_anew() {
        let mut meter = meter(EPOCH * 2);
        for _ in 0..10 {
            meter.restart();
            meter.epoch();
            assert_ne!(meter.epoch(), Verdict::Stop);
            meter.slice().paused();
            meter.slice().paused();
        }
    }

    #[test]
    fn memory_is_counted_over_all_memories_and_given_back() {
        let gauge = prometheus::IntGauge::new("memory", "m").unwrap();
        let mut meter = Meter::new(100, EPOCH, gauge.clone());
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(!meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.was_refused_memory());
        assert_eq!(gauge.get(), 60);
        drop(meter);
        assert_eq!(gauge.get(), 0);
    }
}
