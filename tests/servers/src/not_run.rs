//! Tests that lack what they need.

use std::env;

/// Set by `cargo xtask test --backends`: there, everything that tests need is there.
const MUST_RUN: &str = "VITRINE_MUST_RUN";

/// Says that a test is not run, and why.
///
/// # Panics
/// Where `VITRINE_MUST_RUN` is set: there a test that is not run must not count as passed.
pub fn not_run(why: &str) {
    assert!(env::var_os(MUST_RUN).is_none(), "not run: {why}; but {MUST_RUN} is set, so everything must run");
    eprintln!("not run: {why}");
}
