//! Dead letters: seeing them, and having them delivered after all.

use super::{Hooks, Outbox};
use crate::{
    Event,
    statement::Statement,
    wire::{DeadLetter, ReplayRequest, ReplayResponse},
};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

/// Dead letters that one call replays at most: a transaction that is over soon, whatever the service does about each.
const REPLAYED_AT_ONCE: i64 = 500;

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

    /// Makes dead letters due at once, with all their tries: those of the oldest events first, at most 500.
    /// What the service does about it ([`super::Hooks::replayed`]) is in the same transaction. Left out are those to
    /// consumers that no relay names any more: nobody would deliver them.
    ///
    /// # Errors
    /// See [`DbError`]; nothing is replayed then.
    pub async fn replay(&self, which: &ReplayRequest) -> Result<ReplayResponse, DbError> {
        let (now, hooks) = (self.now(), self.0.hooks.as_deref());
        let (replayed, more) = self.0.db.transaction(|tx| async move { replay(&tx, which, now, hooks).await }).await?;
        for (event, consumer) in &replayed {
            tracing::info!(%event, consumer, "a dead letter is delivered after all");
        }
        Ok(ReplayResponse { replayed: replayed.len() as u64, more })
    }
}

/// What was replayed, and whether more could be.
async fn replay(
    tx: &Transaction,
    which: &ReplayRequest,
    now: Timestamp,
    hooks: Option<&dyn Hooks>,
) -> Result<(Vec<(Uuid, String)>, bool), DbError> {
    let update =
        Statement::new("UPDATE outbox_deliveries SET attempt = 0, dead_at = NULL, last_error = NULL, next_at = ")
            .bind(now.as_millis())
            .text(" WHERE dead_at IS NOT NULL AND (event_id, consumer) IN (");
    let update = replayable(update, which, REPLAYED_AT_ONCE).text(") RETURNING event_id, consumer");
    let rows = tx.query(&update.sql, update.params).await?;
    let replayed = rows.iter().map(|row| Ok::<_, DbError>((row.get("event_id")?, row.get("consumer")?)));
    let replayed = replayed.collect::<Result<Vec<(Uuid, String)>, _>>()?;
    if let Some(hooks) = hooks {
        for (event, consumer) in &replayed {
            hooks.replayed(tx, *event, consumer).await?;
        }
    }
    let full = i64::try_from(replayed.len()).is_ok_and(|count| count >= REPLAYED_AT_ONCE);
    let rest = replayable(Statement::default(), which, 1);
    let more = full && tx.query_one(&rest.sql, rest.params).await?.is_some();
    Ok((replayed, more))
}

/// Adds the selection of at most `limit` dead letters that are meant and have somebody who delivers them.
fn replayable(mut statement: Statement, which: &ReplayRequest, limit: i64) -> Statement {
    statement = statement.text(
        "SELECT event_id, consumer FROM outbox_deliveries WHERE dead_at IS NOT NULL
         AND consumer IN (SELECT consumer FROM outbox_subscriptions)",
    );
    if let Some(event) = which.event {
        statement = statement.text(" AND event_id = ").bind(event);
    }
    if let Some(consumer) = &which.consumer {
        statement = statement.text(" AND consumer = ").bind(consumer);
    }
    statement.text(" ORDER BY event_id, consumer LIMIT ").bind(limit)
}
