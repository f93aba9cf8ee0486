//! Who emits what, and who consumes it: the one table of the app.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A service with an outbox.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The component.
    pub name: &'static str,
    /// The types of its events.
    pub emits: &'static [&'static str],
}

/// A component that events are delivered to.
#[derive(Debug, Clone, Copy)]
pub struct Consumer {
    /// The component.
    pub name: &'static str,
    /// The types of events that it gets.
    pub consumes: &'static [&'static str],
    /// Batches that it bears at once from each source: no more are leased, all relays together. Each is one request; while
    /// one that failed is delivered one by one it is as many as this says, but at most four.
    pub parallel: u32,
    /// Events that it takes in one request. More than one needs a consumer that has all of a batch take effect, or none.
    pub batch: u32,
    /// How long one request may take.
    pub timeout: Duration,
}

impl Consumer {
    /// The most deliveries to it that are leased at once.
    pub(crate) fn bound(&self) -> u32 {
        self.parallel.saturating_mul(self.batch)
    }

    /// How long a delivery is leased: until the last one that is begun is over.
    pub(crate) fn lease(&self) -> Duration {
        self.begins_within().saturating_add(self.timeout).saturating_add(LEASE_MARGIN)
    }

    /// How long after a claim further deliveries of it are begun: a batch takes its time, and if it has failed there is as
    /// long again to begin its events one by one.
    pub(crate) fn begins_within(&self) -> Duration {
        if self.batch > 1 { self.timeout.saturating_mul(2) } else { Duration::ZERO }
    }

    /// Requests at once when a batch has failed and its events are delivered one by one.
    pub(crate) fn singles(&self) -> usize {
        self.parallel.clamp(1, ONE_BY_ONE) as usize
    }
}

/// The most requests at once for the events of one batch.
const ONE_BY_ONE: u32 = 4;

/// For the claim, the acknowledgement and the clocks of two machines.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// All that the relay knows.
#[derive(Debug, Clone, Copy)]
pub struct Topology {
    /// Whom it asks for events.
    pub sources: &'static [Source],
    /// Whom it delivers them to.
    pub consumers: &'static [Consumer],
}

/// The app's.
pub const TOPOLOGY: Topology = Topology {
    sources: &[
        Source { name: "auth", emits: &["vitrine.account.deleted.v1"] },
        Source { name: "upload", emits: &["vitrine.photo.deleted.v1", "vitrine.photo.uploaded.v1"] },
    ],
    consumers: &[
        Consumer {
            name: "image-processor",
            consumes: &["vitrine.photo.deleted.v1", "vitrine.photo.uploaded.v1"],
            // A picture is decoded by one thread and held in memory whole.
            parallel: 2,
            batch: 1,
            // Longer than the worker may take, so that it says itself what went wrong.
            timeout: Duration::from_secs(45),
        },
        Consumer {
            name: "upload",
            consumes: &["vitrine.account.deleted.v1"],
            parallel: 2,
            batch: 20,
            timeout: Duration::from_secs(10),
        },
    ],
};

impl Topology {
    /// Event type → consumers, for the events of one source.
    pub(crate) fn table(&self, source: &Source) -> BTreeMap<String, Vec<String>> {
        let consumers = |kind: &str| {
            let consume = self.consumers.iter().filter(|it| it.consumes.contains(&kind));
            consume.map(|it| it.name.to_owned()).collect::<Vec<_>>()
        };
        source.emits.iter().map(|kind| ((*kind).to_owned(), consumers(kind))).collect()
    }

    /// Who consumes anything of that source.
    pub(crate) fn consumers_of(&self, source: &Source) -> impl Iterator<Item = &'static Consumer> {
        self.consumers.iter().filter(|it| it.consumes.iter().any(|kind| source.emits.contains(kind)))
    }

    /// Everybody in the table, each once.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&'static str> {
        self.sources.iter().map(|it| it.name).chain(self.consumers.iter().map(|it| it.name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_consumed_is_emitted_by_somebody_and_the_other_way_round() {
        let emitted: BTreeSet<_> = TOPOLOGY.sources.iter().flat_map(|it| it.emits).collect();
        let consumed: BTreeSet<_> = TOPOLOGY.consumers.iter().flat_map(|it| it.consumes).collect();
        assert_eq!(emitted, consumed);
    }

    #[test]
    fn names_stand_once_and_bounds_let_something_through() {
        let sources: BTreeSet<_> = TOPOLOGY.sources.iter().map(|it| it.name).collect();
        let consumers: BTreeSet<_> = TOPOLOGY.consumers.iter().map(|it| it.name).collect();
        assert_eq!((sources.len(), consumers.len()), (TOPOLOGY.sources.len(), TOPOLOGY.consumers.len()));
        assert!(TOPOLOGY.consumers.iter().all(|it| it.bound() > 0 && it.lease() > it.timeout));
    }

    #[test]
    fn one_by_one_there_are_no_more_requests_than_the_consumer_bears() {
        let singles = |parallel| Consumer { parallel, ..TOPOLOGY.consumers[0] }.singles();
        assert_eq!([1, 2, 4, 100].map(singles), [1, 2, 4, 4]);
    }

    #[test]
    fn a_lease_outlives_the_batch_and_the_last_single_that_is_begun() {
        let of = |batch| Consumer { batch, timeout: Duration::from_secs(4), ..TOPOLOGY.consumers[0] };
        assert_eq!([of(1).lease(), of(100).lease()], [9, 17].map(Duration::from_secs));
        assert_eq!([of(1).begins_within(), of(100).begins_within()], [0, 8].map(Duration::from_secs));
    }
}
