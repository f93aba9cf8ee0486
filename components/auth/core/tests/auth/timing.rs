//! How long an answer takes says nothing about who exists. What takes the time is argon2, and how often that runs is counted in
//! `telling.rs`; here it is measured, in the long form only: `VITRINE_TIMING_TRIES=1000 cargo test --release -p auth-core timing`.

use crate::support::{Fixture, settings};
use auth_core::{Deployment, Hashing};
use std::{
    env,
    time::{Duration, Instant},
};
use vitrine_random::{SeededRandom, bytes};

/// Tries of each kind.
fn tries() -> Option<usize> {
    env::var("VITRINE_TIMING_TRIES").ok().and_then(|tries| tries.parse().ok())
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

/// How often one of `a` is longer than one of `b`: a half if nobody can tell them apart (Mann and Whitney's U over its most).
fn longer(a: &[Duration], b: &[Duration]) -> f64 {
    let wins: usize = a.iter().map(|a| b.iter().filter(|b| a > *b).count()).sum();
    let ties: usize = a.iter().map(|a| b.iter().filter(|b| a == *b).count()).sum();
    (wins as f64 + ties as f64 / 2.0) / (a.len() * b.len()) as f64
}

fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

#[tokio::test]
async fn a_login_of_nobody_takes_as_long_as_a_wrong_password() {
    let tries = tries();
    // A few tries at a low cost still see that every kind of login is answered.
    let count = tries.unwrap_or(3);
    let mut settings = settings();
    if tries.is_some() {
        settings.hashing = Hashing::new(19_456, 2, 1, Deployment::Production, &SeededRandom::new(1)).unwrap();
    }
    let fixture = Fixture::with(settings).await;
    fixture.register("ada").await;
    let random = SeededRandom::new(2);
    for (known, unknown) in [("ada", "eve"), ("ada@example.org", "eve@example.org")] {
        // In an order that chance decides, so that whatever else the machine does falls on all, and so does what is forgotten
        // as the clock goes on. The two of one kind say what noise is.
        let (logins, mut times) = ([known, known, unknown], [const { Vec::new() }; 3]);
        for _ in 0..count {
            let [from, step] = bytes::<2>(&random).map(usize::from);
            for kind in (0..3).map(|at| (from + at * (1 + step % 2)) % 3) {
                times[kind].push(time(&fixture, logins[kind]).await);
            }
        }
        let [first, second, of_nobody] = times;
        let (noise, told) = (longer(&first, &second), longer(&first, &of_nobody));
        let medians = [median(&first), median(&second), median(&of_nobody)];
        println!(
            "{known}, again, {unknown}: medians {medians:.3?} ms; longer than again {noise:.3}, than nobody {told:.3}"
        );
        if tries.is_some() {
            // Five standard deviations of what chance alone does, of as many tries.
            let chance = 5.0 * ((2 * count + 1) as f64 / (12 * count * count) as f64).sqrt();
            assert!((told - 0.5).abs() < chance.max(2.0 * (noise - 0.5).abs()), "told {told}, chance {chance}");
        }
    }
}
