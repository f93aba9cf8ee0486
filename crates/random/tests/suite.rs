//! The behaviour suite of the random port on the system's generator, and on one that a test can predict.

mod system {
    use std::sync::Arc;
    use vitrine_random::SystemRandom;

    vitrine_random::random_suite!(Arc::new(SystemRandom));
}

mod seeded {
    use std::sync::Arc;
    use vitrine_random::SeededRandom;

    vitrine_random::random_suite!(Arc::new(SeededRandom::new(7)));
}
