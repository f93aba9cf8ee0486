//! What the host counts, as Prometheus reads it.
//!
//! Series are resolved once for each component, so that counting a request is a few atomic additions.

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Seconds: 100 µs to 10 s, which spans a warm call and a slow decode.
const LATENCY: [f64; 14] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Every series of the process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    instances: IntGaugeVec,
    memory: IntGaugeVec,
    traps: IntCounterVec,
    deadlines: IntCounterVec,
    refusals: IntCounterVec,
    capability: HistogramVec,
    messages: HistogramVec,
    /// Requests that were turned away because too many were in flight.
    pub rejected: IntCounter,
    /// Requests that came from outside and are not answered yet.
    pub in_flight: IntGauge,
}

impl Metrics {
    /// Registers every series.
    ///
    /// # Errors
    /// When two series have the same name, which is a mistake in this file.
    pub fn new() -> prometheus::Result<Arc<Self>> {
        let registry = Registry::new();
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new("vitrine_requests_total", "Requests by component and status."),
                &["component", "status"],
            )?,
            latency: HistogramVec::new(
                HistogramOpts::new("vitrine_request_seconds", "Time to the head of the response.")
                    .buckets(LATENCY.to_vec()),
                &["component"],
            )?,
            instances: IntGaugeVec::new(Opts::new("vitrine_instances", "Live instances."), &["component"])?,
            memory: IntGaugeVec::new(
                Opts::new("vitrine_memory_bytes", "Linear memory of live instances."),
                &["component"],
            )?,
            traps: IntCounterVec::new(
                Opts::new("vitrine_traps_total", "Instances that ended by a trap."),
                &["component"],
            )?,
            deadlines: IntCounterVec::new(
                Opts::new(
                    "vitrine_deadline_kills_total",
                    "What a deadline ended: a request (head) or an instance (cpu, time).",
                ),
                &["component", "deadline"],
            )?,
            refusals: IntCounterVec::new(
                Opts::new("vitrine_refusals_total", "Uses of a capability that the manifest does not grant."),
                &["component", "capability"],
            )?,
            capability: HistogramVec::new(
                HistogramOpts::new(
                    "vitrine_capability_seconds",
                    "Time spent in key_value, outbound_http, postgres, redis and sqlite calls.",
                )
                .buckets(LATENCY.to_vec()),
                &["component", "capability"],
            )?,
            messages: HistogramVec::new(
                HistogramOpts::new(
                    "vitrine_message_seconds",
                    "Time to handle a message of the Redis trigger or an event of the cron trigger, by outcome: handled, failed or late.",
                )
                .buckets(LATENCY.to_vec()),
                &["component", "outcome"],
            )?,
            rejected: IntCounter::new(
                "vitrine_rejected_total",
                "Requests turned away because too many were in flight.",
            )?,
            in_flight: IntGauge::new("vitrine_in_flight", "Requests from outside in flight.")?,
            registry,
        };
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.latency.clone()))?;
        registry.register(Box::new(metrics.instances.clone()))?;
        registry.register(Box::new(metrics.memory.clone()))?;
        registry.register(Box::new(metrics.traps.clone()))?;
        registry.register(Box::new(metrics.deadlines.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.capability.clone()))?;
        registry.register(Box::new(metrics.messages.clone()))?;
        registry.register(Box::new(metrics.rejected.clone()))?;
        registry.register(Box::new(metrics.in_flight.clone()))?;
        Ok(Arc::new(metrics))
    }

    /// The series of one component.
    #[must_use]
    pub fn component(self: &Arc<Self>, name: &str) -> ComponentMetrics {
        ComponentMetrics {
            latency: self.latency.with_label_values(&[name]),
            instances: self.instances.with_label_values(&[name]),
            memory: self.memory.with_label_values(&[name]),
            traps: self.traps.with_label_values(&[name]),
            key_value: self.capability.with_label_values(&[name, "key_value"]),
            sqlite: self.capability.with_label_values(&[name, "sqlite"]),
            postgres: self.capability.with_label_values(&[name, "postgres"]),
            redis: self.capability.with_label_values(&[name, "redis"]),
            outbound_http: self.capability.with_label_values(&[name, "outbound_http"]),
            statuses: (0..500).map(|_| OnceLock::new()).collect(),
            name: name.to_owned(),
            all: self.clone(),
        }
    }

    /// The exposition text (Prometheus text format 0.0.4).
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "the metrics could not be written");
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

/// The series of one component, resolved.
pub struct ComponentMetrics {
    name: String,
    all: Arc<Metrics>,
    statuses: Vec<OnceLock<IntCounter>>,
    latency: Histogram,
    /// Live instances.
    pub instances: IntGauge,
    /// Linear memory of live instances, in bytes.
    pub memory: IntGauge,
    /// Instances that ended by a trap.
    pub traps: IntCounter,
    /// Time of key-value calls.
    pub key_value: Histogram,
    /// Time of SQL statements on files.
    pub sqlite: Histogram,
    /// Time of SQL statements on servers, and of getting a connection.
    pub postgres: Histogram,
    /// Time of Redis commands, and of getting a connection.
    pub redis: Histogram,
    /// Time to the head of an outbound or chained response.
    pub outbound_http: Histogram,
}

impl ComponentMetrics {
    /// Counts one answered request.
    pub fn answered(&self, status: http::StatusCode, time: Duration) {
        self.latency.observe(time.as_secs_f64());
        let count = || {
            let labels = [self.name.as_str(), status.as_str()];
            self.all.requests.with_label_values(&labels)
        };
        match self.statuses.get(usize::from(status.as_u16()).wrapping_sub(100)) {
            Some(counter) => counter.get_or_init(count).inc(),
            None => count().inc(),
        }
    }

    /// Counts what a deadline ended. `deadline` is `head` for a request; `cpu` or `time` for an instance.
    pub fn deadline(&self, deadline: &str) {
        let labels = [self.name.as_str(), deadline];
        self.all.deadlines.with_label_values(&labels).inc();
    }

    /// Counts a message of the Redis trigger or an event of the cron trigger. `outcome` is `handled`, `failed` or `late`.
    pub fn message(&self, outcome: &str, time: Duration) {
        let labels = [self.name.as_str(), outcome];
        self.all.messages.with_label_values(&labels).observe(time.as_secs_f64());
    }

    /// Counts a refused use of a capability.
    pub fn refused(&self, capability: &str) {
        let labels = [self.name.as_str(), capability];
        self.all.refusals.with_label_values(&labels).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_appear_in_the_text() {
        let metrics = Metrics::new().unwrap();
        let auth = metrics.component("auth");
        auth.answered(http::StatusCode::CREATED, Duration::from_millis(3));
        auth.deadline("cpu");
        let text = metrics.text();
        assert!(text.contains(r#"vitrine_requests_total{component="auth",status="201"} 1"#));
        assert!(text.contains(r#"vitrine_deadline_kills_total{component="auth",deadline="cpu"} 1"#));
    }
}
