//! What came of leased deliveries.

use super::{CHUNK, Hooks, Outbox, TRIES, backoff};
use crate::{
    statement::Statement,
    wire::{AckRequest, ConsumerStats, Failed, Receipt},
};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

/// Why a delivery was given up whose last try nobody acknowledged.
pub const LAST_TRY_LOST: &str = "the last try was never acknowledged: whoever made it ended before it was over";

/// The most bytes of an error that are kept.
const LONGEST_ERROR: usize = 1000;

/// Tries of the same number to the same consumer: they are settled by one statement.
type Group<T> = BTreeMap<(String, u32), Vec<T>>;

impl Outbox {
    /// Records what came of leased deliveries, and says how many of them still had their lease. What lost it to another
    /// try changes nothing.
    ///
    /// # Errors
    /// See [`DbError`]; what is not recorded then is due again when its lease has run out.
    pub async fn acknowledge(&self, request: AckRequest) -> Result<u64, DbError> {
        let AckRequest { delivered, mut failed, returned } = request;
        let mut settled = match &self.0.hooks {
            None => self.delivered(delivered).await?,
            Some(hooks) => {
                let (settled, refused) = self.confirmed(hooks.as_ref(), &delivered).await?;
                failed.extend(refused);
                settled
            }
        };
        let (last, again): (Vec<_>, Vec<_>) = failed.into_iter().partition(|it| it.attempt >= TRIES);
        settled += self.failed(again).await?;
        settled += self.returned(returned).await?;
        for Failed { event, consumer, attempt, error } in last {
            settled += u64::from(self.bury(Receipt { event, consumer, attempt }, &error).await?);
        }
        Ok(settled)
    }

    async fn delivered(&self, receipts: Vec<Receipt>) -> Result<u64, DbError> {
        let now = self.now();
        let mut settled = 0;
        for ((consumer, attempt), events) in by_try(receipts) {
            let mut of_consumer = 0;
            for events in events.chunks(CHUNK) {
                of_consumer += self.execute(delivered(&consumer, attempt, events, now)).await?;
            }
            self.count(&consumer, ConsumerStats { delivered_total: of_consumer, ..ConsumerStats::default() }).await;
            settled += of_consumer;
        }
        Ok(settled)
    }

    /// Records as delivered what the service confirms; gives back the rest, with its reasons.
    async fn confirmed(&self, hooks: &dyn Hooks, receipts: &[Receipt]) -> Result<(u64, Vec<Failed>), DbError> {
        let now = self.now();
        let (settled, refused) = self
            .0
            .db
            .transaction(|tx| async move {
                let (mut confirmed, mut refused) = (Vec::new(), Vec::new());
                for receipt in receipts.iter().cloned() {
                    match hooks.delivered(&tx, receipt.event, &receipt.consumer).await? {
                        Ok(()) => confirmed.push(receipt),
                        Err(error) => {
                            let Receipt { event, consumer, attempt } = receipt;
                            refused.push(Failed { event, consumer, attempt, error });
                        }
                    }
                }
                let mut settled = BTreeMap::new();
                for ((consumer, attempt), events) in by_try(confirmed) {
                    let update = delivered(&consumer, attempt, &events, now);
                    *settled.entry(consumer).or_insert(0) += tx.execute(&update.sql, update.params).await?;
                }
                Ok::<_, DbError>((settled, refused))
            })
            .await?;
        for (consumer, count) in &settled {
            self.count(consumer, ConsumerStats { delivered_total: *count, ..ConsumerStats::default() }).await;
        }
        Ok((settled.values().sum(), refused))
    }

    /// Puts failed tries back, each for a while.
    async fn failed(&self, failures: Vec<Failed>) -> Result<u64, DbError> {
        let now = self.now();
        let mut groups: Group<(Uuid, i64, String)> = Group::new();
        for Failed { event, consumer, attempt, error } in failures {
            tracing::warn!(%event, consumer, attempt, error, "a delivery failed and is tried again");
            let next = now + backoff::pause(attempt, &*self.0.random);
            groups.entry((consumer, attempt)).or_default().push((event, next.as_millis(), shortened(&error)));
        }
        let mut settled = 0;
        for ((consumer, attempt), failures) in groups {
            let mut of_consumer = 0;
            for failures in failures.chunks(CHUNK) {
                of_consumer += self.execute(put_back(&consumer, attempt, failures)).await?;
            }
            self.count(&consumer, ConsumerStats { retried_total: of_consumer, ..ConsumerStats::default() }).await;
            settled += of_consumer;
        }
        Ok(settled)
    }

    /// Puts back what was not tried, as if it had not been leased.
    async fn returned(&self, receipts: Vec<Receipt>) -> Result<u64, DbError> {
        let now = self.now();
        let mut settled = 0;
        for ((consumer, attempt), events) in by_try(receipts) {
            for events in events.chunks(CHUNK) {
                let update = Statement::new(
                    "UPDATE outbox_deliveries SET attempt = attempt - 1, leased_until = NULL, next_at = ",
                );
                settled += self.execute(of_try(update.bind(now.as_millis()), &consumer, attempt, events)).await?;
            }
        }
        Ok(settled)
    }

    /// Gives a delivery up, in one transaction with what the service does about it. The row stays to be seen. False for a
    /// try that has lost its lease.
    pub(super) async fn bury(&self, receipt: Receipt, error: &str) -> Result<bool, DbError> {
        let (receipt, error, now) = (&receipt, &shortened(error), self.now().as_millis());
        let hooks = self.0.hooks.as_deref();
        let buried = self.0.db.transaction(|tx| async move { bury(&tx, receipt, error, now, hooks).await }).await?;
        let Receipt { event, consumer, attempt } = receipt;
        if buried {
            tracing::error!(%event, consumer, attempt, error, "a delivery is given up: a dead letter");
            self.count(consumer, ConsumerStats { dead_total: 1, ..ConsumerStats::default() }).await;
        }
        Ok(buried)
    }

    /// Adds to the totals of a consumer. They are for people who watch, so a failure is only logged.
    async fn count(&self, consumer: &str, by: ConsumerStats) {
        if (by.delivered_total, by.retried_total, by.dead_total) == (0, 0, 0) {
            return;
        }
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let upsert = Statement::new("INSERT INTO outbox_totals (consumer, delivered, retried, dead) VALUES ")
            .list([
                consumer.into(),
                count(by.delivered_total).into(),
                count(by.retried_total).into(),
                count(by.dead_total).into(),
            ])
            .text(
                " ON CONFLICT (consumer) DO UPDATE SET delivered = outbox_totals.delivered + excluded.delivered,
                 retried = outbox_totals.retried + excluded.retried, dead = outbox_totals.dead + excluded.dead",
            );
        if let Err(error) = self.execute(upsert).await {
            tracing::warn!(consumer, %error, "deliveries were not counted");
        }
    }
}

async fn bury(
    tx: &Transaction,
    Receipt { event, consumer, attempt }: &Receipt,
    error: &str,
    now: i64,
    hooks: Option<&dyn Hooks>,
) -> Result<bool, DbError> {
    let sql = "UPDATE outbox_deliveries SET dead_at = $1, next_at = NULL, leased_until = NULL, last_error = $2
        WHERE event_id = $3 AND consumer = $4 AND attempt = $5 AND next_at IS NOT NULL";
    let params = [now.into(), error.into(), (*event).into(), consumer.into(), (*attempt).into()];
    let buried = tx.execute(sql, params).await? == 1;
    if buried && let Some(hooks) = hooks {
        hooks.dead(tx, *event, consumer).await?;
    }
    Ok(buried)
}

fn by_try(receipts: Vec<Receipt>) -> Group<Uuid> {
    let mut groups = Group::new();
    for Receipt { event, consumer, attempt } in receipts {
        groups.entry((consumer, attempt)).or_default().push(event);
    }
    groups
}

fn delivered(consumer: &str, attempt: u32, events: &[Uuid], now: Timestamp) -> Statement {
    let update = Statement::new(
        "UPDATE outbox_deliveries SET next_at = NULL, leased_until = NULL, last_error = NULL, delivered_at = ",
    );
    of_try(update.bind(now.as_millis()), consumer, attempt, events)
}

/// Adds the condition that a delivery is open and this is its last try.
fn of_try(update: Statement, consumer: &str, attempt: u32, events: &[Uuid]) -> Statement {
    update
        .text(" WHERE next_at IS NOT NULL AND consumer = ")
        .bind(consumer)
        .text(" AND attempt = ")
        .bind(attempt)
        .text(" AND event_id IN ")
        .list(events.iter().map(|event| (*event).into()))
}

fn put_back(consumer: &str, attempt: u32, failures: &[(Uuid, i64, String)]) -> Statement {
    let events: Vec<_> = failures.iter().map(|(event, _, _)| *event).collect();
    let update = Statement::new("UPDATE outbox_deliveries SET leased_until = NULL, next_at = CASE event_id")
        .each("", failures, |it, (event, next, _)| {
            it.text(" WHEN ").bind(*event).text(" THEN CAST(").bind(*next).text(" AS BIGINT)")
        })
        .text(" END, last_error = CASE event_id")
        .each("", failures, |it, (event, _, error)| it.text(" WHEN ").bind(*event).text(" THEN ").bind(error))
        .text(" END");
    of_try(update, consumer, attempt, &events)
}

fn shortened(error: &str) -> String {
    // PostgreSQL keeps no text that holds a zero byte.
    let mut error = error.replace('\0', "\u{fffd}");
    error.truncate(error.floor_char_boundary(LONGEST_ERROR));
    error
}
