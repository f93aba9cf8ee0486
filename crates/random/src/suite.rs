//! The behaviour that every adapter of [`crate::Random`] must show.

mod draws;

use crate::Random;
use std::sync::Arc;
use vitrine_suite::{Outcome, check_eq};

vitrine_suite::cases! {
    CASES, run, random_suite, vitrine_random, Arc<dyn Random>;
    draws: every_byte_is_filled, no_draw_is_like_another, ids_are_different;
}
