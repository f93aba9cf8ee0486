//! The path of events, from the transaction that an event is about to its effect at each consumer.
//!
//! A service appends an [`Event`] to its **outbox** in the transaction of the change that the event is about, and rings
//! ([`Ring`]) after the commit. The relay claims deliveries over [`outbox_router`], each with a lease, brings them to their
//! consumers and acknowledges them. A consumer records the event in its **inbox** in the transaction of the effect
//! ([`consumer_router`]), so an event that is delivered twice takes effect once.
//!
//! Nothing is lost with a process: what was claimed and not acknowledged is due again when its lease has run out; what
//! fails is tried again, later each time, and after [`TRIES`] tries kept as a dead letter that can be replayed. A ring says
//! only "look", so one that is lost, doubled or late costs time and nothing else. Order is not promised.
#![forbid(unsafe_code)]

mod bell;
mod consumer;
mod event;
mod http;
mod inbox;
mod outbox;
mod outside;
mod pruning;
mod ring;
mod statement;
#[cfg(feature = "suite")]
pub mod suite;
pub mod wire;

pub use bell::{Bell, Turn};
pub use consumer::{Consumer, Handler, OneEvent, Refusal, consumer_router};
pub use event::{BATCH_TYPE, EVENT_TYPE, Event, InvalidEvent, LONGEST_DATA};
pub use http::outbox_router;
pub use inbox::{INBOX_SQL, Inbox};
pub use outbox::{Hooks, LAST_TRY_LOST, OUTBOX_SQL, Outbox, RETENTION, TRIES};
pub use outside::{OutsideError, ring_from_outside};
pub use ring::{ChainedRing, NoRing, Ring, Spawn, committed};
