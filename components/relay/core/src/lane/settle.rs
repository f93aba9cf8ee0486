//! What is claimed is delivered, and the source is told what came of it.
//!
//! A batch that fails, by one of its events perhaps, is delivered one by one, and each end is told as soon as it is known.
//! That may take long, so after a time no more are begun and the rest is given back: no lease runs out under a delivery
//! whose relay is alive, and a slow consumer costs tries only where it was tried.

use super::Lane;
use crate::{
    Error,
    delivery::{batch, may_be_one, single},
};
use futures::{StreamExt as _, future::try_join_all, stream};
use std::sync::atomic::{AtomicBool, Ordering};
use vitrine_clock::{Clock, Timestamp};
use vitrine_events::wire::{AckRequest, AckResponse, Failed, Leased, Receipt};

/// Acknowledgements of one call.
const ACKNOWLEDGED_AT_ONCE: usize = 500;

impl Lane {
    /// Delivers what was claimed at `claimed_at`, and acknowledges it.
    pub(super) async fn settle(
        &self,
        leased: Vec<Leased>,
        claimed_at: Timestamp,
        clock: &dyn Clock,
    ) -> Result<(), Error> {
        let to = &self.0.consumer;
        if leased.len() > 1 {
            match batch(to, &leased).await {
                Ok(()) => return self.delivered(&leased).await,
                Err(error) if may_be_one(&error) => {
                    tracing::warn!(consumer = to.name, count = leased.len(), %error, "a batch is delivered one by one");
                }
                Err(error) => return self.failed(&leased, &error).await,
            }
        }
        self.one_by_one(leased, claimed_at + self.0.spec.begins_within(), clock).await
    }

    /// Delivers each by itself. After `until` none is begun any more.
    async fn one_by_one(&self, leased: Vec<Leased>, until: Timestamp, clock: &dyn Clock) -> Result<(), Error> {
        let (at_once, deaf) = (self.0.spec.singles(), &AtomicBool::new(false));
        let mut singles = stream::iter(leased.into_iter().enumerate())
            .map(|(at, it)| async move {
                // The first ones are tried in any case: so each claim comes to something, however slow the batch was.
                if deaf.load(Ordering::SeqCst) || (at >= at_once && clock.now() > until) {
                    return Err(receipt(&it));
                }
                let told = match single(&self.0.consumer, &it.event).await {
                    Ok(()) => self.delivered(&[it]).await,
                    Err(error) => self.failed(&[it], &error).await,
                };
                Ok(told)
            })
            .buffer_unordered(at_once);
        let (mut ended, mut rest) = (Ok(()), Vec::new());
        while let Some(tried) = singles.next().await {
            match tried {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    // A source that does not hear what becomes of its events gets no further ones delivered.
                    deaf.store(true, Ordering::SeqCst);
                    ended = Err(error);
                }
                Err(returned) => rest.push(returned),
            }
        }
        drop(singles);
        ended?;
        if rest.is_empty() { Ok(()) } else { self.give_back(rest).await }
    }

    async fn delivered(&self, leased: &[Leased]) -> Result<(), Error> {
        let to = self.0.consumer.name;
        for Leased { attempt, event, .. } in leased {
            tracing::info!(event = %event.id, r#type = event.r#type, consumer = to, attempt, "delivered");
        }
        let delivered: Vec<_> = leased.iter().map(receipt).collect();
        let requests = delivered.chunks(ACKNOWLEDGED_AT_ONCE);
        let requests = requests.map(|it| AckRequest { delivered: it.to_vec(), ..AckRequest::default() });
        try_join_all(requests.map(|request| self.acknowledge(request))).await?;
        for Leased { consumer, attempt, event } in leased {
            tracing::info!(event = %event.id, r#type = event.r#type, consumer, attempt, "acknowledged");
        }
        Ok(())
    }

    async fn failed(&self, leased: &[Leased], error: &Error) -> Result<(), Error> {
        let failed = |Leased { consumer, attempt, event }: &Leased| {
            tracing::warn!(event = %event.id, r#type = event.r#type, consumer, attempt, %error, "not delivered");
            Failed { event: event.id, consumer: consumer.clone(), attempt: *attempt, error: error.to_string() }
        };
        let failed: Vec<_> = leased.iter().map(failed).collect();
        let requests = failed.chunks(ACKNOWLEDGED_AT_ONCE);
        let requests = requests.map(|it| AckRequest { failed: it.to_vec(), ..AckRequest::default() });
        try_join_all(requests.map(|request| self.acknowledge(request))).await.map(drop)
    }

    /// Gives back what was not tried. Once only: told twice, it could take a later lease from whoever has it by then. What
    /// is not given back is due again when its lease runs out.
    async fn give_back(&self, returned: Vec<Receipt>) -> Result<(), Error> {
        tracing::info!(consumer = self.0.consumer.name, count = returned.len(), "given back, since time is over");
        let request = AckRequest { returned, ..AckRequest::default() };
        self.0.source.ask::<AckResponse>("/_outbox/ack", &request).await.map(drop)
    }

    /// Twice, since a delivery that is not acknowledged is made once more.
    async fn acknowledge(&self, request: AckRequest) -> Result<(), Error> {
        let first: Result<AckResponse, Error> = self.0.source.ask("/_outbox/ack", &request).await;
        let Ok(AckResponse { settled }) = first else {
            // The first may have been heard although its answer was lost, so what this one settles says nothing.
            return self.0.source.ask::<AckResponse>("/_outbox/ack", &request).await.map(drop);
        };
        let made = (request.delivered.len() + request.failed.len()) as u64;
        if settled < made {
            tracing::warn!(consumer = self.0.consumer.name, made, settled, "some deliveries had lost their lease");
        }
        Ok(())
    }
}

fn receipt(Leased { consumer, attempt, event }: &Leased) -> Receipt {
    Receipt { event: event.id, consumer: consumer.clone(), attempt: *attempt }
}
