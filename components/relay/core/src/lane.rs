//! One source and one consumer: what is due between the two is claimed, delivered and acknowledged.

mod settle;

use crate::{Consumer, Error, Peer};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use vitrine_clock::{Clock, Timestamp};
use vitrine_events::{
    Bell,
    wire::{ClaimRequest, ClaimResponse},
};

const NO_ALARM: i64 = i64::MAX;

/// A lane. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Lane(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Peer,
    consumer: Peer,
    spec: Consumer,
    claim: ClaimRequest,
    bell: Bell,
    /// When somebody wakes who waits for what is due then, in milliseconds.
    alarm: AtomicI64,
}

/// What a step of a drain came to.
enum Step {
    /// Asked for at this time, before which no lease of it began.
    Claimed(Timestamp, Result<ClaimResponse, Error>),
    Settled(Result<(), Error>),
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nothing is due; the next delivery is due after this time, if there is one.
    Empty(Option<Duration>),
    /// There may be more.
    OutOfTime,
    /// The source does not answer as it should.
    Failed,
}

impl Lane {
    pub(crate) fn new(source: Peer, consumer: Peer, spec: Consumer, table: BTreeMap<String, Vec<String>>) -> Self {
        let claim = ClaimRequest {
            consumers: table,
            per_consumer: BTreeMap::from([(spec.name.to_owned(), spec.bound())]),
            limit: spec.batch,
            lease_ms: u32::try_from(spec.lease().as_millis()).unwrap_or(u32::MAX),
        };
        let (bell, alarm) = (Bell::default(), AtomicI64::new(NO_ALARM));
        Self(Arc::new(Inner { source, consumer, spec, claim, bell, alarm }))
    }

    /// Who may drain.
    pub(crate) fn bell(&self) -> &Bell {
        &self.0.bell
    }

    /// Whether there is something to wait for until `at`: nobody else of this instance wakes before.
    pub(crate) fn set_alarm(&self, at: Timestamp) -> bool {
        self.0.alarm.fetch_min(at.as_millis(), Ordering::SeqCst) > at.as_millis()
    }

    /// Whoever waited until `at` does so no more.
    pub(crate) fn clear_alarm(&self, at: Timestamp) {
        // Somebody who wakes earlier has set it meanwhile if it is another.
        let _ = self.0.alarm.compare_exchange(at.as_millis(), NO_ALARM, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Delivers what is due until nothing is, or until it is `until`. While deliveries are under way it claims further
    /// ones, as many requests at a time as the consumer bears.
    pub(crate) async fn drain(&self, clock: &dyn Clock, until: Timestamp) -> Drained {
        let mut steps: FuturesUnordered<BoxFuture<'_, Step>> = FuturesUnordered::new();
        let (mut claiming, mut delivering, mut hungry, mut wait) = (false, 0, true, None);
        // Something was settled while a claim was under way, so its answer may not know what is free or due since.
        let mut stale = false;
        loop {
            if hungry && !claiming && delivering < self.0.spec.parallel && clock.now() < until {
                claiming = true;
                let asked_at = clock.now();
                steps.push(self.claim().map(move |claimed| Step::Claimed(asked_at, claimed)).boxed());
            }
            match steps.next().await {
                None if hungry => return Drained::OutOfTime,
                None => return Drained::Empty(wait),
                Some(Step::Claimed(asked_at, Ok(answer))) => {
                    claiming = false;
                    hungry = std::mem::take(&mut stale) || answer.deliveries.len() >= self.0.spec.batch as usize;
                    wait = answer.wait_ms.map(Duration::from_millis);
                    if !answer.deliveries.is_empty() {
                        delivering += 1;
                        steps.push(self.settle(answer.deliveries, asked_at, clock).map(Step::Settled).boxed());
                    }
                }
                Some(Step::Settled(Ok(()))) => {
                    delivering -= 1;
                    (hungry, stale) = (true, claiming);
                }
                Some(Step::Claimed(_, Err(error)) | Step::Settled(Err(error))) => {
                    let (source, consumer) = (self.0.source.name, self.0.consumer.name);
                    tracing::warn!(source, consumer, %error, "a drain ends early");
                    // What was delivered and could not be acknowledged is delivered again when its lease has run out.
                    while steps.next().await.is_some() {}
                    return Drained::Failed;
                }
            }
        }
    }

    async fn claim(&self) -> Result<ClaimResponse, Error> {
        self.0.source.ask("/_outbox/claim", &self.0.claim).await
    }
}
