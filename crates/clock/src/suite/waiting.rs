//! Time that passes.

use super::{Outcome, Subject, check_eq};
use crate::timeout;
use futures::future;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(30);
/// What a clock that is read to the millisecond may show less.
const GRAIN: Duration = Duration::from_millis(1);

pub(super) async fn the_clock_shows_what_was_slept(of: Subject) -> Outcome {
    let start = of.clock.now();
    of.timer.sleep(Duration::ZERO).await;
    of.timer.sleep(SHORT).await;
    let slept = of.clock.now().since(start);
    check_eq!((slept, slept + GRAIN >= SHORT), (slept, true));
    Ok(())
}

pub(super) async fn no_sleep_ends_early(of: Subject) -> Outcome {
    let start = of.clock.now();
    let of = &of;
    let sleep = |times: u32| async move {
        of.timer.sleep(SHORT * times).await;
        (times, of.clock.now().since(start))
    };
    for (times, slept) in future::join_all((1..=10).map(sleep)).await {
        check_eq!((times, slept, slept + GRAIN >= SHORT * times), (times, slept, true));
    }
    Ok(())
}

pub(super) async fn work_in_time_is_kept(of: Subject) -> Outcome {
    check_eq!(timeout(&of.timer, SHORT, future::ready(7)).await, Some(7));
    let slow = async {
        of.timer.sleep(SHORT).await;
        7
    };
    check_eq!(timeout(&of.timer, Duration::from_secs(60), slow).await, Some(7));
    Ok(())
}

pub(super) async fn work_too_late_is_dropped(of: Subject) -> Outcome {
    check_eq!(timeout(&of.timer, SHORT, future::pending::<()>()).await, None);
    Ok(())
}
