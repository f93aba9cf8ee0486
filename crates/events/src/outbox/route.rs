//! Making the deliveries of an event: one for each consumer of its type.
//!
//! It is done when an event is claimed first, not when it is appended: the relay knows who consumes what, services do not.
//! Whom a relay has named is kept in a table, and an event is routed to all that are in it. So a consumer misses nothing
//! that is committed after any relay has named it first, even while an older relay, which does not know it, still claims.

use super::{CHUNK, Outbox};
use crate::{Event, statement::Statement};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
    time::Duration,
};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

/// Events that one claim routes at most.
const ROUTED_AT_ONCE: i64 = 256;

/// How long a consumer's name is not written again by the same instance.
const NAMED_FOR: Duration = Duration::from_secs(3600);

/// A consumer that no relay has named for so long is none any more.
pub(super) const FORGOTTEN_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// Events without deliveries, and the deliveries that they are to have.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    pub(super) events: Vec<Event>,
    pub(super) deliveries: Vec<(Uuid, String, Timestamp)>,
}

impl Outbox {
    /// Records who consumes what.
    pub(super) async fn name(&self, table: &BTreeMap<String, Vec<String>>, now: Timestamp) -> Result<(), DbError> {
        let pairs: BTreeSet<_> =
            table.iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind.clone(), name.clone()))).collect();
        let new: Vec<_> = {
            let named = self.0.named.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = |pair: &(String, String)| named.get(pair).is_none_or(|at| now.since(*at) >= NAMED_FOR);
            pairs.into_iter().filter(is_new).collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        for pairs in new.chunks(CHUNK) {
            let insert = Statement::new("INSERT INTO outbox_subscriptions (type, consumer, seen_at) VALUES ")
                .each(", ", pairs, |it, (kind, name)| it.list([kind.into(), name.into(), now.as_millis().into()]))
                .text(" ON CONFLICT (type, consumer) DO UPDATE SET seen_at = excluded.seen_at");
            self.execute(insert).await?;
        }
        let mut named = self.0.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.extend(new.into_iter().map(|pair| (pair, now)));
        Ok(())
    }

    /// Events that have no deliveries yet, the oldest first.
    pub(super) async fn fresh(&self, now: Timestamp) -> Result<Fresh, DbError> {
        let unrouted = Statement::new(
            "SELECT id, source, type, subject, data, made_at FROM outbox_events
             WHERE routed_at IS NULL ORDER BY id LIMIT ",
        )
        .bind(ROUTED_AT_ONCE);
        let rows = self.query(unrouted).await?;
        if rows.is_empty() {
            return Ok(Fresh::default());
        }
        let events = rows.iter().map(Event::from_row).collect::<Result<Vec<_>, _>>()?;
        let known = Statement::new("SELECT type, consumer FROM outbox_subscriptions WHERE seen_at > ")
            .bind((now - FORGOTTEN_AFTER).as_millis());
        let mut consumers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.query(known).await? {
            consumers.entry(row.get("type")?).or_default().push(row.get("consumer")?);
        }
        let of = |event: &Event| consumers.get(&event.r#type).map(Vec::as_slice).unwrap_or_default().to_vec();
        let deliveries =
            events.iter().flat_map(|event| of(event).into_iter().map(|consumer| (event.id, consumer, event.time)));
        let deliveries = deliveries.collect();
        Ok(Fresh { events, deliveries })
    }

    /// Says that these events have their deliveries. If this fails they are routed again, which changes nothing.
    pub(super) async fn routed(&self, events: &[Event], now: Timestamp) -> Result<(), DbError> {
        for events in events.chunks(CHUNK) {
            let update = Statement::new("UPDATE outbox_events SET routed_at = ")
                .bind(now.as_millis())
                .text(" WHERE id IN ")
                .list(events.iter().map(|event| event.id.into()));
            self.execute(update).await?;
        }
        Ok(())
    }
}

/// Writes deliveries that are due since their event was made. One that is there already stays as it is.
pub(super) async fn insert(tx: &Transaction, deliveries: &[(Uuid, String, Timestamp)]) -> Result<(), DbError> {
    for deliveries in deliveries.chunks(CHUNK) {
        let statement = Statement::new("INSERT INTO outbox_deliveries (event_id, consumer, attempt, next_at) VALUES ")
            .each(", ", deliveries, |it, (event, consumer, at)| {
                it.list([(*event).into(), consumer.into(), 0_i64.into(), at.as_millis().into()])
            })
            .text(" ON CONFLICT (event_id, consumer) DO NOTHING");
        tx.execute(&statement.sql, statement.params).await?;
    }
    Ok(())
}
