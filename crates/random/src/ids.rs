//! Ids of entities, events and tokens.

use crate::{Random, SystemRandom, bytes};
use std::sync::Arc;
use uuid::{Builder, Uuid};
use vitrine_clock::{Clock, SystemClock};

/// Makes UUIDs of version 7 (RFC 9562): ordered by the millisecond in which they were made, random within it.
#[derive(Debug, Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ids {
    /// Ids of this clock and this source of random bytes.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// Ids of the machine's clock and generator.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// The next id.
    #[must_use]
    pub fn next(&self) -> Uuid {
        let millis = self.clock.now().as_millis().try_into().unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &bytes(&*self.random)).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;
    use std::time::Duration;
    use vitrine_clock::{FixedClock, Timestamp};

    #[test]
    fn version_7_in_the_order_of_time() {
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededRandom::new(1)));
        let (first, second) = (ids.next(), ids.next());
        clock.advance(Duration::from_millis(1));
        let third = ids.next();
        assert_eq!(first.get_version_num(), 7);
        assert_ne!(first, second);
        assert!(third > first && third > second);
    }
}
