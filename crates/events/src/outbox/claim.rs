//! Leasing deliveries that are due.

use super::{Outbox, TRIES, backoff, route};
use crate::{
    Event,
    statement::Statement,
    wire::{ClaimRequest, ClaimResponse, Leased, Receipt},
};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

/// The most deliveries of one claim.
const LONGEST_CLAIM: u32 = 500;

/// How often one claim leases anew because all that it got had no try left.
const ROUNDS: u32 = 16;

/// The shortest and the longest lease, in milliseconds.
const LEASE_MS: std::ops::RangeInclusive<u32> = 100..=900_000;

impl Outbox {
    /// Leases deliveries that are due, the longest due first. Of each consumer no more are leased at a time than the
    /// request allows, all claimers together. A delivery whose lease has run out is due again, later the more often it was
    /// tried.
    ///
    /// # Errors
    /// See [`DbError`]; what was leased then is due again when its lease has run out.
    pub async fn claim(&self, request: &ClaimRequest) -> Result<ClaimResponse, DbError> {
        let now = self.now();
        self.name(&request.consumers, now).await?;
        self.prune_in_time(now).await;
        let fresh = self.fresh(now).await?;
        let mut next = self.next_due(request).await?;
        let mut taken = Taken::default();
        let mut leased = Vec::new();
        if !fresh.deliveries.is_empty() || next.values().any(|next| *next <= now) {
            let again = &self.after_loss(request, now);
            for _ in 0..ROUNDS {
                let lease = |tx: Transaction| {
                    let deliveries = &fresh.deliveries;
                    async move {
                        route::insert(&tx, deliveries).await?;
                        lease(&tx, request, now, again).await
                    }
                };
                taken = self.0.db.transaction(lease).await?;
                let any = !taken.leased.is_empty();
                leased = self.without_exhausted(std::mem::take(&mut taken.leased)).await?;
                if !any || !leased.is_empty() {
                    break;
                }
            }
            if leased.is_empty() {
                next = self.next_due(request).await?;
            }
        }
        self.routed(&fresh.events, now).await?;
        let mut deliveries = self.with_events(leased, fresh.events).await?;
        deliveries.sort_by_key(|one| one.event.id);
        for Leased { consumer, attempt, event } in &deliveries {
            tracing::info!(event = %event.id, r#type = event.r#type, consumer, attempt, "claimed");
        }
        let ahead = if deliveries.is_empty() { taken.next_free(request, &next) } else { None };
        let wait_ms = ahead.map(|next| u64::try_from(next.since(now).as_millis()).unwrap_or(u64::MAX));
        Ok(ClaimResponse { deliveries, wait_ms })
    }

    /// When the next delivery to each consumer of the request is due, or was.
    async fn next_due(&self, request: &ClaimRequest) -> Result<BTreeMap<String, Timestamp>, DbError> {
        if request.per_consumer.is_empty() {
            return Ok(BTreeMap::new());
        }
        let least = Statement::default().each(" UNION ALL ", request.per_consumer.keys(), |it, consumer| {
            it.text("SELECT consumer, next_at FROM (SELECT consumer, next_at FROM outbox_deliveries WHERE consumer = ")
                .bind(consumer)
                .text(" AND next_at IS NOT NULL ORDER BY next_at LIMIT 1) AS soonest")
        });
        let mut next = BTreeMap::new();
        for row in self.query(least).await? {
            next.insert(row.get("consumer")?, Timestamp::from_millis(row.get("next_at")?));
        }
        Ok(next)
    }

    /// When what is leased now may be tried again if it is never acknowledged: for each number of tries that were made
    /// before, but those after the last one, which is given up as soon as its lease has run out.
    fn after_loss(&self, request: &ClaimRequest, now: Timestamp) -> Vec<Timestamp> {
        let until = lease_end(request, now);
        (1..TRIES).map(|attempt| until.max(now + backoff::lost(attempt, &*self.0.random))).collect()
    }

    /// Gives up what has no try left: the last one ended with its process.
    async fn without_exhausted(&self, leased: Vec<Receipt>) -> Result<Vec<Receipt>, DbError> {
        let (exhausted, leased): (Vec<_>, Vec<_>) = leased.into_iter().partition(|it| it.attempt > TRIES);
        for receipt in exhausted {
            self.bury(receipt, super::LAST_TRY_LOST).await?;
        }
        Ok(leased)
    }

    /// Puts events to leases; those that are not among `known` are read.
    async fn with_events(&self, leased: Vec<Receipt>, known: Vec<Event>) -> Result<Vec<Leased>, DbError> {
        let mut events: BTreeMap<Uuid, Event> = known.into_iter().map(|event| (event.id, event)).collect();
        let missing: Vec<_> = leased.iter().map(|it| it.event).filter(|id| !events.contains_key(id)).collect();
        if !missing.is_empty() {
            events.extend(self.events(&missing).await?.into_iter().map(|event| (event.id, event)));
        }
        let with_event = |Receipt { event, consumer, attempt }| {
            Some(Leased { consumer, attempt, event: events.get(&event)?.clone() })
        };
        Ok(leased.into_iter().filter_map(with_event).collect())
    }
}

/// What one try to lease came to.
#[derive(Debug, Default)]
struct Taken {
    leased: Vec<Receipt>,
    /// Of whom as many are leased as they bear, and when the first of these leases runs out.
    full: BTreeMap<String, Timestamp>,
}

impl Taken {
    /// When the first delivery may be leased of those that are next.
    fn next_free(&self, request: &ClaimRequest, next: &BTreeMap<String, Timestamp>) -> Option<Timestamp> {
        let asked =
            |consumer: &str| request.limit > 0 && request.per_consumer.get(consumer).is_some_and(|most| *most > 0);
        let free = |(consumer, due): (&String, &Timestamp)| self.full.get(consumer).map_or(*due, |free| *free.max(due));
        next.iter().filter(|(consumer, _)| asked(consumer)).map(free).min()
    }
}

fn lease_end(request: &ClaimRequest, now: Timestamp) -> Timestamp {
    now + Duration::from_millis(request.lease_ms.clamp(*LEASE_MS.start(), *LEASE_MS.end()).into())
}

/// Leases what is due, within the bounds. `again` says when each is due if nothing is heard of it, by the number of tries
/// that were made before.
async fn lease(
    tx: &Transaction,
    request: &ClaimRequest,
    now: Timestamp,
    again: &[Timestamp],
) -> Result<Taken, DbError> {
    let live = "SELECT consumer, COUNT(*) AS n, MIN(leased_until) AS first_end
        FROM outbox_deliveries WHERE leased_until > $1 GROUP BY consumer";
    let mut leases: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in tx.query(live, [now.as_millis().into()]).await? {
        leases.insert(row.get("consumer")?, (row.get("n")?, row.get("first_end")?));
    }
    let mut left = i64::from(request.limit.min(LONGEST_CLAIM));
    let (mut shares, mut full) = (Vec::new(), BTreeMap::new());
    for (consumer, most) in &request.per_consumer {
        let (live, first_end) = leases.get(consumer).copied().unwrap_or_default();
        let free = i64::from(*most) - live;
        if free <= 0 && live > 0 {
            full.insert(consumer.clone(), Timestamp::from_millis(first_end));
        }
        let share = free.min(left);
        if share > 0 {
            left -= share;
            shares.push((consumer, share));
        }
    }
    if shares.is_empty() {
        return Ok(Taken { leased: Vec::new(), full });
    }
    let until = lease_end(request, now).as_millis();
    let update = Statement::new("UPDATE outbox_deliveries SET attempt = attempt + 1, leased_until = ")
        .bind(until)
        .text(", next_at = CASE attempt")
        .each("", again.iter().enumerate(), |it, (tries, at)| {
            it.text(&format!(" WHEN {tries} THEN CAST(")).bind(at.as_millis()).text(" AS BIGINT)")
        })
        .text(" ELSE CAST(")
        .bind(until)
        .text(" AS BIGINT) END WHERE next_at <= ")
        .bind(now.as_millis())
        .text(" AND (event_id, consumer) IN (")
        .each(" UNION ALL ", shares, |it, (consumer, share)| {
            it.text(
                "SELECT event_id, consumer FROM (SELECT event_id, consumer FROM outbox_deliveries WHERE consumer = ",
            )
            .bind(consumer)
            .text(" AND next_at <= ")
            .bind(now.as_millis())
            .text(" ORDER BY next_at, event_id LIMIT ")
            .bind(share)
            .text(") AS due")
        })
        .text(") RETURNING event_id, consumer, attempt");
    let rows = tx.query(&update.sql, update.params).await?;
    let leased = rows.iter().map(|row| {
        let (event, consumer, attempt) = (row.get("event_id")?, row.get("consumer")?, row.get("attempt")?);
        Ok(Receipt { event, consumer, attempt })
    });
    Ok(Taken { leased: leased.collect::<Result<_, DbError>>()?, full })
}
