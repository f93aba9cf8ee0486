//! One instance of a component: its store's data, what it may use up, and how long it lives.

mod call;
mod handler;
mod lifetime;
mod meter;
mod once;
mod state;
mod vitals;

pub use call::{Call, Ending};
pub use handler::GuestHandler;
pub use meter::{EPOCH, Meter};
pub use once::{call_once, try_once};
pub use state::{InstanceState, note_caller};
