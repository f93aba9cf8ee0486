//! What relay and outbox say to each other, as JSON.

use crate::Event;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// `POST /_outbox/claim`: asks for deliveries that are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimRequest {
    /// The whole table of the relay: event type → consumers. Whom it names for a type gets each event of that type that
    /// was not yet routed when it was named first.
    pub consumers: BTreeMap<String, Vec<String>>,
    /// For which consumers something is asked, and the most deliveries of each that may be leased at once, whoever has
    /// the leases.
    pub per_consumer: BTreeMap<String, u32>,
    /// The most deliveries that are leased now, of all consumers together.
    pub limit: u32,
    /// How long each is leased: longer than a delivery may take. Of what is not acknowledged until then, it is not known
    /// whether it took effect: it counts as a try that failed.
    pub lease_ms: u32,
}

/// What is answered to a claim.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClaimResponse {
    /// Oldest event first.
    pub deliveries: Vec<Leased>,
    /// If nothing was leased: how long it is until something may be, if anything will be due: until its time has come,
    /// and, where as many are leased as the consumer bears, until the first of those leases runs out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait_ms: Option<u64>,
}

/// A delivery, leased to who claimed it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Leased {
    /// To whom.
    pub consumer: String,
    /// Which try this is, from 1. An acknowledgement repeats it.
    pub attempt: u32,
    /// What.
    pub event: Event,
}

/// Names one try of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The event.
    pub event: Uuid,
    /// To whom it was delivered.
    pub consumer: String,
    /// Which try it was.
    pub attempt: u32,
}

/// A try that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// The event.
    pub event: Uuid,
    /// To whom it was to be delivered.
    pub consumer: String,
    /// Which try it was.
    pub attempt: u32,
    /// What went wrong, for who looks at dead letters.
    pub error: String,
}

/// `POST /_outbox/ack`: what came of leased deliveries. What lost its lease to another try changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AckRequest {
    /// Took effect.
    #[serde(default)]
    pub delivered: Vec<Receipt>,
    /// Did not.
    #[serde(default)]
    pub failed: Vec<Failed>,
    /// Was not tried after all. It is due again at once, and no try is counted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub returned: Vec<Receipt>,
}

/// What is answered to an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AckResponse {
    /// How many of the tries still had their lease.
    pub settled: u64,
}

/// A delivery that was given up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// To whom.
    pub consumer: String,
    /// Tries that were made.
    pub attempts: u32,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// When it was given up.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub dead_at: Timestamp,
    /// What.
    pub event: Event,
}

/// `GET /_outbox/dead`: a page of dead letters, oldest event first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeadLetters {
    /// The page.
    pub items: Vec<DeadLetter>,
    /// Asks for the next one; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_cursor: Option<String>,
}

/// `POST /_outbox/replay`: dead letters that are to be delivered after all, at once and with all their tries. Without any
/// field it means all of them. One call replays at most 500, those of the oldest events first. Dead letters to a consumer
/// that no relay names any more stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Only those of this event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<Uuid>,
    /// Only those to this consumer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consumer: Option<String>,
}

/// What is answered to a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayResponse {
    /// How many dead letters are due again.
    pub replayed: u64,
    /// Whether there are more of those that were asked for: ask again.
    pub more: bool,
}

/// `GET /_outbox/stats`: how an outbox is doing. What is counted by looking at rows is counted up to 100,000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Events whose deliveries have not been made.
    pub unrouted: u64,
    /// How long the oldest of those waits.
    pub unrouted_lag_ms: u64,
    /// By consumer.
    pub consumers: BTreeMap<String, ConsumerStats>,
}

/// How the deliveries to one consumer are doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConsumerStats {
    /// Waiting to be claimed.
    pub due: u64,
    /// Waiting for the time of their next try.
    pub waiting: u64,
    /// Leased.
    pub in_flight: u64,
    /// Given up and not replayed.
    pub dead: u64,
    /// How long the one that is due longest has been due.
    pub lag_ms: u64,
    /// Delivered since the outbox is there. (These three totals are written after what they count: a process that ends
    /// between the two leaves a few uncounted.)
    pub delivered_total: u64,
    /// Tries that failed and were not the last.
    pub retried_total: u64,
    /// Given up since the outbox is there.
    pub dead_total: u64,
}
