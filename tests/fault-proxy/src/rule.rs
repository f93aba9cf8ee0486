//! Which requests are broken, and how.

use std::{fmt, sync::Arc, time::Duration};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server is not asked; the answer has this status and no body. The request's body is read.
    Status(u16),
    /// The connection is closed without an answer, and the server is not asked.
    HangUp,
    /// The server does its work, but the connection is closed without an answer.
    LoseAnswer,
    /// There is no answer as long as the connection lasts, and the server is not asked.
    Stall,
    /// The connection is closed after so many bytes of the answer's body, whose head announced all of them.
    TruncateAnswer(u64),
    /// Nothing comes any more after so many bytes of the answer's body.
    StallAnswer(u64),
    /// The server is asked later.
    Delay(Duration),
}

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Such as `GET`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Empty if there is none.
    pub query: String,
    /// The length of its body, if its head said so.
    pub length: Option<u64>,
    /// What was done to it.
    pub fault: Option<Fault>,
}

/// Breaks the requests that it fits. The first rule that fits counts.
#[derive(Clone)]
pub struct Rule {
    fault: Fault,
    fits: Arc<dyn Fn(&Seen) -> bool + Send + Sync>,
    left: Option<u32>,
}

impl Rule {
    /// Breaks every request.
    #[must_use]
    pub fn every(fault: Fault) -> Self {
        Self::when(fault, |_| true)
    }

    /// Breaks the requests of which `fits` is true.
    #[must_use]
    pub fn when(fault: Fault, fits: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        Self { fault, fits: Arc::new(fits), left: None }
    }

    /// Breaks only so many of them.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }

    /// What to do with this request, which counts as done.
    pub(crate) fn apply(&mut self, seen: &Seen) -> Option<Fault> {
        if self.left == Some(0) || !(self.fits)(seen) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(self.fault)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?} times", self.fault, self.left)
    }
}
