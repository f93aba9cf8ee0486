//! What keeps the sweeper from ringing: just what keeps anybody outside from it.

pub use vitrine_events::OutsideError as Error;
