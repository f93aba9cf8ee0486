//! Rings, and what the relay hears of them.

use super::{Failure, Outcome, Subject, check_eq};
use bytes::Bytes;
use http::Request;
use std::time::Duration;

/// How often and how long it is looked whether a ring has come.
const LOOKS: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

async fn heard(at: &Subject) -> Result<u64, Failure> {
    let answer = at.out.send(Request::get(&at.heard).body(Bytes::new())?).await?;
    Ok(std::str::from_utf8(answer.body())?.parse()?)
}

/// Waits until more rings were heard than `before`, and says how many were.
async fn more(at: &Subject, before: u64) -> Result<u64, Failure> {
    for _ in 0..LOOKS {
        let now = heard(at).await?;
        if now > before {
            return Ok(now);
        }
        at.timer.sleep(PAUSE).await;
    }
    Err(Failure(format!("no more than {before} rings are heard")))
}

pub(super) async fn every_ring_is_heard_at_last(at: Subject) -> Outcome {
    let mut before = heard(&at).await?;
    for _ in 0..5 {
        at.ring.ring();
        before = more(&at, before).await?;
    }
    Ok(())
}

pub(super) async fn rings_at_once_become_few(at: Subject) -> Outcome {
    let before = heard(&at).await?;
    for _ in 0..50 {
        at.ring.ring();
    }
    // One for the first, and one for all that were rung meanwhile.
    let first = more(&at, before).await?;
    let last = if first == before + 1 { more(&at, first).await? } else { first };
    check_eq!(last, before + 2);
    Ok(())
}
