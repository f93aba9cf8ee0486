//! The Redis trigger: calls components for the messages of channels.
//!
//! Redis keeps no message for a listener that is away, and the host keeps none for a component that fails: whatever
//! must not be lost is a row in a table, and a message is only a reason to look there.

mod listen;
mod subscription;

pub use listen::run;
pub use subscription::{Subscription, subscriptions};
