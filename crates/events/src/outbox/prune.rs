//! Forgetting what is over.

use super::{Outbox, route::FORGOTTEN_AFTER};
use crate::{
    event::{column, first_id_at},
    statement::Statement,
    wire::Receipt,
};
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::DbError;

/// How long an event is kept after its last delivery.
pub const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// The age at which an event is forgotten although a delivery of it is a dead letter. Shorter than an inbox remembers, so
/// that whatever is replayed is known where it took effect.
const DEAD_RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// How often an instance looks for what is old, when the last look found little.
const EVERY: Duration = Duration::from_secs(60);

/// Rows that one look takes away at most.
const AT_ONCE: usize = 500;

impl Outbox {
    /// Takes away what is old, now and then.
    pub(super) async fn prune_in_time(&self, now: Timestamp) {
        self.0.pruning.in_time(now, EVERY, AT_ONCE as u64, self.prune()).await;
    }

    /// Takes away a batch of events whose deliveries all ended long enough ago, and says how many there were. Gives up
    /// deliveries to consumers that are no more.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn prune(&self) -> Result<u64, DbError> {
        let now = self.now();
        self.retire(now).await?;
        self.forget_dead(now).await?;
        let before = now - RETENTION;
        let ended = Statement::new("SELECT e.id FROM outbox_events e WHERE e.routed_at IS NOT NULL AND e.id < ")
            .bind(first_id_at(before))
            .text(
                " AND NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.event_id = e.id
                 AND (d.delivered_at IS NULL OR d.delivered_at > ",
            )
            .bind(before.as_millis())
            .text(")) ORDER BY e.id LIMIT ")
            .bind(AT_ONCE as i64);
        let ids = self.ids(ended).await?;
        if !ids.is_empty() {
            // Deliveries first: an event without any is found again.
            let delete = |sql| Statement::new(sql).list(ids.iter().map(|id| (*id).into()));
            self.execute(delete("DELETE FROM outbox_deliveries WHERE event_id IN ")).await?;
            self.execute(delete("DELETE FROM outbox_events WHERE id IN ")).await?;
            tracing::info!(count = ids.len(), "pruned events");
        }
        Ok(ids.len() as u64)
    }

    /// Dead letters that nobody has cared for in a month.
    async fn forget_dead(&self, now: Timestamp) -> Result<(), DbError> {
        let delete = Statement::new("DELETE FROM outbox_deliveries WHERE dead_at IS NOT NULL AND event_id < ")
            .bind(first_id_at(now - DEAD_RETENTION));
        let forgotten = self.execute(delete).await?;
        if forgotten > 0 {
            tracing::warn!(count = forgotten, "dead letters that were never replayed are forgotten");
        }
        Ok(())
    }

    /// Deliveries to consumers that no relay has named for a long time.
    async fn retire(&self, now: Timestamp) -> Result<(), DbError> {
        let before = (now - FORGOTTEN_AFTER).as_millis();
        let gone = "SELECT consumer FROM outbox_subscriptions GROUP BY consumer HAVING MAX(seen_at) <= $1";
        for consumer in column::<String>(&self.0.db.query(gone, [before.into()]).await?, "consumer")? {
            let open = Statement::new(
                "SELECT event_id, attempt FROM outbox_deliveries WHERE next_at IS NOT NULL AND consumer = ",
            )
            .bind(&consumer)
            .text(" ORDER BY next_at LIMIT ")
            .bind(AT_ONCE as i64);
            let rows = self.query(open).await?;
            for row in &rows {
                let (event, attempt) = (row.get::<Uuid>("event_id")?, row.get("attempt")?);
                let receipt = Receipt { event, consumer: consumer.clone(), attempt };
                self.bury(receipt, "no relay delivers to this consumer any more").await?;
            }
            if rows.len() < AT_ONCE {
                let forget = Statement::new("DELETE FROM outbox_subscriptions WHERE consumer = ")
                    .bind(&consumer)
                    .text(" AND seen_at <= ")
                    .bind(before)
                    // What is replayed meanwhile is given up by the next look, which must find the name then.
                    .text(" AND NOT EXISTS (SELECT 1 FROM outbox_deliveries WHERE next_at IS NOT NULL AND consumer = ")
                    .bind(&consumer)
                    .text(")");
                self.execute(forget).await?;
            }
        }
        Ok(())
    }
}
