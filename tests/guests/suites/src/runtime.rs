//! The ports that need nothing but the runtime: outbound HTTP, to the server that the variable `echo_url` names, rings, which
//! the same server hears, time, and randomness.

use crate::Ran;
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_guest::{SpinHttpOut, SpinTimer, variable};
use vitrine_http_out::suite::{LIMITS, STREAM_LIMITS, Subject};
use vitrine_random::SystemRandom;

/// Nothing grants it, and nobody need listen: the refusal comes first.
const DENIED: &str = "http://127.0.0.1:9/";

pub(crate) async fn http_out(case: &str) -> Ran {
    let out = Arc::new(SpinHttpOut::new(LIMITS).streaming(STREAM_LIMITS));
    let origin = variable("echo_url").await?;
    let subject = Subject { out, origin, denied: Some(DENIED.to_owned()), network: true };
    Ok(vitrine_http_out::suite::run(case, subject).await)
}

pub(crate) async fn ring(case: &str) -> Ran {
    let heard = format!("{}/heard", variable("echo_url").await?);
    let (ring, out) = (vitrine_guest::ring().await?, Arc::new(SpinHttpOut::new(LIMITS)));
    let subject = vitrine_events::suite::Subject { ring, out, heard, timer: Arc::new(SpinTimer) };
    Ok(vitrine_events::suite::run(case, subject).await)
}

pub(crate) async fn clock(case: &str) -> Ran {
    let subject = vitrine_clock::suite::Subject { clock: Arc::new(SystemClock), timer: Arc::new(SpinTimer) };
    Ok(vitrine_clock::suite::run(case, subject).await)
}

pub(crate) async fn random(case: &str) -> Ran {
    Ok(vitrine_random::suite::run(case, Arc::new(SystemRandom)).await)
}
