//! How long an answer takes says nothing about who exists.

use crate::support::{Fixture, fixture};
use std::{
    env,
    time::{Duration, Instant},
};

/// Tries of each kind; `VITRINE_TIMING_TRIES=1000` is the long form.
fn tries() -> usize {
    env::var("VITRINE_TIMING_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(31)
}

async fn time(fixture: &Fixture, login: &str) -> Duration {
    // As long as no delay is in force.
    fixture.clock.advance(Duration::from_secs(4 * 60 * 60));
    let start = Instant::now();
    let answer = fixture.login(login, "not the password").await;
    let took = start.elapsed();
    assert_eq!(answer.status, 401);
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test]
async fn a_login_of_nobody_takes_as_long_as_a_wrong_password() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    for (known, unknown) in [("ada", "eve"), ("ada@example.org", "eve@example.org")] {
        let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
        // One after the other, so that whatever else the machine does falls on both.
        for _ in 0..tries() {
            of_known.push(time(&fixture, known).await);
            of_unknown.push(time(&fixture, unknown).await);
        }
        let (known, unknown) = (median(of_known).as_secs_f64(), median(of_unknown).as_secs_f64());
        let ratio = unknown / known;
        assert!((0.75..1.33).contains(&ratio), "known {known} s, unknown {unknown} s");
    }
}
