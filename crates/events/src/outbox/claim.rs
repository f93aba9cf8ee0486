//! Leasing deliveries that are due.

use super::{Outbox, TRIES, route};
use crate::{
    Event,
    statement::Statement,
    wire::{ClaimRequest, ClaimResponse, Leased, Receipt},
};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

/// The most deliveries of one claim.
const LONGEST_CLAIM: u32 = 500;

/// The shortest and the longest lease, in milliseconds.
const LEASE_MS: std::ops::RangeInclusive<u32> = 100..=900_000;

impl Outbox {
    /// Leases deliveries that are due, the longest due first. Of each consumer no more are leased at a time than the
    /// request allows, all claimers together. A delivery whose lease has run out is due again.
    ///
    /// # Errors
    /// See [`DbError`]; what was leased then is due again when its lease has run out.
    pub async fn claim(&self, request: &ClaimRequest) -> Result<ClaimResponse, DbError> {
        let now = self.now();
        self.name(&request.consumers, now).await?;
        self.prune_in_time(now).await;
        let fresh = self.fresh(now).await?;
        let next = self.next_due(request).await?;
        let mut leased = Vec::new();
        if !fresh.deliveries.is_empty() || next.is_some_and(|next| next <= now) {
            let lease = |tx: Transaction| {
                let deliveries = &fresh.deliveries;
                async move {
                    route::insert(&tx, deliveries).await?;
                    lease(&tx, request, now).await
                }
            };
            leased = self.0.db.transaction(lease).await?;
        }
        self.routed(&fresh.events, now).await?;
        let leased = self.without_exhausted(leased).await?;
        let mut deliveries = self.with_events(leased, fresh.events).await?;
        deliveries.sort_by_key(|one| one.event.id);
        for Leased { consumer, attempt, event } in &deliveries {
            tracing::info!(event = %event.id, r#type = event.r#type, consumer, attempt, "claimed");
        }
        let ahead = next.filter(|next| deliveries.is_empty() && *next > now);
        let wait_ms = ahead.map(|next| u64::try_from(next.since(now).as_millis()).unwrap_or(u64::MAX));
        Ok(ClaimResponse { deliveries, wait_ms })
    }

    /// When the next delivery to a consumer of the request is due, or was.
    async fn next_due(&self, request: &ClaimRequest) -> Result<Option<Timestamp>, DbError> {
        if request.per_consumer.is_empty() {
            return Ok(None);
        }
        let least = Statement::default().each(" UNION ALL ", request.per_consumer.keys(), |it, consumer| {
            it.text("SELECT MIN(next_at) AS next_at FROM outbox_deliveries WHERE next_at IS NOT NULL AND consumer = ")
                .bind(consumer)
        });
        let mut next = None;
        for row in self.query(least).await? {
            if let Some(at) = row.get::<Option<i64>>("next_at")? {
                next = Some(next.map_or(at, |next: i64| next.min(at)));
            }
        }
        Ok(next.map(Timestamp::from_millis))
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

/// Leases what is due, within the bounds.
async fn lease(tx: &Transaction, request: &ClaimRequest, now: Timestamp) -> Result<Vec<Receipt>, DbError> {
    let live = "SELECT consumer, COUNT(*) AS n FROM outbox_deliveries WHERE leased_until > $1 GROUP BY consumer";
    let mut leases: BTreeMap<String, i64> = BTreeMap::new();
    for row in tx.query(live, [now.as_millis().into()]).await? {
        leases.insert(row.get("consumer")?, row.get("n")?);
    }
    let mut left = i64::from(request.limit.min(LONGEST_CLAIM));
    let mut shares = Vec::new();
    for (consumer, most) in &request.per_consumer {
        let free = i64::from(*most) - leases.get(consumer).copied().unwrap_or(0);
        let share = free.min(left);
        if share > 0 {
            left -= share;
            shares.push((consumer, share));
        }
    }
    if shares.is_empty() {
        return Ok(Vec::new());
    }
    let until = i64::from(request.lease_ms.clamp(*LEASE_MS.start(), *LEASE_MS.end())) + now.as_millis();
    let update = Statement::new("UPDATE outbox_deliveries SET attempt = attempt + 1, leased_until = ")
        .bind(until)
        .text(", next_at = ")
        .bind(until)
        .text(" WHERE next_at <= ")
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
    rows.iter()
        .map(|row| {
            let (event, consumer, attempt) = (row.get("event_id")?, row.get("consumer")?, row.get("attempt")?);
            Ok(Receipt { event, consumer, attempt })
        })
        .collect()
}
