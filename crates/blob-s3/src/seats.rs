//! How many puts may hold a large buffer at a time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// An instance takes in many blobs at once, and its memory is bounded. Who finds no seat goes on with a smaller buffer.
const SEATS: usize = 4;

/// The seats that are taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<AtomicUsize>);

/// A seat; dropping it frees it.
#[derive(Debug)]
pub(crate) struct Seat(Arc<AtomicUsize>);

impl Seats {
    /// A seat, if one is free.
    pub(crate) fn take(&self) -> Option<Seat> {
        let taken =
            self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |taken| (taken < SEATS).then_some(taken + 1));
        taken.ok().map(|_| Seat(Arc::clone(&self.0)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_that_is_freed_can_be_taken() {
        let seats = Seats::default();
        let mut taken: Vec<_> = (0..SEATS).map(|_| seats.take().unwrap()).collect();
        assert!(seats.take().is_none());
        taken.pop();
        assert!(seats.take().is_some());
    }
}
