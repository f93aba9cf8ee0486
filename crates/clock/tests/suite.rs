//! The behaviour suite of the clock port on the machine's clock, and on one that a test moves.

mod machine {
    use std::sync::Arc;
    use vitrine_clock::{SystemClock, TokioTimer, suite::Subject};

    vitrine_clock::clock_suite!(Subject { clock: Arc::new(SystemClock), timer: Arc::new(TokioTimer) });
}

mod fixed {
    use std::sync::Arc;
    use vitrine_clock::{FixedClock, Timestamp, suite::Subject};

    fn subject() -> Subject {
        let clock = FixedClock::at(Timestamp::EPOCH);
        Subject { timer: Arc::new(clock.clone()), clock: Arc::new(clock) }
    }

    vitrine_clock::clock_suite!(subject());
}
