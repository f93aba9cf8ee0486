//! The metrics of all outboxes, in the text format of Prometheus (0.0.4).

use crate::admin::Report;
use std::{collections::BTreeMap, fmt::Write as _};
use vitrine_events::wire::ConsumerStats;

/// One metric: its name, its kind, what it says, and how it is read.
type Metric = (&'static str, &'static str, &'static str, fn(&ConsumerStats) -> f64);

const METRICS: [Metric; 8] = [
    ("vitrine_outbox_due", "gauge", "Deliveries that wait to be claimed.", |it| it.due as f64),
    ("vitrine_outbox_waiting", "gauge", "Deliveries that wait for their next try.", |it| it.waiting as f64),
    ("vitrine_outbox_in_flight", "gauge", "Deliveries that are leased.", |it| it.in_flight as f64),
    ("vitrine_outbox_dead", "gauge", "Dead letters.", |it| it.dead as f64),
    ("vitrine_outbox_lag_seconds", "gauge", "How long the delivery that is due longest has been due.", |it| {
        it.lag_ms as f64 / 1000.0
    }),
    ("vitrine_outbox_delivered_total", "counter", "Deliveries that took effect.", |it| it.delivered_total as f64),
    ("vitrine_outbox_retried_total", "counter", "Tries that failed and were not the last.", |it| {
        it.retried_total as f64
    }),
    ("vitrine_outbox_dead_total", "counter", "Deliveries that were given up.", |it| it.dead_total as f64),
];

/// All metrics of these sources. Names are the topology's own, so none needs escaping.
pub(crate) fn text(reports: &BTreeMap<&'static str, Report>) -> String {
    let mut text = String::new();
    let mut line = |written: std::fmt::Arguments<'_>| {
        // Writing to a `String` cannot fail.
        let _ = text.write_fmt(format_args!("{written}\n"));
    };
    line(format_args!("# HELP vitrine_outbox_up Whether the source answered."));
    line(format_args!("# TYPE vitrine_outbox_up gauge"));
    for (source, report) in reports {
        line(format_args!("vitrine_outbox_up{{source=\"{source}\"}} {}", u8::from(matches!(report, Report::Up(_)))));
    }
    let up = || {
        reports.iter().filter_map(|(source, report)| match report {
            Report::Up(stats) => Some((source, stats)),
            Report::Down { .. } => None,
        })
    };
    line(format_args!("# HELP vitrine_outbox_unrouted Events whose deliveries have not been made."));
    line(format_args!("# TYPE vitrine_outbox_unrouted gauge"));
    for (source, stats) in up() {
        line(format_args!("vitrine_outbox_unrouted{{source=\"{source}\"}} {}", stats.unrouted));
    }
    line(format_args!(
        "# HELP vitrine_outbox_unrouted_lag_seconds How long the oldest event without deliveries waits."
    ));
    line(format_args!("# TYPE vitrine_outbox_unrouted_lag_seconds gauge"));
    for (source, stats) in up() {
        let lag = stats.unrouted_lag_ms as f64 / 1000.0;
        line(format_args!("vitrine_outbox_unrouted_lag_seconds{{source=\"{source}\"}} {lag}"));
    }
    for (name, kind, help, value) in METRICS {
        line(format_args!("# HELP {name} {help}"));
        line(format_args!("# TYPE {name} {kind}"));
        for (source, stats) in up() {
            for (consumer, it) in &stats.consumers {
                line(format_args!("{name}{{source=\"{source}\",consumer=\"{consumer}\"}} {}", value(it)));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_events::wire::Stats;

    #[test]
    fn each_source_and_consumer_has_its_lines() {
        let ledger = ConsumerStats { due: 3, lag_ms: 1500, delivered_total: 7, ..ConsumerStats::default() };
        let consumers = BTreeMap::from([("ledger".to_owned(), ledger)]);
        let stats = Stats { unrouted: 2, unrouted_lag_ms: 90_500, consumers };
        let down = Report::Down { error: "no".to_owned() };
        let text = text(&BTreeMap::from([("orders", Report::Up(stats)), ("upload", down)]));
        for line in [
            "vitrine_outbox_up{source=\"orders\"} 1",
            "vitrine_outbox_up{source=\"upload\"} 0",
            "vitrine_outbox_unrouted{source=\"orders\"} 2",
            "vitrine_outbox_unrouted_lag_seconds{source=\"orders\"} 90.5",
            "vitrine_outbox_due{source=\"orders\",consumer=\"ledger\"} 3",
            "vitrine_outbox_lag_seconds{source=\"orders\",consumer=\"ledger\"} 1.5",
            "# TYPE vitrine_outbox_delivered_total counter",
            "vitrine_outbox_delivered_total{source=\"orders\",consumer=\"ledger\"} 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
