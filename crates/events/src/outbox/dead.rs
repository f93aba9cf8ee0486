//! Dead letters: seeing them, and having them delivered after all.

use super::Outbox;
use crate::{
    Event,
    event::column,
    statement::Statement,
    wire::{DeadLetter, ReplayRequest},
};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::DbError;

impl Outbox {
    /// At most `limit` dead letters after `(event, consumer)`, the oldest event first.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn dead_letters(&self, after: Option<&(Uuid, String)>, limit: u32) -> Result<Vec<DeadLetter>, DbError> {
        let (event, consumer) = after.map_or_else(Default::default, |(event, to)| (event.to_string(), to.clone()));
        let sql = "SELECT d.consumer, d.attempt, d.last_error, d.dead_at,
                e.id, e.source, e.type, e.subject, e.data, e.made_at
            FROM outbox_deliveries d JOIN outbox_events e ON e.id = d.event_id
            WHERE d.dead_at IS NOT NULL AND (d.event_id, d.consumer) > ($1, $2)
            ORDER BY d.event_id, d.consumer LIMIT $3";
        let rows = self.0.db.query(sql, [event.into(), consumer.into(), limit.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(DeadLetter {
                    consumer: row.get("consumer")?,
                    attempts: row.get("attempt")?,
                    last_error: row.get("last_error")?,
                    dead_at: Timestamp::from_millis(row.get("dead_at")?),
                    event: Event::from_row(row)?,
                })
            })
            .collect()
    }

    /// Makes dead letters due at once, with all their tries, and says how many.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn replay(&self, which: &ReplayRequest) -> Result<u64, DbError> {
        let mut update =
            Statement::new("UPDATE outbox_deliveries SET attempt = 0, dead_at = NULL, last_error = NULL, next_at = ")
                .bind(self.now().as_millis())
                .text(" WHERE dead_at IS NOT NULL");
        if let Some(event) = which.event {
            update = update.text(" AND event_id = ").bind(event);
        }
        if let Some(consumer) = &which.consumer {
            update = update.text(" AND consumer = ").bind(consumer);
        }
        let rows = self.query(update.text(" RETURNING event_id, consumer")).await?;
        let (events, consumers) = (column::<Uuid>(&rows, "event_id")?, column::<String>(&rows, "consumer")?);
        for (event, consumer) in events.iter().zip(&consumers) {
            tracing::info!(%event, consumer, "a dead letter is delivered after all");
        }
        Ok(rows.len() as u64)
    }
}
