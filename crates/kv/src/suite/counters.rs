//! Counting.

use super::{Outcome, Subject, check_eq, check_is};
use crate::KvError;
use futures::future;

pub(super) async fn a_counter_begins_at_nothing(Subject { kv, .. }: Subject) -> Outcome {
    check_eq!(kv.increment("a", 1, None).await?, 1);
    check_eq!(kv.increment("a", 5, None).await?, 6);
    check_eq!(kv.increment("a", -10, None).await?, -4);
    check_eq!(kv.increment("b", 0, None).await?, 0);
    kv.delete("a").await?;
    check_eq!(kv.increment("a", 2, None).await?, 2);
    Ok(())
}

pub(super) async fn counting_together_loses_nothing(Subject { kv, .. }: Subject) -> Outcome {
    let mut sums = future::join_all((0..20).map(|_| kv.increment("a", 3, None))).await;
    sums.sort_by_key(|sum| sum.as_ref().ok().copied());
    check_eq!(sums, (1..=20).map(|n| Ok(n * 3)).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn a_counter_is_a_value_too(Subject { kv, .. }: Subject) -> Outcome {
    kv.increment("a", -12, None).await?;
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"-12"[..]));
    kv.set("a", "40", None).await?;
    check_eq!(kv.increment("a", 2, None).await?, 42);
    Ok(())
}

pub(super) async fn what_is_no_number_cannot_be_counted_on(Subject { kv, .. }: Subject) -> Outcome {
    for value in ["", "one", "1.5", " 1", "01", "9223372036854775808"] {
        kv.set("a", value, None).await?;
        check_is!(kv.increment("a", 1, None).await, Err(KvError::NotANumber));
        check_eq!(kv.get("a").await?.as_deref(), Some(value.as_bytes()));
    }
    Ok(())
}

pub(super) async fn a_sum_stays_within_64_bits(Subject { kv, .. }: Subject) -> Outcome {
    check_eq!(kv.increment("a", i64::MAX - 1, None).await?, i64::MAX - 1);
    check_eq!(kv.increment("a", 1, None).await?, i64::MAX);
    check_is!(kv.increment("a", 1, None).await, Err(KvError::NotANumber));
    check_eq!(kv.increment("b", i64::MIN, None).await?, i64::MIN);
    check_is!(kv.increment("b", -1, None).await, Err(KvError::NotANumber));
    check_eq!(kv.increment("b", i64::MAX, None).await?, -1);
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"9223372036854775807"[..]));
    Ok(())
}
