//! A body that comes no faster than it is taken. The parser of forms would read ahead without end, as long as there is something
//! to read, and hold all of it.

use axum::BoxError;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

/// How many bytes came that were not passed on, and how many there may be. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    spent: Arc<AtomicUsize>,
    most: usize,
}

impl Budget {
    pub(super) fn of(most: usize) -> Self {
        Self { spent: Arc::default(), most }
    }

    pub(super) fn unlimited() -> Self {
        Self::of(usize::MAX)
    }

    fn spend(&self, bytes: usize) {
        self.spent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// These bytes were passed on and are held no longer.
    pub(super) fn give_back(&self, bytes: usize) {
        self.spent.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed) > self.most
    }
}

/// More came than the budget allows.
#[derive(Debug)]
pub(super) struct Excess;

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many bytes that nobody takes")
    }
}

impl std::error::Error for Excess {}

/// Gives one piece each time that it is asked for some, and asks to be asked again.
pub(super) struct Paced<S> {
    body: S,
    budget: Budget,
    rests: bool,
    /// Whether the budget was spent when it was last asked.
    spent: bool,
}

impl<S> Paced<S> {
    pub(super) fn new(body: S, budget: Budget) -> Self {
        Self { body, budget, rests: false, spent: false }
    }
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Stream for Paced<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        // A piece may be longer than the budget. What counts is whether it is passed on before there is another one; who has just
        // got it has had no time to.
        if self.budget.is_spent() {
            if std::mem::replace(&mut self.spent, true) {
                return Poll::Ready(Some(Err(Excess.into())));
            }
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.spent = false;
        let piece = self.body.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(piece))) = &piece {
            self.rests = true;
            self.budget.spend(piece.len());
        }
        piece.map_err(BoxError::from)
    }
}
