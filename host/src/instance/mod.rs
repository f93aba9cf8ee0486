//! One instance of a component: its store's data, what it may use up, and how long it lives.

mod call;
mod handler;
mod lifetime;
mod meter;
mod state;
mod vitals;

pub use call::{Call, Ending};
pub use handler::{GuestHandler, store};
pub use meter::{EPOCH, Meter};
pub use state::{InstanceState, note_caller};
