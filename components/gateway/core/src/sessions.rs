//! Whether the session of a token is live.

use crate::{Error, recent::Recent};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_clock::{Clock, Timer, timeout};
use vitrine_kv::KvError;
use vitrine_session::LiveSessions;

/// A session that was found to be live is not looked up again for so long; so a revoked one is refused within this time.
const REMEMBERED: Duration = Duration::from_millis(500);
/// How many are remembered; each takes about 100 bytes.
const CAPACITY: usize = 4096;
/// The store has this long to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The live sessions, and those that were seen a moment ago.
#[derive(Debug)]
pub(crate) struct Sessions {
    live: LiveSessions,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    recent: Recent<Uuid, ()>,
}

impl Sessions {
    pub(crate) fn new(live: LiveSessions, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        Self { live, clock, timer, recent: Recent::new(CAPACITY) }
    }

    /// Refuses a session that is not live. If that cannot be known, nobody gets in by its token: whoever took a device away
    /// from a thief relies on it.
    pub(crate) async fn check(&self, session: Uuid) -> Result<(), Error> {
        // Before the look-up: what is learnt counts from when it was asked.
        let now = self.clock.now();
        if self.recent.get(&session, now).is_some() {
            return Ok(());
        }
        let live = timeout(&*self.timer, PATIENCE, self.live.is_live(session)).await;
        if !live.unwrap_or_else(|| Err(KvError::Unavailable("no answer in time".to_owned())))? {
            return Err(Error::InvalidToken);
        }
        self.recent.insert(session, (), now, now + REMEMBERED);
        Ok(())
    }
}
